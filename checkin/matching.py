"""Whose file a report-in may belong to. Looks only at members within the actor's reach; a person decides."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from checkin.models import ReportIn
from members.models import Member
from members.names import search_keys
from portal import access
from portal.roles import Right

MOST_NAMESAKES = 200


@dataclass(frozen=True)
class Match:
    """A member who may be the person; the same mobile number weighs more than the same name."""

    member: Member
    has_mobile: bool
    has_name: bool


def suggest_members(report_ins: Iterable[ReportIn], by: access.Actor) -> dict[uuid.UUID, list[Match]]:
    """Possible members for each report-in (by its id), the likeliest first. Two queries, however many rows."""
    rows = list(report_ins)
    names = {row.pk: row.name for row in rows}
    digests = {bytes(row.mobile_digest) for row in rows if row.mobile_digest}
    by_mobile, by_name = defaultdict(list), defaultdict(list)
    if rows:
        for member in _reachable(by).filter(mobile_digest__in=digests):
            by_mobile[bytes(member.mobile_digest)].append(member)
        for member in _namesakes(set(names.values())):
            by_name[member.name].append(member)
    found = {}
    for row in rows:
        same_mobile = by_mobile[bytes(row.mobile_digest or b"")]
        same_name = [member for member in by_name[names[row.pk]] if member not in same_mobile]
        matches = [Match(member, True, member.name == names[row.pk]) for member in same_mobile]
        matches += [Match(member, False, True) for member in same_name]
        found[row.pk] = sorted(matches, key=lambda match: (-match.has_mobile, -match.has_name))
    return found


def _reachable(by: access.Actor):  # noqa: ANN202
    return Member.objects.visible_to(by).select_related("organization")


def _namesakes(names: set[str]):  # noqa: ANN202
    """By the sort key of the placements first: names themselves have no index."""
    keys = {search_keys(name)["name_pinyin"] for name in names}
    nodes = access.granted_nodes(Right.VIEW_MEMBERS)
    members = Member.objects.filter(
        placements__organization__in=nodes, placements__name_pinyin__in=keys, name__in=names
    )
    return members.select_related("organization").distinct()[:MOST_NAMESAKES]
