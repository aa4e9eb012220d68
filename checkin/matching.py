"""Whose file a report-in may belong to. Looks only at members within the actor's reach; a person decides."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from checkin.models import ReportIn
from members.models import Member, Phone
from members.names import search_keys
from portal import access
from portal.roles import Right

MOST_NAMESAKES = 200


@dataclass(frozen=True)
class Match:
    """A member who may be the person; the same mobile number weighs more than the same name.

    `is_former`: the number was the member's, or is a further one. `has_tail`: whether the end of the ID number fits;
    None where one of the two is not known.
    """

    member: Member
    has_mobile: bool
    has_name: bool
    is_former: bool = False
    has_tail: bool | None = None

    @property
    def is_clear(self) -> bool:
        """Name and number are the file's: the clerk need not choose. A number alone may be the family's."""
        return self.has_mobile and self.has_name and self.has_tail is not False

    @property
    def weight(self) -> tuple[int, ...]:
        """The likeliest first."""
        told = {True: 0, None: 1, False: 2}[self.has_tail]
        return (not self.has_mobile, told, not self.has_name, self.is_former)


def suggest_members(report_ins: Iterable[ReportIn], by: access.Actor) -> dict[uuid.UUID, list[Match]]:
    """Possible members for each report-in (by its id), the likeliest first. Three queries, however many rows."""
    rows = list(report_ins)
    if not rows:
        return {}
    names = {row.pk: row.name for row in rows}
    digests = {bytes(row.mobile_digest) for row in rows if row.mobile_digest}
    by_mobile, by_former, by_name = defaultdict(list), defaultdict(list), defaultdict(list)
    for member in _files(Member.objects.visible_to(by).filter(mobile_digest__in=digests)):
        by_mobile[bytes(member.mobile_digest)].append(member)
    for phone in _former(digests, by):
        by_former[bytes(phone.number_digest)].append(phone.member)
    for member in _namesakes(set(names.values())):
        by_name[member.name].append(member)
    found = {}
    for row in rows:
        digest, name = bytes(row.mobile_digest or b""), names[row.pk]
        kinds: dict[Member, tuple[bool, bool]] = {}  # member → has mobile, is former
        for member in by_name[name]:
            kinds[member] = (False, False)
        for member in by_former[digest]:
            kinds[member] = (True, True)
        for member in by_mobile[digest]:
            kinds[member] = (True, False)
        matches = [
            Match(member, has_mobile, member.name == name, is_former, _tail_fits(row, member))
            for member, (has_mobile, is_former) in kinds.items()
        ]
        found[row.pk] = sorted(matches, key=lambda match: match.weight)
    return found


def _files(members: models.QuerySet[Member]) -> models.QuerySet[Member]:
    """A file that was linked to another one is not found: the other one is."""
    return members.filter(same_as=None).select_related("organization")


def _former(digests: set[bytes], by: access.Actor) -> models.QuerySet[Phone]:
    rows = Phone.objects.filter(number_digest__in=digests, member__same_as=None)
    return rows.filter(member__in=Member.objects.visible_to(by)).select_related("member__organization")


def _namesakes(names: set[str]) -> models.QuerySet[Member]:
    """By the sort key of the placements first: names themselves have no index."""
    keys = {search_keys(name)["name_pinyin"] for name in names}
    nodes = access.granted_nodes(Right.VIEW_MEMBERS)
    members = Member.objects.filter(
        placements__organization__in=nodes, placements__name_pinyin__in=keys, name__in=names
    )
    return _files(members).distinct()[:MOST_NAMESAKES]


def _tail_fits(row: ReportIn, member: Member) -> bool | None:
    tail, number = row.id_tail, member.id_number
    return number[-6:] == tail if tail and number else None
