"""Whose file a scan or a written name means. Looks only at members in the line of the desk's organization.

Runs in a task, and before the steward's list is shown: never while a phone waits, so that no answer depends on it.
A phone that was confirmed before and stood before the screen is on the attendance list without anybody's click.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from checkin.arrivals.enums import CORRECTED, GUEST, REPEATED, Assurance
from checkin.arrivals.models import Arrival, Desk, Scan
from checkin.arrivals.services import confirm
from portal import access
from portal.asking import ask_rows
from portal.roles import Purpose

MOST_AT_ONCE = 500
LATELY = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Candidate:
    """A member whom a name or a number means; `numbers`: digests of the mobile numbers of today and before."""

    member_id: uuid.UUID
    name: str
    numbers: frozenset[bytes] = field(repr=False)


def find_candidates(desk: Desk, names: Collection[str], numbers: Collection[bytes]) -> list[Candidate]:
    """Members with one of these names or numbers. One statement. Raises PermissionDenied without the right."""
    rows = ask_rows("checkin_candidates", desk.pk, list(names), list(numbers))
    return [Candidate(pk, name, frozenset(map(bytes, digests))) for pk, name, digests in rows]


def meant_by(candidates: Iterable[Candidate], name: str, number: bytes | None) -> tuple[list[Candidate], bool]:
    """Those whom name and number may mean, the likeliest first, and whether it is surely the first.

    Sure: exactly one has both. A number alone may be a family's phone, a name alone may be a namesake.
    """
    known = list(candidates)
    both = [one for one in known if one.name == name and number in one.numbers]
    either = [one for one in known if one not in both and (one.name == name or number in one.numbers)]
    return both + either, len(both) == 1


def match_waiting() -> int:
    """All desks with news from phones, under the purpose of check-in. Returns how many scans were new."""
    done, lately = 0, timezone.now() - LATELY
    unseen = Scan.objects.filter(desk=OuterRef("pk"), arrival=None, is_leaving=False)
    leaving = Scan.objects.filter(desk=OuterRef("pk"), is_leaving=True, scanned_at__gte=lately)
    for root in access.roots():
        with access.acting_as(access.system_actor(Purpose.CHECKIN, root)) as actor:
            for desk in Desk.objects.visible_to(actor).filter(Exists(unseen) | Exists(leaving)):
                done += match_desk(desk=desk, by=actor)
    return done


@transaction.atomic
def match_desk(*, desk: Desk, by: access.Actor) -> int:
    """Give every new scan of a desk its line on the steward's list: a fixed number of statements for 500 of them.

    Two at once are harmless: a scan has one line. Returns how many scans were new.
    """
    access.must_act(by)
    scans = list(Scan.objects.visible_to(by).filter(desk=desk, arrival=None, is_leaving=False)[:MOST_AT_ONCE])
    if scans:
        lines = _Lines(desk)
        lines.add(scans)
        lines.save(by)
    with connection.cursor() as cursor:
        cursor.execute("select portal.note_leaving(%s)", [desk.pk])
    return len(scans)


class _Lines:
    """The lines that a desk has, and new ones for scans."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        known = Arrival.objects.filter(Q(undone_at=None) | Q(reason=GUEST), desk=desk)
        there = list(known.select_related("scan"))
        self.surely = {line.member_id for line in there if line.is_sure or line.confirmed_at}
        self.typed = {_what(line.scan): line for line in there if line.scan}
        self.forms = {_form(line.scan): line for line in there if line.scan}
        self.fresh: list[Arrival] = []
        self.corrected: list[Arrival] = []

    def add(self, scans: list[Scan]) -> None:
        typed = [scan for scan in scans if scan.member_id is None]
        names = {scan.pk: scan.name for scan in typed}
        numbers = {bytes(scan.mobile_digest) for scan in typed}  # type: ignore[arg-type]
        candidates = find_candidates(self.desk, set(names.values()), numbers) if typed else []
        for scan in scans:
            if scan.member_id is None:
                meant, is_sure = meant_by(candidates, names[scan.pk], bytes(scan.mobile_digest or b""))
                self._line(scan, meant[0].member_id if is_sure else None, is_sure)
            else:
                self._line(scan, scan.member_id, True)

    def _line(self, scan: Scan, member: uuid.UUID | None, is_sure: bool) -> None:
        line = Arrival(
            desk=self.desk, organization_id=self.desk.organization_id, scan=scan, member_id=member, is_sure=is_sure,
            arrived_at=scan.scanned_at,
        )  # fmt: skip
        former = self.forms.get(_form(scan))
        if (is_sure and member in self.surely) or _what(scan) in self.typed:
            line.undone_at, line.reason = scan.scanned_at, REPEATED
        elif former is not None and former.confirmed_at is None:
            # the same form and name with another number: the last one counts, while nobody has confirmed the first
            self.corrected.append(former)
        self.fresh.append(line)
        if is_sure:
            self.surely.add(member)
        self.typed.setdefault(_what(scan), line)
        self.forms[_form(scan)] = line

    def save(self, by: access.Actor) -> None:
        Arrival.objects.bulk_create(self.fresh, ignore_conflicts=True)
        Arrival.objects.filter(pk__in=[line.pk for line in self.corrected], confirmed_at=None, undone_at=None).update(
            undone_at=timezone.now(), reason=CORRECTED
        )
        known = {line.pk: member for line in self.fresh if (member := _stood_here(line))}
        # where somebody else was quicker, our lines are not there
        there = Arrival.objects.filter(pk__in=list(known)).values_list("pk", flat=True)
        with suppress(PermissionDenied):  # somebody left the desk's line meanwhile: the steward decides
            confirm(desk=self.desk, chosen={pk: known[pk] for pk in there}, remembers=False, by=by)


def _stood_here(line: Arrival) -> uuid.UUID | None:
    """Whose phone, confirmed before, stood before the screen."""
    scan = line.scan
    return scan.member_id if scan and scan.assurance == Assurance.SCREEN and line.undone_at is None else None


def _what(scan: Scan) -> tuple[object, ...]:
    """What a scan says: the same again is no second person."""
    return scan.member_id, bytes(scan.name_digest or b""), bytes(scan.mobile_digest or b"")


def _form(scan: Scan) -> tuple[object, ...]:
    return scan.client_key, scan.member_id, bytes(scan.name_digest or b"")
