"""People with dates: made as a clerk, planned as the rounds do."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from contacts.dates import planning
from contacts.models import DateReminder, DateRule
from members.models import Member, Movement
from portal import access
from tests.contacts.conftest import at

CLERK = "street_clerk@S11"


@pytest.fixture
def dated(world: Any, acting: Any) -> Callable[..., Member]:
    """dated(key="C111", name=…, ends=…, scope=…, started=…, details=…, **fields of the file): who is away."""

    def make(
        key: str = "C111", name: str = "单田芳", ends: str = "", scope: str = "", started: str = "2026-01",
        reason: str = "", details: dict[str, str] | None = None, **fields: Any,
    ) -> Member:  # fmt: skip
        with acting(CLERK):
            long_until_due = {"last_contact_on": dt.date(2026, 11, 20)}
            member = Member(organization=world.organization(key), is_synthetic=True, **long_until_due | fields)
            member.set_name(name)
            member.details = details or {}
            member.save(force_insert=True)
            Movement(member=member, direction="outflow", started_on=started, expected_end_on=ends, scope=scope,
                     reason=reason).save(force_insert=True)  # fmt: skip
        return member

    return make


@pytest.fixture
def rule(world: Any, acting: Any) -> Callable[..., None]:
    """rule(kind, days, key="S11", is_on=True, since=…): a rule of an organization."""

    def make(kind: str, days: int = 0, key: str = "S11", is_on: bool = True, since: str = "2020-01-01") -> None:
        with acting(CLERK):
            DateRule.objects.update_or_create(
                organization=world.organization(key), kind=kind,
                defaults={"is_on": is_on, "days_before": days, "on_since": since},
            )  # fmt: skip

    return make


@pytest.fixture
def planned(acting: Any) -> Callable[..., list[tuple[str, str]]]:
    """planned(day, member) → (kind, day) of the member's reminders once the rounds of that day have planned."""

    def plan(day: dt.date | str, member: Member | None = None) -> list[tuple[str, str]]:
        planning.plan_dates(now=at(dt.date.fromisoformat(str(day))))
        return shown(acting, member) if member else []

    return plan


def shown(acting: Any, member: Member) -> list[tuple[str, str]]:
    with acting(CLERK):
        rows = DateReminder.objects.filter(member=member).order_by("day", "kind")
        return [(row.kind, row.day.isoformat()) for row in rows]


def under(who: str, world: Any) -> access.Actor:
    return access.user_actor(world.user(who))
