"""The page "why, or why not": reminders of dates."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.dates.services import mark
from contacts.models import DateReminder, OutboundMessage
from contacts.why_dates import KINDS, DateLine, explain_dates
from members.models import Member
from portal import access
from tests.contacts.conftest import at, system
from tests.contacts.dates.conftest import CLERK, dated, planned, rule

__all__ = ["dated", "planned", "rule"]
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
BACK_ON = TODAY + 5 * DAY
OWN = "community_clerk@C111"
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(dated: Any) -> Member:
    """Expected back in five days."""
    return dated(ends=BACK_ON.isoformat())


def mails(world: Any, on: dt.date) -> None:
    with access.acting_as(system(world)), connection.cursor() as cursor:
        cursor.execute("select portal.plan_date_messages(%s, %s)", [world.organization("X").pk, on])


def told(acting: Any, member: Member, on: dt.date = TODAY, *, now: dt.date = TODAY) -> dict[str, DateLine]:
    with acting(OWN) as actor:
        account = explain_dates(member, on, by=actor, now=at(now))
    assert account is not None
    return {line.label: line for line in account.lines}


def of(kind: str) -> str:
    return next(str(one.label) for one in KINDS if one == kind)


def test_kinds_that_are_off_say_so_and_by_whom(case: Member, acting: Any, rule: Any) -> None:
    lines = told(acting, case)
    assert len(lines) == len(KINDS)
    assert {line.verdict for line in lines.values()} == {"off"}
    rule("return", is_on=False)
    lines = told(acting, case)
    assert lines[of("return")].words != lines[of("birthday")].words
    assert "S11" in lines[of("return")].words


def test_date_to_come_is_not_due_and_without_a_date_there_is_none(case: Member, acting: Any, rule: Any) -> None:
    rule("return", 3)
    rule("birthday", 1)
    lines = told(acting, case)
    line = lines[of("return")]
    assert (line.day, line.announce_on, line.verdict) == (BACK_ON, BACK_ON - 3 * DAY, "not_due")
    assert (BACK_ON - 3 * DAY).isoformat() in line.words
    assert (lines[of("birthday")].verdict, lines[of("birthday")].day) == ("no_date", None)


@pytest.mark.parametrize("days", [1, 2, 3])
def test_what_the_page_calls_due_is_what_planning_adds(
    case: Member, acting: Any, rule: Any, planned: Any, world: Any, days: int
) -> None:
    rule("return", 3)
    on = TODAY + days * DAY
    assert told(acting, case, on, now=on)[of("return")].verdict == ("due" if days >= 2 else "not_due")
    planned(on)
    mails(world, on)
    with acting(OWN):
        assert OutboundMessage.objects.filter(obligation__member=case, step="date").exists() == (days >= 2)


def test_planned_sent_and_ticked_off(case: Member, acting: Any, rule: Any, planned: Any, world: Any) -> None:
    rule("return", 14)
    planned(TODAY)
    assert told(acting, case)[of("return")].verdict == "due"
    mails(world, TODAY)
    assert told(acting, case)[of("return")].verdict == "pending"
    assert told(acting, case, TODAY - DAY)[of("return")].verdict in ("missed", "not_due")
    with access.acting_as(system(world)):
        OutboundMessage.objects.filter(obligation__member=case).update(state="sent", sent_at=timezone.now())
    with acting(OWN) as actor:
        (row,) = DateReminder.objects.filter(member=case)
        mark(reminders=[row.pk], state="done", by=actor)
    line = told(acting, case)[of("return")]
    assert line.verdict == "sent"
    assert str(DateReminder(state="done").get_state_display()) in line.words


def test_ticked_off_before_anything_was_planned(case: Member, acting: Any, rule: Any, planned: Any) -> None:
    rule("return", 14)
    planned(TODAY)
    with acting(OWN) as actor:
        (row,) = DateReminder.objects.filter(member=case)
        mark(reminders=[row.pk], state="dismissed", by=actor)
    assert told(acting, case)[of("return")].verdict == "dismissed"


def test_other_side_and_other_offices_read_nothing(case: Member, acting: Any, rule: Any) -> None:
    rule("return", 14)
    for who in ("community_clerk@C112", "community_clerk@C121", "liaison@C111", "city_viewer@X"):
        with acting(who) as actor:
            assert explain_dates(case, TODAY, by=actor) is None, who


def test_page_and_command_tell_it(case: Member, rule: Any, login: Any, capsys: Any) -> None:
    rule("return", 14)
    page = login(OWN).get(reverse("contacts:why", args=[case.pk])).content.decode()
    assert page.count("data-date-verdict") == len(KINDS)
    assert 'data-date-verdict="due"' in page
    call_command("why", str(case.pk), "--as", CLERK)
    assert BACK_ON.isoformat() in capsys.readouterr().out


def test_page_asks_the_same_whatever_was_planned(
    case: Member, acting: Any, rule: Any, planned: Any, world: Any
) -> None:
    def asked() -> int:
        with acting(OWN) as actor, CaptureQueriesContext(connection) as queries:
            explain_dates(case, TODAY, by=actor)
        return len(queries)

    before = asked()
    rule("return", 14)
    planned(TODAY)
    mails(world, TODAY)
    assert asked() == before
