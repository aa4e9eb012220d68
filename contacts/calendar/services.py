"""The days of a year as they count for one office, and the days that the office sets itself."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from contacts.models import CalendarDay
from portal import access
from portal.models import Organization
from portal.roles import Right

LONGEST = 31  # days that are set at once


@dataclass
class Day:
    """One day that is not what its weekday says; `whose`: who set it, None for the country."""

    day: dt.date
    is_workday: bool
    name: str
    whose: Organization | None


def special_days(office: Organization, year: int) -> list[Day]:
    """What counts at the office: of each day the row of the nearest organization at or above it, else the country's.
    One query."""
    rows = CalendarDay.objects.filter(Q(organization=None) | Q(organization__path__ancestors=office.path))
    rows = rows.filter(day__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))).select_related("organization")
    found = {row.day: row for row in rows.order_by(F("organization__path").asc(nulls_first=True))}
    return [Day(day, row.is_workday, row.name, row.organization) for day, row in sorted(found.items())]


def is_announced(year: int) -> bool:
    """Whether the country's list of the year is known with its adjusted workdays: before, only festivals are."""
    rows = CalendarDay.objects.filter(organization=None, is_workday=True)
    return rows.filter(day__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))).exists()


def set_days(
    *, office: Organization, first: dt.date, last: dt.date, is_workday: bool, name: str, by: access.Actor
) -> int:
    """These days, both ends included, are workdays or days off at the office and below it. Returns how many.

    Raises PermissionDenied without the right there, ValidationError for no or too many days.
    """
    _check(office, by)
    count = (last - first).days + 1
    if not 1 <= count <= LONGEST:
        raise ValidationError(_("Please give the first and the last day, a month apart at most."))
    days = [first + dt.timedelta(days=number) for number in range(count)]
    rows = [CalendarDay(organization=office, day=day, is_workday=is_workday, name=name.strip()[:40]) for day in days]
    CalendarDay.objects.bulk_create(  # a day that is set again stays one row: its history says what it was
        rows, update_conflicts=True, unique_fields=["day", "organization"], update_fields=["is_workday", "name"]
    )
    return count


def forget_day(*, office: Organization, day: dt.date, by: access.Actor) -> bool:
    """What the office set for this day does not count any more: what is set above, or by the country, does."""
    _check(office, by)
    return bool(CalendarDay.objects.filter(organization=office, day=day).delete()[0])


def _check(office: Organization, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, office)


def day_words(row: Any) -> str:
    """A day of an office, or its history, in words."""
    what = _("workday") if row.is_workday else _("day off")
    return " ".join(filter(None, (row.day.isoformat(), what, row.name)))
