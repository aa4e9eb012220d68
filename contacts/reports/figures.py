"""What the report counts, for one organization and a period. Every number is the list of the rows behind it.

The counts come from portal.contact_report, which asks the right to see totals; the rows from portal.contact_figures as
the current actor may see them (contacts/sql/reports.sql), with the same conditions.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.enums import Side
from contacts.models import Liaison
from members.models import Member
from portal import access
from portal.asking import ask_rows
from portal.models import Organization
from portal.roles import Right

PERIODS: dict[str, str | Promise] = {
    "month": _("this month"),
    "last_month": _("last month"),
    "quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "year": _("this year"),
}
"""Code in an address → words."""


@dataclass(frozen=True)
class Figure:
    """One number: what it counts, of which side ("" = both or none), and of what number it is a share."""

    name: str
    title: str | Promise
    side: str = ""
    of: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.side


def _of_side(side: str) -> tuple[Figure, ...]:
    return (
        Figure("duties", _("contact tasks"), side),
        Figure("contacted", _("contacted"), side, of="duties"),
        Figure("on_time", _("in time"), side, of="contacted"),
        Figure("overdue", _("overdue now"), side),
    )


FIGURES: tuple[Figure, ...] = (
    Figure("eligible", _("to be looked after")),
    Figure("with_liaison", _("with a liaison"), of="eligible"),
    *_of_side(Side.HOME.value),
    *_of_side(Side.HOST.value),
    Figure("contacts", _("contacts")),
    Figure("from_member", _("made by the member"), of="contacts"),
    Figure("unreachable", _("cannot be reached"), of="eligible"),
    Figure("unaccounted", _("without a contact task")),
)
OF_LIAISON: tuple[Figure, ...] = (Figure("with_liaison", _("people looked after")), *_of_side(""))
KEYS = {figure.key for figure in FIGURES} | {figure.key for figure in OF_LIAISON}


@dataclass(frozen=True)
class Period:
    """From `first` up to and including `last`."""

    name: str
    first: dt.date
    last: dt.date

    @property
    def until(self) -> dt.date:
        return self.last + dt.timedelta(days=1)

    @property
    def label(self) -> str:
        return str(PERIODS[self.name])


def period_named(name: str, today: dt.date) -> Period:
    """The period of a code in PERIODS that holds the day, or lies before it. Raises KeyError for another code."""
    if name not in PERIODS:
        raise KeyError(name)
    if name == "year":
        return Period(name, today.replace(month=1, day=1), today.replace(month=12, day=31))
    months = 3 if name.endswith("quarter") else 1
    first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    if name.startswith("last_"):
        first = _months_on(first, -months)
    return Period(name, first, _months_on(first, months) - dt.timedelta(days=1))


def _months_on(first: dt.date, months: int) -> dt.date:
    count = first.year * 12 + first.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


@dataclass
class Line:
    """The numbers of one organization with all below it, of what the node itself manages, or of one liaison.

    `may_see`: the reader sees the members, so that its numbers are links.
    """

    organization: Organization
    title: str
    counts: Mapping[tuple[str, str], int]
    may_see: bool = False
    liaison: Liaison | None = None

    def share(self, figure: Figure) -> int | None:
        """Per cent of the number that this one is a share of; None where there is none."""
        whole = self.counts.get((figure.of, figure.side), 0) if figure.of else 0
        return round(100 * self.counts.get(figure.key, 0) / whole) if whole else None


@dataclass
class Report:
    node: Organization
    period: Period
    lines: list[Line]
    total: Line
    liaisons: list[Line] = field(default_factory=list)


def contact_report(node: Organization, period: Period) -> Report:
    """The numbers of the organizations right below the node, in organization order, and of the node itself.

    Liaisons are there for whoever may see the members. Raises PermissionDenied without the right to see totals.
    """
    found: dict[uuid.UUID, dict[tuple[str, str], int]] = {}
    total: dict[tuple[str, str], int] = {}
    for part, figure, side, number in ask_rows("contact_report", node.pk, period.first, period.until):
        found.setdefault(part, {})[figure, side] = number
        total[figure, side] = total.get((figure, side), 0) + number
    seen = set(access.organization_ids(Right.VIEW_MEMBERS))
    children = Organization.objects.filter(parent=node).order_by("code")
    lines = [
        Line(child, str(child), found.get(child.pk, {}), child.pk in seen)
        for child in children
        if child.is_active or child.pk in found
    ]
    if node.pk in found or not lines:
        lines.append(Line(node, str(_("%(organization)s itself")) % {"organization": node} if lines else str(node),
                          found.get(node.pk, {}), node.pk in seen))  # fmt: skip
    whole = Line(node, str(_("Sum")), total)
    return Report(node, period, lines, whole, _of_liaisons(node, period) if node.pk in seen else [])


def _of_liaisons(node: Organization, period: Period) -> list[Line]:
    """By liaison, of the members that the actor sees; both sides of a member together."""
    found: dict[uuid.UUID, dict[tuple[str, str], int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select liaison_id, figure, count(*) from portal.contact_figures(%s, %s, %s)"
            " where liaison_id is not null group by 1, 2",
            [node.pk, period.first, period.until],
        )
        for liaison, figure, number in cursor.fetchall():
            found.setdefault(liaison, {})[figure, ""] = number
    rows = Liaison.objects.filter(pk__in=found).select_related("organization")
    return [
        Line(row.organization, row.name, found[row.pk], may_see=True, liaison=row)
        for row in rows.order_by("organization__code", "name", "id")
    ]


@dataclass(frozen=True)
class Wish:
    """Which number of the report: the line (`part`, None for a liaison's), the figure, its side, the liaison."""

    figure: str
    side: str = ""
    part: Organization | None = None
    liaison: Liaison | None = None


@dataclass
class Counted:
    """One row behind a number. `member` is None where the file has gone to another organization since."""

    member: Member | None
    side_label: str
    on_day: dt.date | None
    liaison: Liaison | None


def rows_behind(node: Organization, period: Period, wish: Wish, start: int, most: int) -> tuple[int, list[Counted]]:
    """How many rows a number counts, and those on one page, by name. Only what the current actor may see."""
    conditions = ["f.figure = %s"]
    values: list[Any] = [node.pk, period.first, period.until, wish.figure]
    for condition, value in (
        ("f.side = %s", wish.side or None),
        ("f.organization_id = %s", wish.part and wish.part.pk),
        ("f.liaison_id = %s", wish.liaison and wish.liaison.pk),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) over (), f.member_id, f.side, f.on_day, f.liaison_id"  # noqa: S608  conditions above only
            " from portal.contact_figures(%s, %s, %s) f left join members_member m on m.id = f.member_id"
            f" where {' and '.join(conditions)}"
            " order by m.name_pinyin, f.member_id, f.side, f.on_day limit %s offset %s",
            [*values, most, start],
        )
        rows: list[Any] = cursor.fetchall()
    members = Member.objects.select_related("organization").in_bulk([row[1] for row in rows])
    liaisons = Liaison.objects.in_bulk([row[4] for row in rows if row[4]])
    lines = [
        Counted(members.get(member), str(Side(side).label) if side else "", on_day, liaisons.get(liaison))
        for _all, member, side, on_day, liaison in rows
    ]
    return (rows[0][0] if rows else 0), lines
