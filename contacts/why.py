"""Why somebody was reminded about a member on a day, and why not: every duty, every step, each with one verdict.

The verdict is the one that planning uses (portal.step_verdict); what was planned is told by its outbox row.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from contacts.enums import DUTY_STEPS, ESCALATIONS, MessageReason, MessageState, Outcome, Side, Standing, Step
from contacts.models import ContactLog, ContactObligation, OutboundMessage
from contacts.quiet import is_quiet
from contacts.two_sides import is_own_side
from contacts.why_words import sentence
from members.models import Member
from portal import access
from portal.models import Organization

Judged = tuple[str, dt.date | None, str]  # step, the day on which it is reached, verdict
EARLIER = 12  # reminders of former dates shown


@dataclass
class Rules:
    """What held at an organization on the day: None of `from_organization` means the portal's own rules."""

    from_organization: Organization | None
    go_live_on: dt.date | None
    target_days: int
    limit_days: int
    steps: dict[str, int]
    works_again_on: dict[dt.date, dt.date | None] = field(default_factory=dict)  # day off → the next workday


@dataclass
class StepLine:
    """One step: the day on which it is reached (None: not used), the code of its verdict, and that in words."""

    step: str
    day: dt.date | None
    verdict: str
    words: str

    @property
    def label(self) -> str:
        return str(Step(self.step).label)


@dataclass
class Account:
    """One duty on one day. Of the other side's only `duty` and what both sides may know are filled."""

    duty: ContactObligation
    is_ours: bool
    rules: Rules | None = None
    last_on: dt.date | None = None
    due_on: dt.date | None = None
    limit_on: dt.date | None = None
    silence: str = ""  # why no step is reminded at all
    lines: list[StepLine] = field(default_factory=list)
    earlier: list[tuple[OutboundMessage, str]] = field(default_factory=list)


def explain(member: Member, on: dt.date, *, by: access.Actor, now: dt.datetime | None = None) -> list[Account]:
    """Every duty towards the member as it stood on the day, with what became of each step.

    A day to come is judged by what is known today. Raises NoActor where `by` does not act; the caller has checked that
    the actor sees the member by a right. Of a duty of the other side only the agreed minimum is filled.
    """
    access.must_act(by)
    now = now or timezone.now()
    duties = ContactObligation.objects.visible_to(by).filter(member=member).select_related("organization")
    duties = duties.exclude(side=Side.MEMBER)  # nobody of an office is reminded of what the member does by itself
    accounts = [Account(duty, is_own_side(by, member, duty.organization)) for duty in duties.order_by("side")]
    ours = [account for account in accounts if account.is_ours]
    messages = _messages(ours)
    for account in ours:
        own = messages.get(account.duty.pk, [])
        if account.duty.standing != Standing.ACTIVE:
            account.silence = sentence(account.duty.standing, None)
            continue
        _fill(account, member, own, on, timezone.localdate(now))
        planned = {row.step: row for row in own if row.due_on == account.due_on and _is_known(row, on)}
        account.lines = [_line(account, one, planned.get(one[0]), on, now) for one in _judge(account, on)]
        former = [row for row in own if row.due_on != account.due_on][:EARLIER]
        workday = _next_workday(account, timezone.localdate(now))
        account.earlier = [(row, sentence(row.state, row, workday=workday)) for row in former]
    return accounts


def _messages(accounts: list[Account]) -> dict[uuid.UUID, list[OutboundMessage]]:
    """The reminders of these duties that the actor may read, the latest first, by duty. One query."""
    found: dict[uuid.UUID, list[OutboundMessage]] = {}
    duties = [account.duty.pk for account in accounts]
    rows = OutboundMessage.objects.filter(obligation__in=duties).exclude(step=Step.DATE)  # those: why_dates.py
    rows = rows.select_related("liaison", "recipient")
    for row in rows.order_by("-due_on", "-planned_at", "pk"):
        found.setdefault(row.obligation_id, []).append(row)
    return found


def _is_known(row: OutboundMessage, on: dt.date) -> bool:
    return timezone.localdate(row.planned_at) <= on


def _fill(account: Account, member: Member, own: list[OutboundMessage], on: dt.date, today: dt.date) -> None:
    """Rules, last contact and dates as of the day. Where a contact was written down since or the interval was another
    one, the date is counted anew; a first date, spread over the beginning, is read from what was planned."""
    duty = account.duty
    account.rules, was_other = _rules(duty, on)
    account.rules.works_again_on = _days_off(duty, {on, today})
    rules, account.last_on = account.rules, duty.last_success_on
    account.due_on, account.limit_on = duty.due_on, duty.limit_on
    if on >= today:
        return
    account.last_on = _last_known(member, duty, on)
    if account.last_on == duty.last_success_on and not was_other:
        return
    counted = account.last_on + dt.timedelta(days=rules.target_days) if account.last_on else None
    if counted is None or (rules.go_live_on and counted < rules.go_live_on):
        counted = max((row.due_on for row in own if _is_known(row, on)), default=None)
    account.due_on = counted
    account.limit_on = counted + dt.timedelta(days=rules.limit_days - rules.target_days) if counted else None


