"""A plain log of activities and who came; planning, sign-up and check-in build on it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.enums import ActivityKind
from activities.querysets import ActivityQuerySet
from members.models import Member
from portal.history import track_rows
from portal.models import Organization


@track_rows(exclude=["created_at"])
class Activity(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    title = models.CharField(_("title"), max_length=100)
    kind = models.CharField(_("kind of activity"), max_length=14, choices=ActivityKind, default=ActivityKind.THEME_DAY)
    held_on = models.DateField(_("held on"))
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1, default=1)
    place = models.CharField(_("place"), max_length=100, blank=True)
    summary = models.TextField(_("summary"), blank=True, max_length=2000)
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        default_permissions = ()
        ordering = ["-held_on", "id"]
        indexes = [models.Index(fields=["organization", "-held_on"], name="activity_recent")]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="attendances", verbose_name=_("activity"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="attendances", verbose_name=_("floating member"))
    is_late_entry = models.BooleanField(_("entered later"), default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance list")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["activity", "member"], name="attendance_once")]
        indexes = [models.Index(fields=["member"], name="attendance_member")]


from activities.parcels.models import Parcel, ParcelState  # noqa: E402  these build on the models above

__all__ = ["Activity", "Attendance", "Parcel", "ParcelState"]
