"""The page "why, or why not": reminders of needs."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.enums import ESCALATIONS
from contacts.models import OutboundMessage
from contacts.needs.models import Need
from contacts.why_needs import explain_needs
from portal import access
from tests.contacts.conftest import at, system
from tests.contacts.needs.conftest import CLERK, fresh_need

__all__ = ["fresh_need"]
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def need(fresh_need: Any, acting: Any, owner: Any) -> Need:
    """Raised forty days ago, to be answered ten days ago, to be looked at again in three."""
    found: Need = fresh_need()
    with acting(CLERK):
        Need.objects.filter(pk=found.pk).update(
            raised_on=TODAY - 40 * DAY, due_on=TODAY - 10 * DAY, follow_on=TODAY + 3 * DAY
        )
        return Need.objects.select_related("member").get(pk=found.pk)


def plan(world: Any, on: dt.date) -> None:
    with access.acting_as(system(world)), connection.cursor() as cursor:
        cursor.execute("select portal.plan_reminders(%s, %s)", [world.organization("X").pk, on])


def told(acting: Any, need: Need, on: dt.date = TODAY, hour: int = 9) -> dict[str, tuple[str, str]]:
    with acting(CLERK) as actor:
        accounts = explain_needs(need.member, on, by=actor, now=at(TODAY, hour))
        account = next(one for one in accounts if one.need.pk == need.pk)
        return {line.step: (line.verdict, line.words) for line in account.lines}


def verdicts(acting: Any, need: Need, on: dt.date = TODAY) -> dict[str, str]:
    return {step: verdict for step, (verdict, _words) in told(acting, need, on).items()}


@pytest.mark.parametrize(
    ("days", "reached", "waits"),
    [(-11, set(), {"limit", "follow", *ESCALATIONS}), (-9, {"limit"}, {"follow", *ESCALATIONS}),
     (3, {"limit", "follow", "secretary"}, {"community", "street"}), (4, {"limit", "follow", "community"}, {"street"}),
     (20, {"limit", "follow", "street"}, set())],
)  # fmt: skip
def test_what_the_page_calls_due_is_what_planning_adds(
    need: Need, acting: Any, world: Any, days: int, reached: set[str], waits: set[str]
) -> None:
    on = TODAY + days * DAY
    said = verdicts(acting, need, on)
    assert {step for step, verdict in said.items() if verdict == "not_due"} == waits
    assert {step for step, verdict in said.items() if verdict in ("due", "missed")} == reached
    assert {verdict for step, verdict in said.items() if step not in reached | waits} <= {"later_step"}
    plan(world, on)
    with acting(CLERK):
        assert set(OutboundMessage.objects.filter(need=need).values_list("step", flat=True)) == reached


def test_planned_reminder_says_what_became_of_it(need: Need, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    assert verdicts(acting, need)["limit"] == "pending"
    with access.acting_as(system(world)):
        OutboundMessage.objects.filter(need=need).update(state="sent", sent_at=timezone.now())
    verdict, words = told(acting, need)["limit"]
    assert verdict == "sent"
    assert TODAY.isoformat() in words
    assert verdicts(acting, need, TODAY - DAY)["limit"] == "missed"  # it was planned later than that day


def test_answered_need_is_silent_and_keeps_what_was_sent(need: Need, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    with acting(CLERK):
        Need.objects.filter(pk=need.pk).update(state="answered", outcome="met", answered_on=TODAY)
    said = told(acting, need)
    assert said["limit"][0] == "ended"
    assert {said[step][0] for step in ("follow", "community", "street")} == {"answered"}
    assert TODAY.isoformat() in said["street"][1]


def test_put_off_need_tells_of_the_day_it_had(need: Need, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    with acting(CLERK) as actor:
        Need.objects.filter(pk=need.pk).update(due_on=TODAY + 30 * DAY)
        (account,) = [one for one in explain_needs(need.member, TODAY, by=actor) if one.need.pk == need.pk]
    assert {row.reason for row, _words in account.earlier} == {"rescheduled"}
    assert {line.verdict for line in account.lines} == {"not_due"}


def test_page_shows_the_own_sides_needs_alone(need: Need, acting: Any, world: Any, login: Any) -> None:
    plan(world, TODAY)
    url = reverse("contacts:why", args=[need.member_id])
    page = login(CLERK).get(url).content.decode()
    assert reverse("contacts:need", args=[need.pk]) in page
    assert 'data-need-verdict="pending"' in page
    with acting("community_clerk@C112") as actor:
        assert explain_needs(need.member, TODAY, by=actor) == []


def test_page_asks_the_same_however_many_needs_there_are(need: Need, fresh_need: Any, acting: Any) -> None:
    def asked() -> int:
        with acting(CLERK) as actor, CaptureQueriesContext(connection) as queries:
            explain_needs(need.member, TODAY, by=actor)
        return len(queries)

    asked()  # what the member itself keeps
    before = asked()
    fresh_need()
    fresh_need()
    assert asked() == before
