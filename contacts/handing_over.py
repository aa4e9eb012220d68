"""Who takes over: the members of a liaison who leaves or has too many, and those whom nobody looks after."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from contacts.models import Liaison, LiaisonAssignment
from contacts.numbers import without_liaison
from contacts.services import assign_many
from members.models import Member
from portal import access
from portal.roles import Right

MOST = 100
"""Members on one page."""


@dataclass
class Load:
    """How many members a liaison looks after now, and with what is proposed."""

    liaison: Liaison
    now: int
    then: int


def waiting_members(leaving: Liaison | None) -> Any:
    """The members of this liaison whose file an organization in reach manages; None: members without a liaison."""
    ours = access.organization_ids(Right.ASSIGN_LIAISONS)
    if leaving is None:
        members = without_liaison().filter(organization__in=ours)
    else:
        held = LiaisonAssignment.objects.open().filter(liaison=leaving, is_primary=True)
        members = Member.objects.filter(pk__in=held.values("member_id"), organization__in=ours)
    return members.select_related("organization").order_by("organization__code", "name_pinyin", "id")


def successors(by: access.Actor, leaving: Liaison | None) -> list[Load]:
    """Everybody who may take members over, with their load; in a fixed order."""
    current = Q(assignments__ended_on=None, assignments__is_primary=True, assignments__isnull=False)
    rows = Liaison.objects.active().looking_after().visible_to(by, Right.ASSIGN_LIAISONS)
    rows = rows.exclude(pk=leaving.pk) if leaving is not None else rows
    rows = rows.annotate(load=Count("assignments", filter=current)).select_related("organization")
    return [Load(row, row.load, row.load) for row in rows.order_by("organization__code", "name", "id")]  # type: ignore[attr-defined]


def propose(members: Iterable[Member], loads: list[Load]) -> dict[uuid.UUID, Liaison | None]:
    """A successor for each member, and the loads with them: somebody of the own community, or of an office above or a
    branch below it, always whoever has the fewest then. None where nobody fits."""
    proposed: dict[uuid.UUID, Liaison | None] = {}
    for member in members:
        own = [load for load in loads if load.liaison.organization_id == member.organization_id]
        chosen = min(
            own or [load for load in loads if _in_line(load, member)], key=lambda load: load.then, default=None
        )
        proposed[member.pk] = chosen.liaison if chosen else None
        if chosen:
            chosen.then += 1
    return proposed


def _in_line(load: Load, member: Member) -> bool:
    one, other = load.liaison.organization.path, member.organization.path
    return other.startswith(f"{one}.") or one.startswith(f"{other}.")


def hand_over(
    chosen: Mapping[uuid.UUID, uuid.UUID], *, by: access.Actor, leaving: Liaison | None, ends_work: bool = False
) -> Counter[str]:
    """Give each member (key) to a liaison (value), all or none; `ends_work` then ends the work of who leaves.

    Returns how many members each successor has got, by name. Raises ValidationError when the list has changed since it
    was shown: somebody has handed one of these members over already. Other errors as in assign_many.
    """
    got: Counter[str] = Counter()
    with transaction.atomic():
        members = {member.pk: member for member in waiting_members(leaving).filter(pk__in=list(chosen))}
        if len(members) != len(chosen):
            raise ValidationError(_("The list has changed meanwhile. Please look at it again."))
        takers = {load.liaison.pk: load.liaison for load in successors(by, leaving)}
        for liaison in sorted(set(chosen.values())):
            if liaison not in takers:
                raise ValidationError(_("This liaison is not active any more."))
            theirs = [members[pk] for pk, taker in chosen.items() if taker == liaison]
            got[takers[liaison].name] += assign_many(members=theirs, liaison=takers[liaison], by=by)
        if leaving is not None and ends_work:
            access.require(Right.ASSIGN_LIAISONS, leaving.organization)
            if LiaisonAssignment.objects.open().filter(liaison=leaving, is_primary=True).exists():
                raise ValidationError(
                    _("Some people are still without a successor. The work goes on until they have one.")
                )
            leaving.is_active = False
            leaving.save(update_fields=["is_active"])
    return got
