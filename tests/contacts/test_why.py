"""The page "why, or why not": for every duty and step the verdict that planning uses, in words."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.enums import DUTY_STEPS
from contacts.models import OutboundMessage
from contacts.services import assign_liaison, create_liaison, log_contact
from contacts.why import explain
from contacts.why_dates import KINDS
from members.models import Member
from portal import access
from tests.contacts.conftest import at, obligation, system

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
STEPS = {"before_days": 7, "secretary_days": 7, "community_days": 14, "street_days": 30}
# From the due day: target 90 and limit 120 days after the last contact.
REACHED = {"before": -7, "target": 0, "limit": 30, "secretary": 37, "community": 44, "street": 60}
OVER = {"before": 0, "target": 30, "secretary": 44, "community": 60}  # from here on a later step takes the place

pytestmark = pytest.mark.django_db

JUDGED = [
    *[(step, day - 1, {}, "not_due") for step, day in REACHED.items()],
    *[(step, day, {}, "due") for step, day in REACHED.items()],
    *[(step, day + 1, {}, "due") for step, day in REACHED.items()],
    *[(step, day - 1, {}, "due") for step, day in OVER.items()],
    *[(step, day, {}, "later_step") for step, day in OVER.items()],
    *[(step, 400, {}, "due") for step in ("limit", "street")],
    *[(step, 400, {f"{step}_days": 0}, "off") for step in ("before", "secretary", "community", "street")],
    ("community", 60, {"street_days": 0}, "due"),
    ("secretary", 60, {"street_days": 0, "community_days": 0}, "due"),
    ("community", 44, {"street_days": 10}, "later_step"),  # the street was told first
    ("before", -1, {"target_days": 7}, "off"),  # ahead of a date only where the time between two is longer
    ("before", -1, {"target_days": 8}, "due"),
    ("target", 5, {"go_live_on": 6}, "before_go_live"),
    ("target", 6, {"go_live_on": 6}, "due"),
    ("target", 5, {"paused_until": 5}, "paused"),
    ("target", 5, {"paused_until": 4}, "due"),
    ("limit", 40, {"paused_until": 90}, "paused"),
    ("target", -1, {"paused_until": 5}, "not_due"),
    ("target", 5, {"ended_on": 5}, "ended"),
    ("target", 5, {"ended_on": 6}, "due"),
]


@pytest.mark.parametrize(("step", "on", "changed", "verdict"), JUDGED)
def test_judge_says_of_a_step_on_a_day(step: str, on: int, changed: dict[str, int], verdict: str) -> None:
    due = dt.date(2027, 12, 2)  # 29 February 2028 lies between

    def day(name: str) -> dt.date | None:
        return due + changed[name] * DAY if name in changed else None

    days = STEPS | {name: value for name, value in changed.items() if name in STEPS}
    with connection.cursor() as cursor:
        cursor.execute(
            "select portal.step_verdict(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [step, due, due + 30 * DAY, changed.get("target_days", 90), day("ended_on"), day("paused_until"),
             day("go_live_on"), *days.values(), due + on * DAY],
        )  # fmt: skip
        assert cursor.fetchone() == (verdict,)


def test_judge_is_inlined_into_a_sweep() -> None:
    """A call of its own for each of a million duties would take longer than all else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "explain verbose select 1 from contacts_contactobligation o where portal.step_verdict('target', o.due_on,"
            " o.limit_on, o.target_days, o.ended_on, null, null, 7, 7, 14, 30, o.due_on) = 'due'"
        )
        assert "step_verdict" not in str(cursor.fetchall())


@pytest.fixture
def case(acting: Any, world: Any, make_member: Any, live_since: Any) -> Member:
    """Due ten days ago, the limit in twenty; in use for a year."""
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY, **STEPS)
        member = make_member(name="单田芳", last=TODAY - 100 * DAY)
        liaison = create_liaison(organization=world.organization("C111"), name="石评梅", by=actor, email="s@x.invalid")
        assign_liaison(member=member, liaison=liaison, by=actor)
    return member


def plan(world: Any, on: dt.date) -> None:
    root = world.organization("X").pk
    with access.acting_as(system(world)), connection.cursor() as cursor:
        cursor.execute("select portal.plan_reminders(%s, %s)", [root, on])


def told(
    acting: Any, member: Member, on: dt.date, *, hour: int = 9, today: dt.date = TODAY, side: str = "home"
) -> dict[str, tuple[str, str]]:
    """Step → (verdict, words) as a clerk reads it."""
    with acting(CLERK) as actor:
        account = next(one for one in explain(member, on, by=actor, now=at(today, hour)) if one.duty.side == side)
        return {line.step: (line.verdict, line.words) for line in account.lines}


