"""What concerns two organizations at once: two files of one person, and a side or a file that is handed over."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.enums import SameReason, SameState, TransferKind, TransferState
from portal import access
from portal.fields import DataKeyField, Sealed
from portal.models import Organization


class SamePersonCase(models.Model):
    """Two files with one ID number under two managing organizations, for the superior of both to settle.

    Opened, asked about, linked and undone by database functions only (members/sql/same_people.sql). Holds ids and
    states: nothing that says who it is. `first` has the smaller id; answers are "", "yes" or "no". While linked, `kept`
    is the one file, `movement` its episode that now names the other side, `former_organization` what stood there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    first = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    second = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=SameState, default=SameState.OPEN)
    first_answer = models.CharField(max_length=3, blank=True, default="")
    second_answer = models.CharField(max_length=3, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=12, choices=SameReason, blank=True, default="")
    kept = models.ForeignKey("members.Member", models.CASCADE, null=True, related_name="+")
    movement = models.ForeignKey("members.Movement", models.SET_NULL, null=True, related_name="+")
    former_organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField(_("found at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("case of possibly the same person")
        verbose_name_plural = _("possibly the same person")
        default_permissions = ()
        ordering = ["-found_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="same_person_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="same_person_in_order"),
            models.CheckConstraint(condition=models.Q(state__in=SameState.values), name="same_person_state_known"),
            models.CheckConstraint(
                condition=models.Q(reason__in=["", *SameReason.values]), name="same_person_reason_known"
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="same_person_organization")]


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, actor: access.Actor, right: str = "change_members") -> "TransferQuerySet":
        """Transfers from or to an organization on which the actor holds the right."""
        access.must_act(actor)
        reach = access.organization_ids(right)
        return self.filter(models.Q(from_organization__in=reach) | models.Q(to_organization__in=reach))


class Transfer(models.Model):
    """One side of a member, or the whole file, offered to another organization. Written by database functions only.

    Until it is accepted the receiving side reads `handed_over` (JSON: name, gender, birth_year, mobile_tail, note) and
    nothing of the member's own row; what is returned or withdrawn is wiped, and of what is accepted the name stays.
    `to_text` names an organization outside the portal. `answer` is the reason for sending back or ending.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    member = models.ForeignKey(
        "members.Member", models.CASCADE, related_name="transfers", verbose_name=_("floating member")
    )  # fmt: skip
    kind = models.CharField(_("what is asked"), max_length=6, choices=TransferKind)
    state = models.CharField(_("state"), max_length=10, choices=TransferState, default=TransferState.PROPOSED)
    from_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("from"))
    to_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("to")
    )  # fmt: skip
    to_text = models.CharField(_("to (outside)"), max_length=100, blank=True)
    handed_over = Sealed("transfer_handed_over")
    answer = Sealed("transfer_answer")
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)
    ended_by = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )  # fmt: skip

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        default_permissions = ()
        ordering = ["-proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=models.Q(state="proposed"), name="transfer_one_open"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=TransferKind.values), name="transfer_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(
                condition=models.Q(to_organization__isnull=False) | ~models.Q(to_text=""), name="transfer_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["from_organization", "state", "-proposed_at"], name="transfer_from"),
            models.Index(fields=["to_organization", "state", "-proposed_at"], name="transfer_to"),
        ]

    @property
    def target(self) -> str:
        """The receiving organization's name."""
        return str(self.to_organization) if self.to_organization else self.to_text
