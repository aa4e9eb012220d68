"""The lines of the steward's list, as they are shown. A fixed number of statements, however many there are."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from checkin.arrivals.enums import GUEST, Assurance
from checkin.arrivals.matching import find_candidates, meant_by
from checkin.arrivals.models import Arrival, Desk, Scan
from members.models import Member

MOST_LINES = 500
MOST_OF_A_PHONE = 3  # people whom one phone brings, as a household: more are looked at one by one


@dataclass
class Shown:
    """The list in parts: who waits for a decision, who is confirmed, who has no file here, who was taken off."""

    waiting: list[Arrival] = field(default_factory=list)
    confirmed: list[Arrival] = field(default_factory=list)
    guests: list[Arrival] = field(default_factory=list)
    undone: list[Arrival] = field(default_factory=list)
    is_cut: bool = False

    def part_of(self, line: Arrival) -> list[Arrival]:
        if line.undone_at:
            return self.guests if line.reason == GUEST else self.undone
        return self.confirmed if line.confirmed_at else self.waiting

    @property
    def count(self) -> int:
        return len(self.confirmed)


def live_list(desk: Desk) -> Shown:
    """What the steward sees: each line with `person`, `masked`, `options` [(member, label)] and `spent` (hours).

    `is_weak`: a poster's or typed code; `is_crowd`: its phone brought more than three people. Neither is ticked ahead.
    """
    rows = desk.arrivals.select_related("scan", "member__organization")  # type: ignore[attr-defined]
    standing_first = F("undone_at").asc(nulls_first=True)
    lines = list(rows.order_by(standing_first, "-arrived_at", "pk")[: MOST_LINES + 1])
    shown = Shown(is_cut=len(lines) > MOST_LINES)
    lines = lines[:MOST_LINES]
    for line in lines:
        shown.part_of(line).append(line)
    _add_options(desk, shown.waiting)
    crowded = _crowded(shown.waiting + shown.confirmed)
    for line in lines:
        scan = line.scan
        line.person = line.member.label if line.member else scan.name if scan else ""
        line.masked = scan.masked_mobile if scan and scan.mobile_digest else ""
        line.typed_name = scan.name if scan and scan.name_digest and line.member else ""
        line.is_weak = scan is not None and scan.assurance == Assurance.POSTER
        line.is_crowd = scan is not None and _phone(scan) in crowded
        line.spent = line.hours if line.hours is not None else _hours_between(line) or desk.activity.hours
    return shown


def _crowded(lines: Iterable[Arrival]) -> set[bytes]:
    """Phones that brought more people than a household has; those that keep no cookie count as one phone."""
    people: defaultdict[bytes, set[uuid.UUID]] = defaultdict(set)
    for line in lines:
        if line.scan:
            people[_phone(line.scan)].add(line.pk)
    return {phone for phone, brought in people.items() if len(brought) > MOST_OF_A_PHONE}


def _phone(scan: Scan) -> bytes:
    return bytes(scan.device_digest or b"")


def _add_options(desk: Desk, waiting: list[Arrival]) -> None:
    """Files that a line may mean, where it is not clear."""
    open_lines = [line for line in waiting if not line.is_sure and line.scan and line.scan.name_digest]
    scans = {line.pk: line.scan for line in open_lines if line.scan}
    names = {pk: scan.name for pk, scan in scans.items()}
    numbers = {pk: bytes(scan.mobile_digest or b"") for pk, scan in scans.items()}
    found = find_candidates(desk, set(names.values()), set(numbers.values())) if open_lines else []
    labels = _labels([one.member_id for one in found])
    for line in waiting:
        line.options = []
    for line in open_lines:
        meant, _is_sure = meant_by(found, names[line.pk], numbers[line.pk])
        line.options = [(one.member_id, labels[one.member_id]) for one in meant if one.member_id in labels]


def _labels(members: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    known = Member.objects.select_related("organization").in_bulk(members)
    return {pk: member.label for pk, member in known.items()}


def _hours_between(line: Arrival) -> float | None:
    """Hours from coming to leaving, to a tenth; None while nobody has noted the leaving."""
    if line.left_at is None:
        return None
    return round((line.left_at - line.arrived_at).total_seconds() / 3600, 1)
