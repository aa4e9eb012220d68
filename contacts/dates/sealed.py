"""Dates that stand in the sealed part of a file: opened for the offices whose rules ask for them."""

import uuid
from collections.abc import Iterable

from django.db.models import Q

from contacts.dates.enums import DateKind
from contacts.dates.models import DateRule
from members.models import Member, MemberState
from portal.models import Organization

FIELDS: dict[str, str] = {DateKind.GRADUATED: "graduated_on", DateKind.DUES: "dues_paid_until"}
AT_ONCE = 2_000

Opened = tuple[list[uuid.UUID], list[str], list[str]]
"""Members, kinds, partial dates ("2025-06"): as portal.wanted_dates takes them."""


def sealed_dates(office: Organization) -> Opened:
    """Those of all members of the office and below it; none, and nothing is opened, where no rule asks for any."""
    in_line = Q(organization__path__ancestors=office.path) | Q(organization__path__descendants=office.path)
    kinds = set(DateRule.objects.filter(in_line, kind__in=FIELDS, is_on=True).values_list("kind", flat=True))
    if not kinds:
        return [], [], []
    rows = Member.objects.filter(organization__path__descendants=office.path, same_as=None,
                                 state__in=(MemberState.FLOATING, MemberState.PENDING))  # fmt: skip
    return sealed_of(rows.only("data_key", "details_sealed").iterator(AT_ONCE), kinds)


def sealed_of(members: Iterable[Member], kinds: Iterable[str] = FIELDS) -> Opened:
    """Those of these members."""
    found: Opened = [], [], []
    for member in members:
        for kind in kinds:
            if text := member.details.get(FIELDS[DateKind(kind)]):
                for values, value in zip(found, (member.pk, str(kind), text), strict=True):
                    values.append(value)  # type: ignore[attr-defined]
    return found
