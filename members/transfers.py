"""Giving a member to another organization: one side of a movement, or the whole file; and ending a side.

What crosses the actor's scope is written by database functions (members/sql/transfers.sql), which ask for the right
again. All refuse with `MemberRefused`, whose text may be shown; `by` must be the actor of the transaction.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from members import services
from members.enums import Direction, MemberState, TransferKind, TransferState
from members.models import Member, Movement, Transfer
from members.services import MemberRefused
from portal import access
from portal.asking import ask_database
from portal.models import AuditEntry, Organization
from portal.roles import Right

DIRECTION_OF = {TransferKind.HOST: Direction.OUTFLOW, TransferKind.HOME: Direction.INFLOW}
OUTSIDE_STATES = (MemberState.TRANSFERRED, MemberState.LEFT)


def access_transfer(actor: access.Actor, pk: uuid.UUID) -> Transfer:
    """The transfer, if the actor works on one of its ends. Raises Http404 alike for absent and out of scope."""
    found = Transfer.objects.visible_to(actor).select_related("from_organization", "to_organization", "ended_by")
    row = found.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def propose_transfer(*, member: Member, kind: str, to: Organization, by: access.Actor, note: str = "") -> Transfer:
    """Offer a side of the member (TransferKind host or home) or the whole file (manage) to another organization.

    An actor who works on both ends needs nobody's answer: the transfer is accepted at once. `note` goes to the other
    side with the offer. Raises PermissionDenied without the right on the managing organization, MemberRefused where
    the same was asked already or cannot be asked.
    """
    _check(by, member.organization)
    row = _new_row(member, TransferKind(kind), note)
    row.to_organization = to
    with transaction.atomic():
        values = [row.pk, row.data_key, member.pk, row.kind, to.pk, row.handed_over_sealed, row.handed_over_digest]
        outcome = ask_database("propose_transfer", *values)
        if outcome != "proposed":
            raise MemberRefused(_why_not(outcome))
        row = access_transfer(by, row.pk)
        return accept_transfer(transfer=row, by=by) if access.may(Right.CHANGE_MEMBERS, to) else row


def transfer_outside(
    *, member: Member, kind: str, to: str, by: access.Actor, note: str = "", ending: tuple[str, str] | None = None
) -> Transfer:
    """Note that a side, or the whole file, went to an organization outside the portal (`to`, a name): done at once.

    `ending`, for the whole file: (state of OUTSIDE_STATES, partial date): the open movements end on that day.
    Raises as propose_transfer.
    """
    _check(by, member.organization)
    to = to.strip()
    if not to:
        raise MemberRefused(_("Please name the other organization."))
    row = _new_row(member, TransferKind(kind), note)
    with transaction.atomic():
        if row.kind == TransferKind.MANAGE:
            state, ended_on = ending or ("", "")
            if state not in OUTSIDE_STATES:
                raise MemberRefused(_("Please choose what becomes of the file."))
            services.set_state(member=member, state=state, by=by, ended_on=ended_on)
        else:
            movement = member.movements.filter(direction=DIRECTION_OF[TransferKind(kind)], ended_on="").first()
            if movement is None:
                raise MemberRefused(_why_not("no_movement"))
            movement.member = member
            if getattr(movement, f"{kind}_organization_id"):
                raise MemberRefused(_why_not("has_side"))
            services.change_movement(movement=movement, values={f"{kind}_text": to}, by=by)
        values = [row.pk, row.data_key, member.pk, row.kind, to, row.handed_over_sealed, row.handed_over_digest]
        ask_database("note_transfer_outside", *values)
    return access_transfer(by, row.pk)


def accept_transfer(*, transfer: Transfer, by: access.Actor) -> Transfer:
    """Take over what is offered; the member is in reach from then on, and of what was handed over the name stays.

    Raises PermissionDenied without the right on the receiving organization, MemberRefused where it was decided
    meanwhile, or where the file cannot be taken over (one text whatever the reason).
    """
    access.must_act(by)
    if transfer.handed_over_sealed:
        transfer.handed_over = _as_text({"name": json.loads(transfer.handed_over)["name"]})
    outcome = ask_database("accept_transfer", transfer.pk, transfer.handed_over_sealed, transfer.handed_over_digest)
    return _decided(transfer, outcome, by)


def return_transfer(*, transfer: Transfer, reason: str, by: access.Actor) -> Transfer:
    """Send an offer back with a reason, which the other side reads. What was handed over is wiped."""
    access.must_act(by)
    if not reason.strip():
        raise MemberRefused(_("Please say why it is sent back."))
    transfer.answer = reason
    outcome = ask_database("return_transfer", transfer.pk, transfer.answer_sealed, transfer.answer_digest)
    return _decided(transfer, outcome, by)


def withdraw_transfer(*, transfer: Transfer, by: access.Actor) -> Transfer:
    """Take an own offer back. What was handed over is wiped."""
    access.must_act(by)
    return _decided(transfer, ask_database("withdraw_transfer", transfer.pk), by)


def other_side(movement: Movement) -> Organization | None:
    """The organization of the side that does not manage the file, while the movement is open; None where outside."""
    if movement.ended_on:
        return None
    host_side = movement.direction == Direction.OUTFLOW
    found = movement.host_organization if host_side else movement.home_organization
    return found if found and found.pk != movement.member.organization_id else None


def end_side(*, movement: Movement, ended_on: dt.date, reason: str, by: access.Actor) -> Transfer:
    """End the two-sidedness of a movement: the organization that does not manage the file becomes text.

    Either side may; the other reads `reason` in its list of transfers. Raises PermissionDenied on neither side,
    MemberRefused for a day to come, without a reason, or where the side ended already.
    """
    access.must_act(by)
    other = other_side(movement)
    if ended_on > timezone.localdate():
        raise MemberRefused(_("This day is still to come."))
    if not reason.strip():
        raise MemberRefused(_("Please say why it ends."))
    if other is None:
        raise MemberRefused(_why_not("over"))
    kind = TransferKind.HOST if movement.direction == Direction.OUTFLOW else TransferKind.HOME
    made_it = Transfer.objects.visible_to(by).filter(
        member=movement.member, kind=kind, state=TransferState.ACCEPTED, to_organization=other
    )
    row = made_it.first() or _new_row(movement.member, kind, "")
    row.answer = reason
    values = [movement.pk, row.pk, row.data_key, ended_on, row.handed_over_sealed, row.handed_over_digest]
    outcome = ask_database("end_side", *values, row.answer_sealed, row.answer_digest)
    return _decided(row, outcome, by)


def move_members(*, members: Iterable[Member] | models.QuerySet, organization: Organization, by: access.Actor) -> int:
    """Give files to another organization where the actor works on both ends: one step, all or nothing.

    Returns how many were elsewhere before. A handful of statements whatever the number. Raises PermissionDenied
    without the right on the target, Http404 for a member out of sight, MemberRefused where somebody is managed by
    others or has a file there already.
    """
    _check(by, organization)
    wanted = _keys(members)
    with services._one_neutral_refusal():
        reach = Member.objects.filter(pk__in=wanted, organization__in=access.organization_ids(Right.CHANGE_MEMBERS))
        # locked in one order, so that two moves at once wait for each other instead of colliding
        locked = dict(reach.order_by("pk").select_for_update(no_key=True).values_list("pk", "organization_id"))
        if set(locked) != wanted:
            _refuse_foreign(wanted - set(locked), by)
        moving = [pk for pk, node in locked.items() if node != organization.pk]
        _refuse_twins(moving, organization)
        Member.objects.filter(pk__in=moving).update(organization=organization, updated_at=timezone.now())
    if moving:
        AuditEntry.objects.create(
            actor=str(by), action="move_members", organization=organization, object_type="member",
            detail={"count": len(moving)},
        )  # fmt: skip
    return len(moving)


def _keys(members: Any) -> set[uuid.UUID]:
    if isinstance(members, models.QuerySet):
        return set(members.order_by().values_list("pk", flat=True))
    return {member.pk for member in members}


def _refuse_foreign(missing: set[uuid.UUID], by: access.Actor) -> None:
    """Out of sight is absent; a visible member of somebody else has to be asked for."""
    if Member.objects.visible_to(by).filter(pk__in=missing).count() != len(missing):
        raise Http404
    raise MemberRefused(
        _("Nothing was moved: another organization keeps some of these files. Only that one can hand them on.")
    )


def _refuse_twins(moving: list[uuid.UUID], organization: Organization) -> None:
    """The actor works on both ends, so the name may be said."""
    there = Member.objects.filter(organization=organization, id_number_digest=models.OuterRef("id_number_digest"))
    twin = Member.objects.filter(models.Exists(there), pk__in=moving, id_number_digest__isnull=False).first()
    if twin is not None:
        sentence = _("Nothing was moved: %(organization)s has a file with the ID number of %(name)s already.")
        raise MemberRefused(sentence % {"organization": organization, "name": twin.name})


def _new_row(member: Member, kind: TransferKind, note: str) -> Transfer:
    """An unsaved transfer with what the other side may read before it accepts."""
    row = Transfer(member=member, kind=kind, from_organization=member.organization)
    mobile = member.mobile
    row.handed_over = _as_text(
        {
            "name": member.name,
            "gender": member.gender,
            "birth_year": member.birth_date[:4],
            "mobile_tail": mobile[-4:] if len(mobile) >= 8 else "",
            "note": note.strip(),
        }
    )
    return row


def _as_text(facts: dict[str, str]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _decided(transfer: Transfer, outcome: str, by: access.Actor) -> Transfer:
    if outcome in ("over", "impossible"):
        raise MemberRefused(_why_not(outcome))
    return access_transfer(by, transfer.pk)


def _why_not(outcome: str) -> str:
    return {
        "open": _("This was proposed already and waits for an answer."),
        "no_movement": _("Please enter the movement first: nobody is away in this direction now."),
        "has_side": _("Another organization on the portal has this side now. Please end that first."),
        "no_target": _("This organization cannot be chosen."),
        "over": _("This has been decided or withdrawn meanwhile."),
        "impossible": _("This cannot be accepted. Please ask your superior office to look into it."),
    }[outcome]


def _check(by: access.Actor, organization: Organization) -> None:
    access.must_act(by)
    access.require(Right.CHANGE_MEMBERS, organization)
