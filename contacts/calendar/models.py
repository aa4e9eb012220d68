"""Days off and adjusted workdays (调休): the country's, and what an organization set for itself and those below."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.querysets import OfOrganizationQuerySet
from portal.history import track_rows
from portal.models import Organization


@track_rows()
class CalendarDay(models.Model):
    """A day that is not what its weekday says. Without an organization it is the country's, written by every migrate
    (contacts/calendar/national.py); an organization's own day counts there and below, the nearest one first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", verbose_name=_("organization")
    )
    day = models.DateField(_("day"))
    is_workday = models.BooleanField(_("workday"))
    name = models.CharField(_("holiday"), max_length=40, blank=True)

    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("day off or adjusted workday")
        verbose_name_plural = _("days off and adjusted workdays")
        default_permissions = ()
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["day", "organization"], nulls_distinct=False, name="calendar_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()