ROWS = [
    ("pending", "", 9, "pending"),
    ("pending", "", 22, "pending"),
    ("pending", "no_recipient", 9, "no_recipient"),
    ("sending", "", 9, "sending"),
    ("sent", "", 9, "sent"),
    ("sent", "resent", 9, "sent"),
    ("retry", "refused", 9, "retry"),
    ("retry", "not_reached", 9, "retry"),
    ("unsure", "interrupted", 9, "unsure"),
    ("unsure", "twice", 9, "unsure"),
    ("failed", "refused", 9, "failed"),
    ("failed", "too_often", 9, "failed"),
    *[("cancelled", reason, 9, reason) for reason in
      ("contacted", "rescheduled", "ended", "paused", "later_step", "given_up", "not_due")],
]  # fmt: skip


def test_every_state_of_a_planned_reminder_has_words_of_its_own(case: Member, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    said = set()
    for state, reason, hour, verdict in ROWS:
        with access.acting_as(system(world)):
            OutboundMessage.objects.filter(obligation__member=case).update(
                state=state, reason=reason, sent_at=timezone.now() if state == "sent" else None
            )
        found = told(acting, case, TODAY, hour=hour)["target"]
        assert found[0] == verdict, (state, reason)
        said.add(found[1])
    assert len(said) == len(ROWS)
    assert not any("%(" in words for words in said)


def test_steps_around_a_planned_one_say_why_they_are_silent(case: Member, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    verdicts = {step: verdict for step, (verdict, _words) in told(acting, case, TODAY).items()}
    assert verdicts == {"before": "later_step", "target": "pending", "limit": "not_due", "secretary": "not_due",
                        "community": "not_due", "street": "not_due"}  # fmt: skip
    assert list(verdicts) == list(DUTY_STEPS)
    assert (TODAY + 20 * DAY).isoformat() in told(acting, case, TODAY)["limit"][1]


@pytest.mark.parametrize("days", range(-20, 80, 9))
def test_what_the_page_calls_due_is_what_planning_adds(case: Member, acting: Any, world: Any, days: int) -> None:
    on = TODAY - 10 * DAY + days * DAY
    expected = {step for step, (verdict, _words) in told(acting, case, on, today=on).items() if verdict == "due"}
    plan(world, on)
    with acting(CLERK):
        planned = set(OutboundMessage.objects.filter(obligation__member=case).values_list("step", flat=True))
    assert planned == expected
    assert len(planned) == (days >= -7) + (days >= 37)


def test_rule_names_the_office_that_set_it(case: Member, acting: Any, world: Any) -> None:
    with acting(CLERK) as actor:
        account, *_ = explain(case, TODAY, by=actor)
        assert account.rules.from_organization == world.organization("S11")
        assert (account.rules.target_days, account.rules.limit_days) == (90, 120)
        assert account.rules.steps == {"before": 7, "secretary": 7, "community": 14, "street": 30}
        assert (account.last_on, account.due_on) == (TODAY - 100 * DAY, TODAY - 10 * DAY)


def test_without_an_interval_the_portals_own_rule_holds(acting: Any, world: Any, make_member: Any) -> None:
    with acting(CLERK) as actor:
        member = make_member(name="无规", last=TODAY)
        account, *_ = explain(member, TODAY, by=actor)
    assert account.rules.from_organization is None
    assert account.rules.steps == {"before": 7, "secretary": 7, "community": 14, "street": 30}


@pytest.mark.django_db(transaction=True)
def test_contact_since_then_is_left_out_of_a_past_day(case: Member, acting: Any, owner: Any) -> None:
    owner.execute("update contacts_contactlog set recorded_at = now() - interval '99 days' where source = 'ledger'")
    with acting(CLERK) as actor:
        log_contact(member=case, by=actor)
        past, now = (explain(case, on, by=actor)[0] for on in (TODAY - DAY, TODAY))
    assert (now.last_on, now.due_on) == (TODAY, TODAY + 90 * DAY)
    assert (past.last_on, past.due_on, past.limit_on) == (TODAY - 100 * DAY, TODAY - 10 * DAY, TODAY + 20 * DAY)
    assert {line.step: line.verdict for line in past.lines}["target"] == "missed"
    assert past.rules.from_organization is None  # the interval was made today
    assert now.rules.from_organization is not None


def test_day_before_anything_was_written_down_is_unknown(case: Member, acting: Any) -> None:
    assert {verdict for verdict, _words in told(acting, case, TODAY - DAY).values()} == {"unknown"}


def test_day_that_was_due_without_a_round_is_called_so(case: Member, acting: Any) -> None:
    assert told(acting, case, TODAY + 5 * DAY, today=TODAY + 10 * DAY)["target"][0] == "missed"
    assert told(acting, case, TODAY + 5 * DAY)["target"][0] == "due"


def test_ended_duty_says_since_when(case: Member, acting: Any) -> None:
    with acting(CLERK):
        Member.objects.filter(pk=case.pk).update(state="returned")
        assert obligation(case).ended_on == TODAY
    verdict, words = told(acting, case, TODAY)["target"]
    assert verdict == "ended"
    assert TODAY.isoformat() in words


def test_reminders_of_former_dates_are_told_too(case: Member, acting: Any, world: Any) -> None:
    plan(world, TODAY)
    with acting(CLERK) as actor:
        log_contact(member=case, by=actor)
        account, *_ = explain(case, TODAY, by=actor)
    assert [(row.due_on, row.reason) for row, _words in account.earlier] == [(TODAY - 10 * DAY, "contacted")]
    assert {line.verdict for line in account.lines} == {"not_due"}


def test_other_side_is_told_the_agreed_minimum(
    login: Any, acting: Any, world: Any, make_member: Any, live_since: Any
) -> None:
    with acting(CLERK):
        live_since(TODAY - 365 * DAY, **STEPS)
        member = make_member(name="两边人", host=world.organization("C121"), last=TODAY - 100 * DAY)
        own_due = obligation(member).due_on.isoformat()
    plan(world, TODAY)
    url = reverse("contacts:why", args=[member.pk])
    ours, theirs = (login(name).get(url).content.decode() for name in (CLERK, "community_clerk@C121"))
    assert own_due in ours
    assert own_due not in theirs
    assert (TODAY - 100 * DAY).isoformat() in theirs
    assert theirs.count("data-verdict") == ours.count("data-verdict") == len(DUTY_STEPS)  # each its own duty alone


def test_page_takes_a_day_and_says_what_it_cannot_read(case: Member, login: Any) -> None:
    client, url = login(CLERK), reverse("contacts:why", args=[case.pk])
    assert 'value="2026-01-31"' in client.get(url, {"on": "2026-01-31"}).content.decode()
    answer = client.get(url, {"on": "31.1."})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert f'value="{TODAY.isoformat()}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [("community_clerk@C111", 200), ("community_clerk@C112", 404), ("liaison@C111", 404), ("city_viewer@X", 404)],
)
def test_page_is_for_whoever_views_the_member(case: Member, login: Any, name: str, status: int) -> None:
    assert login(name).get(reverse("contacts:why", args=[case.pk])).status_code == status


def test_card_and_lists_lead_to_the_page(case: Member, login: Any, world: Any) -> None:
    plan(world, TODAY)
    client, url = login(CLERK), reverse("contacts:why", args=[case.pk])
    for page in (reverse("admin:members_member_card", args=[case.pk]),
                 reverse("admin:contacts_contactobligation_changelist"),
                 reverse("admin:contacts_outboundmessage_changelist")):  # fmt: skip
        assert url in client.get(page).content.decode(), page
    liaison = login("liaison@C111").get(reverse("admin:contacts_contactobligation_changelist")).content.decode()
    assert "/contacts/why/" not in liaison


def test_page_asks_the_same_whatever_was_planned(case: Member, acting: Any, world: Any) -> None:
    def asked() -> int:
        with (
            acting(CLERK) as actor,
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            explain(case, TODAY, by=actor)
        return len(queries)

    before = asked()
    plan(world, TODAY)
    assert asked() == before


def test_command_prints_the_same(case: Member, capsys: Any) -> None:
    call_command("why", str(case.pk), "--on", TODAY.isoformat(), "--as", CLERK)
    printed = capsys.readouterr().out
    assert (TODAY - 10 * DAY).isoformat() in printed
    assert len(printed.splitlines()) == 3 + len(DUTY_STEPS) + 2 + 1 + len(KINDS)  # the side outside, the dates


@pytest.mark.parametrize("name", ["community_clerk@C112", "liaison@C111", "inactive", "nobody"])
def test_command_refuses_whoever_may_not(case: Member, capsys: Any, name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("why", str(case.pk), "--as", name)
    assert ended.value.code == 3
    assert TODAY.isoformat() not in capsys.readouterr().out
