"""What an organization decides about its own side of one member: a pause, no contact needed, an interval of its own.

The dates follow in the database (contacts/sql/obligations.sql), in the same transaction. A pause is over by the
calendar: no job ends it.
"""

import datetime as dt
import uuid
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import DecisionKind, Side, Standing
from contacts.models import ContactObligation, DutyDecision
from contacts.services import own_file
from members.models import Member
from portal import access
from portal.roles import Right

LONGEST_PAUSE_DAYS = 366


class Terms(TypedDict, total=False):
    reason: str
    note: str
    until_on: dt.date | None
    target_days: int | None
    limit_days: int | None


def own_duties(member: Member) -> list[ContactObligation]:
    """The sides of this member that the current actor may decide about, if only to pause them: of its organizations, on
    the portal."""
    nodes = {*access.organization_ids(Right.ASSIGN_LIAISONS), *access.organization_ids(Right.LOG_CONTACTS)}
    rows = ContactObligation.objects.current().filter(member=member, organization__in=nodes)
    rows = rows.exclude(side=Side.MEMBER).exclude(standing=Standing.OUTSIDE)
    return list(rows.select_related("organization").with_state(timezone.localdate()).order_by("side"))


def may_decide(kind: str, organization: Any) -> bool:
    """A pause is for whoever logs contacts there; an exemption and an interval are for who assigns liaisons."""
    return access.may(Right.ASSIGN_LIAISONS, organization) or (
        kind == DecisionKind.PAUSE and access.may(Right.LOG_CONTACTS, organization)
    )


def decide(*, member: Member, side: str, kind: str, by: access.Actor, **terms: Unpack[Terms]) -> DutyDecision:
    """Pause, except or speed up one side of a member from today; an earlier decision of this kind ends.

    A pause needs `until_on` (its last day), an interval `target_days` and `limit_days`. Raises PermissionDenied for a
    side that is not the actor's, ValidationError for terms that make no sense.
    """
    access.must_act(by)
    duty = next((row for row in own_duties(member) if row.side == side), None)
    if duty is None or not may_decide(kind, duty.organization):
        raise PermissionDenied(Right.ASSIGN_LIAISONS)
    _check(kind, terms)
    file = own_file(member, duty.organization_id)
    decision = DutyDecision(
        member=file, organization_id=duty.organization_id, side=side, kind=kind, reason=terms.get("reason", ""),
        made_by_id=by.user_id,
    )  # fmt: skip
    decision.note = terms.get("note", "").strip()
    if kind == DecisionKind.PAUSE:
        decision.until_on = terms.get("until_on")
    elif kind == DecisionKind.INTERVAL:
        decision.target_days, decision.limit_days = terms.get("target_days"), terms.get("limit_days")
    decision.clean_fields(exclude=["member", "organization", "made_by", "ended_by", "ended_on"])
    with transaction.atomic():
        # two at once come one after the other
        Member.objects.filter(pk=file.pk).select_for_update(no_key=True).values_list("pk").first()
        _finish(DutyDecision.objects.open().filter(member=file, side=side, kind=kind), by)
        decision.save(force_insert=True)
    return decision


def end_decision(pk: uuid.UUID, *, member: Member, by: access.Actor) -> None:
    """Take a decision about this member back. Raises Http404 where there is none in force within the actor's reach."""
    access.must_act(by)
    files = [member, *member.linked_files]
    found = DutyDecision.objects.visible_to(by).open().filter(pk=pk, member__in=files)
    row = found.select_related("organization").first()
    if row is None or not may_decide(row.kind, row.organization) or not _finish(found, by):
        raise Http404


def decisions_about(member: Member, actor: access.Actor, today: dt.date | None = None) -> list[DutyDecision]:
    """What is in force today about the sides of the actor's own organizations, in this file and those linked to it."""
    today = today or timezone.localdate()
    files = {file.pk: file for file in (member, *member.linked_files)}
    rows = DutyDecision.objects.visible_to(actor).open().filter(member__in=list(files)).order_by("side", "kind")
    found = [row for row in rows if row.until_on is None or row.until_on >= today]
    for row in found:
        row.member = files[row.member_id]  # holds the key that opens the note
    return found


def _finish(rows: Any, by: access.Actor) -> int:
    return rows.update(ended_on=timezone.localdate(), ended_by_id=by.user_id)


def _check(kind: str, terms: Terms) -> None:
    today, until = timezone.localdate(), terms.get("until_on")
    if kind == DecisionKind.PAUSE:
        if until is None or until <= today:
            raise ValidationError({"until_on": _("Please give the last day of the pause; it lies in the future.")})
        if until > today + dt.timedelta(days=LONGEST_PAUSE_DAYS):
            raise ValidationError({"until_on": _("A pause lasts one year at most.")})
    if kind == DecisionKind.INTERVAL:
        target, limit = terms.get("target_days"), terms.get("limit_days")
        if not target or not limit:
            raise ValidationError({"target_days": _("Please give both numbers of days.")})
        if limit < target:
            raise ValidationError({"limit_days": _("The limit cannot be shorter than the target.")})
