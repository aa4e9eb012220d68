"""A file of which nobody can be reached: what was tried, and what a deciding body decided."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.enums import Side
from members.models import Member
from portal.fields import Sealed
from portal.history import track_rows
from portal.models import Organization


class LostState(models.TextChoices):
    PROPOSED = "proposed", _("being checked")
    DECIDED = "decided", _("decided: contact lost")
    DISMISSED = "dismissed", _("not decided so")
    REVERSED = "reversed", _("decision taken back")
    FOUND = "found", _("reached again")


OPEN = (LostState.PROPOSED.value, LostState.DECIDED.value)


@track_rows(indexes=())
class LostCase(models.Model):
    """One check of whether contact with a member is lost, and the decision that a party body took about it.

    The portal records the decision; it takes none. One open case a member. `organization` manages the file, on the home
    side. `evidence` is the log as it stood at the decision (JSON). A success of any side closes the case in the same
    transaction (contacts/sql/lost.sql).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="lost_cases", verbose_name=_("floating member"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    state = models.CharField(_("state"), max_length=10, choices=LostState, default=LostState.PROPOSED)
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    family_on = models.DateField(null=True)
    counterpart_on = models.DateField(null=True)
    employer_approved_on = models.DateField(null=True)
    employer_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    employer_on = models.DateField(null=True)
    note = Sealed("contact_note")
    body = models.CharField(_("deciding body"), max_length=100, blank=True)
    decided_on = models.DateField(_("decided on"), null=True)
    number = models.CharField(_("number of the minutes or of the approval"), max_length=60, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    evidence = Sealed("contact_note")
    batch = models.UUIDField(null=True, editable=False)  # the ledger that says so: goes with it when it is undone
    closed_on = models.DateField(null=True)

    sealed_by = "member"

    class Meta:
        verbose_name = _("check of a lost contact")
        verbose_name_plural = _("checks of lost contacts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=models.Q(closed_on=None), name="lost_one_open"),
            models.CheckConstraint(condition=models.Q(state__in=LostState.values), name="lost_state_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN, closed_on=None)
                | ~models.Q(state__in=OPEN) & models.Q(closed_on__isnull=False),
                name="lost_closed_has_a_day",
            ),
            # the portal records what a body decided: which one, when, under which number
            models.CheckConstraint(
                condition=~models.Q(state="decided")
                | ~models.Q(body="") & ~models.Q(number="") & models.Q(decided_on__isnull=False),
                name="lost_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(employer_on=None) | models.Q(employer_approved_on__isnull=False),
                name="lost_employer_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_on} {self.get_state_display()}"


class ReportKind(models.TextChoices):
    FACTS = "facts", _("cannot be reached")
    DECIDED = "decided", _("decided: contact lost")
    REVERSED = "reversed", _("decision taken back")
    FOUND = "found", _("reached again")


class LostReport(models.Model):
    """What one side of a member told the other about a lost contact; never changed. Both read it by their right to see
    members, and nobody else. `receiver` is None for an organization outside the portal: it got the printed letter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="lost_reports", db_index=False,
                               verbose_name=_("floating member"))  # fmt: skip
    sender = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("told by"))
    receiver = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("told to"))
    receiver_text = models.CharField(_("organization outside the portal"), max_length=200, blank=True)
    side = models.CharField(_("side"), max_length=6, choices=Side)
    kind = models.CharField(_("what was told"), max_length=8, choices=ReportKind)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    first_on = models.DateField(null=True)
    latest_on = models.DateField(null=True)
    body = models.CharField(_("deciding body"), max_length=100, blank=True)
    number = models.CharField(_("number of the minutes or of the approval"), max_length=60, blank=True)
    decided_on = models.DateField(_("decided on"), null=True)
    told_on = models.DateField(_("told on"), default=timezone.localdate)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("report of a lost contact")
        verbose_name_plural = _("reports of lost contacts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "side", "kind", "told_on"], name="lost_report_once_a_day"),
            models.CheckConstraint(condition=models.Q(kind__in=ReportKind.values), name="lost_report_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(kind="decided")
                | ~models.Q(body="") & ~models.Q(number="") & models.Q(decided_on__isnull=False),
                name="lost_report_decision_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.told_on} {self.get_kind_display()}"
