"""Which days people work: the country's list with its adjusted workdays, and what an organization set."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from contacts.calendar import services
from contacts.calendar.national import load_national_days, national_days
from contacts.models import CalendarDay, DateRule

CLERK, OWN = "street_clerk@S11", "community_clerk@C111"
pytestmark = pytest.mark.django_db

# Checked against the State Council's notice for 2026; nothing is announced for 2027 yet.
DAYS = {
    "2025-12-31": True, "2026-01-01": False, "2026-01-02": False, "2026-01-03": False, "2026-01-04": True,  # a Sunday
    "2026-02-13": True, "2026-02-14": True, "2026-02-15": False, "2026-02-16": False, "2026-02-17": False,
    "2026-02-23": False, "2026-02-24": True, "2026-02-28": True, "2026-03-01": False,
    "2026-04-04": False, "2026-04-05": False, "2026-04-06": False, "2026-04-07": True,
    "2026-05-01": False, "2026-05-05": False, "2026-05-06": True, "2026-05-09": True, "2026-05-10": False,
    "2026-06-19": False, "2026-06-22": True, "2026-09-20": True, "2026-09-25": False,
    "2026-09-30": True, "2026-10-01": False, "2026-10-07": False, "2026-10-08": True, "2026-10-10": True,
    "2026-10-11": False, "2026-11-20": True, "2026-11-21": False, "2026-11-22": False, "2026-12-31": True,
    "2027-01-01": False, "2027-02-06": False, "2027-02-10": False, "2027-02-11": True, "2028-02-29": True,
    "2035-06-03": False, "2035-06-04": True,  # nothing known but the weekday
}  # fmt: skip


def is_workday(world: Any, key: str, day: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select portal.is_workday(%s, %s)", [world.organization(key).pk, day])
        return bool(cursor.fetchone()[0])


def next_workday(world: Any, key: str, day: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select portal.next_workday(%s, %s)::text", [world.organization(key).pk, day])
        return str(cursor.fetchone()[0])


def test_days_are_off_and_on_as_the_country_announced(world: Any, acting: Any) -> None:
    with acting(OWN):
        assert {day: is_workday(world, "C111", day) for day in DAYS} == DAYS


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-02-14", "2026-02-24"),  # after the Spring Festival
        ("2026-02-27", "2026-02-28"),  # a Saturday on which people work
        ("2026-09-30", "2026-10-08"),
        ("2026-10-09", "2026-10-10"),
        ("2026-12-31", "2027-01-04"),  # New Year's Day is a Friday
        ("2026-11-21", "2026-11-23"),
        ("2028-02-28", "2028-02-29"),
    ],
)
def test_next_workday_follows(world: Any, acting: Any, day: str, following: str) -> None:
    with acting(OWN):
        assert next_workday(world, "C111", day) == following


def test_own_day_counts_below_and_the_nearest_first(world: Any, acting: Any) -> None:
    friday, sunday = dt.date(2026, 11, 27), dt.date(2026, 11, 29)
    with acting(CLERK) as actor:
        street, community = world.organization("S11"), world.organization("C111")
        services.set_days(office=street, first=friday, last=friday, is_workday=False, name="停电", by=actor)
        services.set_days(office=street, first=sunday, last=sunday, is_workday=True, name="值班", by=actor)
        services.set_days(office=community, first=friday, last=friday, is_workday=True, name="", by=actor)
        answers = {key: (is_workday(world, key, str(friday)), is_workday(world, key, str(sunday)))
                   for key in ("S11", "C111", "B111", "C112", "C121", "X")}  # fmt: skip
        assert answers == {"S11": (False, True), "C111": (True, True), "B111": (True, True), "C112": (False, True),
                           "C121": (True, False), "X": (True, False)}  # fmt: skip
        shown = {one.day: (one.is_workday, one.whose) for one in services.special_days(community, 2026)}
        assert (shown[friday], shown[sunday]) == ((True, community), (True, street))
        assert shown[dt.date(2026, 10, 1)] == (False, None)
        assert services.forget_day(office=community, day=friday, by=actor)
        assert not is_workday(world, "C111", str(friday))


def test_days_are_set_where_one_may_and_a_month_at_once(world: Any, acting: Any) -> None:
    first = dt.date(2027, 2, 5)
    with acting(OWN) as actor:
        week = {"first": first, "last": first + dt.timedelta(days=8), "is_workday": False, "name": "春节", "by": actor}
        assert services.set_days(office=world.organization("C111"), **week) == 9
        assert services.set_days(office=world.organization("C111"), **week) == 9  # again: no second row
        assert CalendarDay.objects.filter(organization=world.organization("C111"), day__year=2027).count() == 9
        for office in ("S11", "C112"):
            with pytest.raises(PermissionDenied):
                services.set_days(office=world.organization(office), **week)
        for last in (first - dt.timedelta(days=1), first + dt.timedelta(days=31)):
            with pytest.raises(ValidationError):
                services.set_days(office=world.organization("C111"), **week | {"last": last})


def test_next_year_is_announced_with_its_adjusted_workdays(world: Any, acting: Any) -> None:
    with acting(OWN):
        assert [services.is_announced(year) for year in (2025, 2026, 2027)] == [True, True, False]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_migrate_brings_the_countrys_days_into_line_and_leaves_the_offices_alone(owner: Any) -> None:
    def rows() -> list[Any]:
        return owner.execute("select id, day, is_workday, name from contacts_calendarday order by day, id").fetchall()

    before = rows()
    load_national_days("owner")
    assert rows() == before  # nothing is written anew
    owner.execute("update contacts_calendarday set is_workday = not is_workday where organization_id is null")
    load_national_days("owner")
    assert {row[1:] for row in rows()} == {row[1:] for row in before}
    assert len(before) > len(national_days())  # the offices' own are there too


@pytest.mark.django_db(transaction=True)
def test_reminders_rest_unless_the_nearest_office_decided_otherwise(world: Any, acting: Any, owner: Any) -> None:
    def rests(key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select portal.rests_on(%s, '2026-11-22')", [world.organization(key).pk])
            return bool(cursor.fetchone()[0])

    owner.execute("delete from contacts_daterule r using portal_organization o where o.id = r.organization_id"
                  " and o.kind <> 'city'")  # fmt: skip
    with acting(CLERK):
        assert [rests(key) for key in ("X", "S11", "C111")] == [False] * 3  # the world's city sends on days off
        DateRule.objects.create(organization=world.organization("S11"), kind="workdays", is_on=True)
        DateRule.objects.create(organization=world.organization("C112"), kind="workdays", is_on=False)
        assert [rests(key) for key in ("X", "S11", "C111", "B111", "C112")] == [False, True, True, True, False]
        assert not rests("C121")
