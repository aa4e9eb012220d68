"""Visits of care: planned for a festival, done once, counted as a contact."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.care.festivals import Festival
from contacts.models import Liaison
from contacts.querysets import OfOrganizationQuerySet
from members.models import Member
from portal.fields import Sealed
from portal.models import Organization


class CareVisit(models.Model):
    """One visit of one member by an organization for one festival of a year; without `visited_on` it is planned.

    A visit that was made counts as a contact, where the interval says so (contacts/sql/care.sql).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="care_visits", db_index=False, verbose_name=_("floating member")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    festival = models.CharField(_("festival"), max_length=12, choices=Festival)
    year = models.PositiveSmallIntegerField(_("year"))
    planned_for = models.DateField(_("planned for"))
    visitor = models.ForeignKey(
        Liaison, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who visits")
    )
    visited_on = models.DateField(_("visited on"), null=True, blank=True)
    note = Sealed("need_text")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    sealed_by = "member"
    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit of care")
        verbose_name_plural = _("visits of care")
        default_permissions = ()
        ordering = ["planned_for", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "organization", "festival", "year"], name="care_visit_once_a_festival"
            ),
            models.CheckConstraint(condition=models.Q(festival__in=Festival.values), name="care_festival_known"),
        ]
        indexes = [models.Index(fields=["organization", "year", "festival"], name="care_visit_plan")]

    def __str__(self) -> str:
        return f"{self.get_festival_display()} {self.year}"