def _last_known(member: Member, duty: ContactObligation, on: dt.date) -> dt.date | None:
    """The last contact of the duty's side up to the day, as far as it was written down by its end."""
    files = [member, *member.linked_files]
    rows = ContactLog.objects.filter(member__in=files, side=duty.side, outcome=Outcome.REACHED)
    rows = rows.filter(contacted_on__lte=on, recorded_at__lt=_end_of(on))
    return rows.aggregate(last=Max("contacted_on"))["last"]


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))


def _rules(duty: ContactObligation, on: dt.date) -> tuple[Rules, bool]:
    """The rules of the day, and whether their interval was another one than today's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select later.target_days, later.limit_days, held.* from portal.reminder_rules_at(%(node)s, %(day)s) held,"
            " portal.reminder_rules_at(%(node)s, now()) later",
            {"node": duty.organization_id, "day": _end_of(on)},
        )
        target_now, limit_now, from_id, go_live, target, limit, *days = cursor.fetchone()
    whose = Organization.objects.filter(pk=from_id).first() if from_id else None
    was_other = (target, limit) != (target_now, limit_now)
    interval = (target or 90, limit or 120) if was_other else (duty.target_days, duty.limit_days)
    return Rules(whose, go_live, *interval, dict(zip(("before", *ESCALATIONS), days, strict=True))), was_other


def _days_off(duty: ContactObligation, days: set[dt.date]) -> dict[dt.date, dt.date | None]:
    """Of these days those on which nothing is sent for the duty's organization, each with the next workday."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select d, portal.next_workday(%(node)s, d) from unnest(%(days)s::date[]) d"
            " where portal.rests_on(%(node)s, d)",
            {"node": duty.organization_id, "days": sorted(days)},
        )
        return dict(cursor.fetchall())


def _next_workday(account: Account, day: dt.date) -> dt.date | None:
    """When what waits on a day off goes out; None on a workday."""
    return account.rules.works_again_on.get(day) if account.rules else None


def _line(account: Account, judged: Judged, row: OutboundMessage | None, on: dt.date, now: dt.datetime) -> StepLine:
    step, day, verdict = judged
    if row is not None:
        waits = _next_workday(account, timezone.localdate(now))
        return StepLine(step, day, code_of(row), sentence(row.state, row, is_quiet=is_quiet(now), workday=waits))
    if account.due_on is None:
        verdict = "unknown"
    elif verdict == "due" and on < timezone.localdate(now):
        verdict = "missed"
    go_live = account.rules.go_live_on if account.rules else None
    dates: dict[str, Any] = {
        "day": day,
        "go_live": go_live,
        "ended": account.duty.ended_on,
        "workday": _next_workday(account, on),
    }
    words = sentence(verdict, None, **dates)
    return StepLine(step, day, verdict, words)


def code_of(row: OutboundMessage) -> str:
    """The state of an outbox row, or the reason where that says more."""
    tells_more = row.state == MessageState.CANCELLED or row.reason == MessageReason.NO_RECIPIENT
    return row.reason if tells_more and row.reason else row.state


def _judge(account: Account, on: dt.date) -> list[Judged]:
    """The judge's verdict on every step. One query."""
    duty, rules = account.duty, account.rules
    assert rules is not None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select s.step, portal.step_day(s.step, d.due, d."limit", d.target, d.before, d.secretary, d.community,
                                           d.street),
                   portal.step_verdict(s.step, d.due, d."limit", d.target, d.ended, d.paused, d.go_live, d.before,
                                       d.secretary, d.community, d.street, d."on", d.rests)
              from unnest(%(steps)s::text[]) with ordinality as s (step, place),
                   (select %(due)s::date as due, %(limit)s::date as "limit", %(target)s::int as target,
                           %(ended)s::date as ended, %(paused)s::date as paused, %(go_live)s::date as go_live,
                           %(before)s::int as before, %(secretary)s::int as secretary, %(community)s::int as community,
                           %(street)s::int as street, %(on)s::date as "on", %(rests)s::boolean as rests) d
             order by s.place
            """,
            {
                "steps": list(DUTY_STEPS), "due": account.due_on, "limit": account.limit_on,
                "target": rules.target_days,
                "ended": duty.ended_on, "paused": duty.paused_until, "go_live": rules.go_live_on,
                **rules.steps, "on": on, "rests": on in rules.works_again_on,
            },
        )  # fmt: skip
        return [(str(step), day, str(verdict)) for step, day, verdict in cursor.fetchall()]
