"""The country's days off, from the list that the package `holidays` brings along: no network is asked."""

import datetime as dt

from django.db import connections, transaction

FIRST_YEAR = 2025
AHEAD = 2  # years that are known by law alone: the days of the festivals, without the adjusted workdays


def national_days() -> dict[dt.date, tuple[bool, str]]:
    """{day: (whether people work, its name)}, from FIRST_YEAR to AHEAD years after the last that was announced.

    Days that are what their weekday says are left out. A year is announced by the State Council in the November
    before; the package has its adjusted workdays from then on.
    """
    from holidays import CN  # half a second: only a migrate needs it

    announced = max(CN(years=range(FIRST_YEAR, FIRST_YEAR + 30)).weekend_workdays)
    calendar = CN(years=range(FIRST_YEAR, announced.year + AHEAD + 1), language="zh_CN")
    days = {day: (False, str(name)[:40]) for day, name in calendar.items() if day.year >= FIRST_YEAR}
    return days | {day: (True, "调休上班") for day in calendar.weekend_workdays if day.year >= FIRST_YEAR}


def load_national_days(using: str) -> None:
    """Bring the country's rows into line with the package; nothing is written where they are. As the owner."""
    from contacts.models import CalendarDay

    wanted = national_days()
    with transaction.atomic(using=using):
        rows = CalendarDay.objects.using(using).filter(organization=None)
        if {row.day: (row.is_workday, row.name) for row in rows} == wanted:
            return
        rows.delete()
        CalendarDay.objects.using(using).bulk_create(
            CalendarDay(day=day, is_workday=is_workday, name=name) for day, (is_workday, name) in wanted.items()
        )


def after_migrate(using: str, **_options: object) -> None:
    """Receiver of post_migrate; a database that is not there yet with its tables is left alone."""
    if "contacts_calendarday" in connections[using].introspection.table_names():
        load_national_days(using)
