"""Random histories of contacts, rules and rounds: planning k times is planning once, nobody hears the same twice."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.enums import ESCALATIONS, Outcome, Side
from contacts.models import ContactLog, ContactObligation, ContactPolicy, OutboundMessage
from members.models import Member
from portal import access
from tests.contacts.conftest import NO_STEPS, system

CLERK = "street_clerk@S11"
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
RANKS = {"before": 0, "target": 1, "limit": 2, "secretary": 0, "community": 1, "street": 2}

pytestmark = pytest.mark.django_db

EVENTS = st.one_of(
    st.tuples(st.just("contact"), st.sampled_from([Outcome.REACHED, Outcome.REACHED, Outcome.NO_ANSWER])),
    st.tuples(st.just("interval"), st.sampled_from([(30, 60), (60, 60), (90, 120), (5, 400)])),
    st.tuples(st.just("steps"), st.sampled_from([(0, 0, 0, 0), (7, 7, 14, 30), (3, 30, 14, 7), (0, 1, 0, 2)])),
    st.tuples(st.just("state"), st.sampled_from(["returned", "floating", "pending"])),
    st.tuples(st.just("wait"), st.integers(1, 70)),
    st.tuples(st.just("round"), st.integers(1, 3)),
    st.tuples(st.just("sent"), st.just(0)),
)


class History:
    """One member, one interval, and a day that goes on."""

    def __init__(self, world: Any, member: Member, policy: ContactPolicy) -> None:
        self.world, self.member, self.policy = world, member, policy
        self.clerk = access.user_actor(world.user(CLERK))
        self.day = TODAY - 400 * DAY
        self.sent: Counter[tuple[dt.date, str]] = Counter()

    def contact(self, outcome: str) -> None:
        with access.acting_as(self.clerk):
            ContactLog(
                member=self.member, organization_id=self.member.organization_id, side="home", contacted_on=self.day,
                outcome=outcome,
            ).save(force_insert=True)  # fmt: skip

    def interval(self, days: tuple[int, int]) -> None:
        self._set(target_days=days[0], limit_days=days[1])

    def steps(self, days: tuple[int, int, int, int]) -> None:
        self._set(**dict(zip(NO_STEPS, days, strict=True)))

    def _set(self, **values: int) -> None:
        with access.acting_as(self.clerk):
            ContactPolicy.objects.filter(pk=self.policy.pk).update(**values)

    def state(self, state: str) -> None:
        with access.acting_as(self.clerk):
            Member.objects.filter(pk=self.member.pk).update(state=state)

    def wait(self, days: int) -> None:
        self.day = min(self.day + days * DAY, TODAY)

    def round(self, times: int) -> None:
        """Plan so many times; only the first adds, and it adds what a model of its own calls due."""
        expected, before = self._due_by_model(), self._kept()
        self._plan()
        first = self._kept()
        assert first - before == expected
        for _time in range(times - 1):
            self._plan()
        assert self._kept() == first

    def sent_(self) -> None:
        """What waits goes out: once each, and only what is still due."""
        with access.acting_as(system(self.world)), connection.cursor() as cursor:
            rows = OutboundMessage.objects.filter(obligation__member=self.member, state="pending")
            cursor.execute(
                "select message_id from portal.stale_reminders(%s, %s)",
                [list(rows.values_list("pk", flat=True)), self.day],
            )
            rows.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).update(state="cancelled", reason="not_due")
            going = list(rows.values_list("due_on", "step"))
            rows.update(state="sent")
        self.sent.update(going)
        self._check_latest([step for _due, step in going])

    @staticmethod
    def _check_latest(steps: list[str]) -> None:
        callers = [step for step in steps if step not in ESCALATIONS]
        assert len(callers) <= 1
        assert len(steps) - len(callers) <= 1

    def _plan(self) -> None:
        with access.acting_as(system(self.world)), connection.cursor() as cursor:
            cursor.execute("select portal.plan_reminders(%s, %s)", [self.world.organization("X").pk, self.day])

    def _kept(self) -> set[tuple[dt.date, str]]:
        """Due date and step of what was planned and not cancelled."""
        with access.acting_as(self.clerk):
            rows = OutboundMessage.objects.filter(obligation__member=self.member).exclude(state="cancelled")
            return set(rows.values_list("due_on", "step"))

    def _due_by_model(self) -> set[tuple[dt.date, str]]:
        """Of each kind the latest step whose day has come, unless it is kept already."""
        with access.acting_as(self.clerk):
            duty = ContactObligation.objects.get(member=self.member, side=Side.HOME)
            policy = ContactPolicy.objects.get(pk=self.policy.pk)
        if duty.ended_on or policy.go_live_on > self.day:
            return set()
        calls = {"target": duty.due_on, "limit": duty.limit_on}
        if 0 < policy.before_days < duty.target_days:
            calls["before"] = duty.due_on - policy.before_days * DAY
        later = {"secretary": policy.secretary_days, "community": policy.community_days, "street": policy.street_days}
        above = {step: duty.limit_on + days * DAY for step, days in later.items() if days}
        found = set()
        for kind in (calls, above):
            reached = [step for step, day in kind.items() if day <= self.day]
            if reached:
                found.add((duty.due_on, max(reached, key=RANKS.__getitem__)))
        return found - self._kept()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=14))
def test_history_plans_once_and_sends_once(
    world: Any, acting: Any, make_member: Any, live_since: Any, events: list[tuple[str, Any]]
) -> None:
    mark = transaction.savepoint()
    try:
        with acting(CLERK):
            policy = live_since(TODAY - 400 * DAY, before_days=7, secretary_days=7, community_days=14, street_days=30)
            member = make_member(name="历史", last=TODAY - 450 * DAY)
        history = History(world, member, policy)
        for name, value in [*events, ("round", 2), ("sent", 0), ("round", 2), ("sent", 0)]:
            if name == "sent":
                history.sent_()
            else:
                getattr(history, name)(value)
        assert max(history.sent.values(), default=0) <= 1
        with acting(CLERK):
            duties = ContactObligation.objects.filter(member=member)
            assert duties.filter(side=Side.HOME).count() == 1
            kept = OutboundMessage.objects.filter(obligation__member=member, state="sent")
            assert set(kept.values_list("due_on", "step")) == set(history.sent)
    finally:
        transaction.savepoint_rollback(mark)
