"""Reminders of dates: which ones an office wants, and what came of it for whom."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.care.festivals import Festival
from contacts.dates.enums import DateKind, DateState
from contacts.dates.querysets import DateReminderQuerySet
from contacts.querysets import OfOrganizationQuerySet
from members.models import Member
from portal.history import track_rows
from portal.models import Organization

MOST_DAYS = 180


@track_rows()
class DateRule(models.Model):
    """Whether an organization wants the reminders of one kind, and how many days before. Inherited: the nearest row at
    or above counts. Nothing is told of days before `on_since`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", db_index=False, verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DateKind)
    is_on = models.BooleanField(_("switched on"))
    days_before = models.PositiveSmallIntegerField(
        _("days before"), default=0, validators=[MaxValueValidator(MOST_DAYS)]
    )
    on_since = models.DateField(_("since"), default=timezone.localdate)

    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of date reminders")
        verbose_name_plural = _("rules of date reminders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="date_rule_once"),
            models.CheckConstraint(condition=models.Q(kind__in=DateKind.values), name="date_rule_kind_known"),
            models.CheckConstraint(condition=models.Q(days_before__lte=MOST_DAYS), name="date_rule_days_known"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_kind_display()}"


class DateReminder(models.Model):
    """One date of one member, or one festival of an office, from `announce_on` until somebody ticks it off.

    Written by portal.plan_dates alone, once for each kind, member and day; people change the state.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, related_name="date_reminders", db_index=False,
        verbose_name=_("floating member"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=DateKind)
    festival = models.CharField(_("festival"), max_length=12, choices=Festival, blank=True)
    day = models.DateField(_("day"))
    announce_on = models.DateField(_("told from"))
    state = models.CharField(_("state"), max_length=10, choices=DateState, default=DateState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("done by"),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("done at"), null=True)

    objects = DateReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("date reminder")
        verbose_name_plural = _("date reminders")
        default_permissions = ()
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "day"], condition=models.Q(member__isnull=False), name="date_member_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "day"], condition=models.Q(member=None), name="date_office_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=DateState.values), name="date_state_known"),
        ]
        indexes = [
            models.Index(fields=["organization", "day"], condition=models.Q(state="open"), name="date_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"
