"""Needs by kind and community in a period. The numbers come from the database, which hides small ones above the street
(contacts/sql/need_counts.sql): no caller can forget it."""

import datetime as dt
import re
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.needs.enums import NeedCategory
from contacts.reports.choosing import offices
from portal.asking import ask_rows
from portal.models import Organization, OrganizationKind
from portal.sheets import Head, new_book

EXACT = (OrganizationKind.STREET, OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)
HIDDEN = "＜5*"
YEARS = 3
_PERIOD = re.compile(r"(20\d\d)(?:-q([1-4]))?")


@dataclass(frozen=True)
class Period:
    """A calendar quarter, or a year (`quarter` 0)."""

    year: int
    quarter: int = 0

    @property
    def code(self) -> str:
        return f"{self.year}-q{self.quarter}" if self.quarter else str(self.year)

    @property
    def label(self) -> str:
        if not self.quarter:
            return _("%(year)d, whole year") % {"year": self.year}
        return _("%(year)d, quarter %(quarter)d") % {"year": self.year, "quarter": self.quarter}

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, (self.quarter or 1) * 3 - 2, 1)


@dataclass(frozen=True)
class Line:
    """One community, or all (`organization` None); a number as text, its last the sum."""

    organization: Organization | None
    cells: list[str]


@dataclass(frozen=True)
class Table:
    node: Organization
    period: Period
    kinds: list[str]
    lines: list[Line]
    has_hidden: bool


def nodes() -> list[Organization]:
    """What the actor may look at: the own street or community exactly, above the street the districts."""
    granted = offices()
    own = [node for node in granted if node.kind in EXACT]
    tops = [node for node in granted if node.kind not in EXACT]
    found = list(own)
    for top in tops:
        districts = Organization.objects.filter(path__descendants=top.path, kind=OrganizationKind.DISTRICT)
        found += [node for node in districts.order_by("code") if node not in found]
    return found


def periods(node: Organization, today: dt.date | None = None) -> list[Period]:
    """The quarters so far, the latest first; whole years too where numbers are exact."""
    today = today or timezone.localdate()
    found = []
    for year in range(today.year, today.year - YEARS, -1):
        found += [Period(year)] if node.kind in EXACT else []
        found += [Period(year, quarter) for quarter in (4, 3, 2, 1) if Period(year, quarter).first <= today]
    return found


def choose(node: str, period: str) -> tuple[Organization, Period]:
    """What was asked for by code; the first node and this quarter else. Raises PermissionDenied for whoever may look
    at nothing, Http404 for what is not offered."""
    offered = nodes()
    if not offered:
        raise PermissionDenied
    chosen = next((one for one in offered if one.code == node), None) if node else offered[0]
    if chosen is None:
        raise Http404
    known = periods(chosen)
    if not period:
        return chosen, next(one for one in known if one.quarter)
    match = _PERIOD.fullmatch(period)
    wanted = Period(int(match[1]), int(match[2] or 0)) if match else None
    if wanted not in known:
        raise Http404
    return chosen, wanted


def count_needs(node: Organization, period: Period) -> Table:
    """The table of one node and period. Raises PermissionDenied where the actor may not have it."""
    rows = ask_rows("need_counts", node.pk, period.first, 3 if period.quarter else 12)
    width = len(NeedCategory.values) + 1
    places = Organization.objects.in_bulk([pk for pk, _kind, _count in rows if pk])
    lines = [
        Line(places.get(part[0][0]), [HIDDEN if count is None else str(count) for _pk, _kind, count in part])
        for part in (rows[start : start + width] for start in range(0, len(rows), width))
    ]
    hidden = any(count is None for _pk, _kind, count in rows)
    return Table(node, period, [str(label) for label in NeedCategory.labels], lines, hidden)


def as_xlsx(table: Table, filler: str) -> bytes:
    """The table as the office's form."""
    book = new_book("xlsx", Head(table.node.formal_name, filler, timezone.localdate()))
    title = _("Needs: %(period)s") % {"period": table.period.label}
    headers = [_("Organization"), *table.kinds, _("Sum")]
    sheet = book.sheet(_("Needs"), title, headers, [20, *[10] * (len(headers) - 1)])
    for line in table.lines:
        book.append(sheet, [str(line.organization) if line.organization else _("Sum"), *line.cells])
    return book.content()
