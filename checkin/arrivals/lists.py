"""The lines of the steward's list, as they are shown. A fixed number of statements, however many there are."""

import uuid
from dataclasses import dataclass, field

from checkin.arrivals.enums import Assurance
from checkin.arrivals.matching import find_candidates, meant_by
from checkin.arrivals.models import Arrival, Desk
from members.models import Member

MOST_LINES = 500


@dataclass
class Shown:
    """The list in three parts: who waits for a decision, who is confirmed, who was taken off."""

    waiting: list[Arrival] = field(default_factory=list)
    confirmed: list[Arrival] = field(default_factory=list)
    undone: list[Arrival] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.confirmed)


def live_list(desk: Desk) -> Shown:
    """What the steward sees: each line with `person`, `masked`, `options` [(member, label)] and `spent` (hours)."""
    rows = desk.arrivals.select_related("scan", "member__organization")  # type: ignore[attr-defined]
    lines = list(rows.order_by("-arrived_at", "pk")[:MOST_LINES])
    shown = Shown()
    for line in lines:
        part = shown.undone if line.undone_at else shown.confirmed if line.confirmed_at else shown.waiting
        part.append(line)
    _add_options(desk, shown.waiting)
    for line in lines:
        scan = line.scan
        line.person = line.member.label if line.member else scan.name if scan else ""
        line.masked = scan.masked_mobile if scan and scan.mobile_digest else ""
        line.typed_name = scan.name if scan and scan.name_digest and line.member else ""
        line.is_weak = scan is not None and scan.assurance == Assurance.POSTER
        line.spent = line.hours if line.hours is not None else _hours_between(line) or desk.activity.hours
    return shown


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
