"""Who takes over: the members of a liaison who leaves or has too many, and those whom nobody looks after."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
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
    capacity: int

    @property
    def is_full(self) -> bool:
        return self.then >= self.capacity

    @property
    def is_over(self) -> bool:
        return self.then > self.capacity


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
    rows = Liaison.objects.active().looking_after().visible_to(by, Right.ASSIGN_LIAISONS)
    rows = rows.exclude(pk=leaving.pk) if leaving is not None else rows
    rows = rows.with_load().select_related("organization")
    return [Load(row, row.load, row.load, row.capacity) for row in rows.order_by("organization__code", "name", "id")]


def propose(members: Iterable[Member], loads: list[Load]) -> dict[uuid.UUID, Liaison | None]:
    """A successor for each member, and the loads with them: the deputy, else somebody of the own community, or of an
    office above or a branch below it, always whoever has the fewest then. Nobody gets more than the limit while
    somebody else in question has room. None where nobody fits."""
    members = list(members)
    deputies = deputies_of(members)
    proposed: dict[uuid.UUID, Liaison | None] = {}
    for member in members:
        chosen = _chosen(member, loads, deputies.get(member.pk, set()))
        proposed[member.pk] = chosen.liaison if chosen else None
        if chosen:
            chosen.then += 1
    return proposed


def deputies_of(members: Iterable[Member]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Member → the liaisons who stand in for the own one."""
    rows = LiaisonAssignment.objects.open().filter(member__in=[member.pk for member in members], is_primary=False)
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for member, liaison in rows.values_list("member_id", "liaison_id"):
        found.setdefault(member, set()).add(liaison)
    return found


def _chosen(member: Member, loads: list[Load], deputies: set[uuid.UUID]) -> Load | None:
    own = [load for load in loads if load.liaison.organization_id == member.organization_id]
    line = [load for load in loads if _in_line(load, member)]
    first = [load for load in loads if load.liaison.pk in deputies]
    for group in (first, [load for load in own if not load.is_full], [load for load in line if not load.is_full]):
        if group:
            return min(group, key=lambda load: load.then)
    return min(own or line, key=lambda load: load.then, default=None)


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
