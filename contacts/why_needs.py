"""Why somebody was reminded about a need of a member on a day, and why not (contacts/sql/need_reminders.sql)."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.enums import ESCALATIONS, MessageReason, Step
from contacts.models import OutboundMessage
from contacts.needs.enums import UNANSWERED
from contacts.needs.models import Need
from contacts.quiet import is_quiet
from contacts.why import StepLine, code_of
from contacts.why_words import sentence
from members.models import Member
from portal import access

SHOWN = 10  # needs, the latest first
EARLIER = 12  # reminders of one need about other days
ENDED = gettext_lazy("Planned on %(planned)s, not sent: the need was answered meanwhile.")


@dataclass
class NeedAccount:
    """One need on one day, with what became of each step; `earlier`: reminders about days it had before."""

    need: Need
    lines: list[StepLine] = field(default_factory=list)
    earlier: list[tuple[OutboundMessage, str]] = field(default_factory=list)


@dataclass
class _Judged:
    """What the rules of the need's office say: days of the escalations (0: off), the steps that are to be said on the
    day asked for, and the next workday where it is none today."""

    days: dict[str, int]
    reached: set[str]
    workday: dt.date | None


def explain_needs(
    member: Member, on: dt.date, *, by: access.Actor, now: dt.datetime | None = None
) -> list[NeedAccount]:
    """The needs of the member that the actor's side took down by that day, SHOWN at most, the latest first. What became
    of reminders is told up to now. Raises NoActor where `by` does not act. Three statements, however many needs."""
    access.must_act(by)
    now = now or timezone.now()
    rows = Need.objects.visible_to(by).filter(member__in=[member.pk, *member.linked_files], raised_on__lte=on)
    needs = list(rows.select_related("organization").order_by("-raised_on", "pk")[:SHOWN])
    judged, messages = _judge(needs, on, timezone.localdate(now)), _messages(needs)
    return [_account(need, judged[need.pk], messages.get(need.pk, []), on, now) for need in needs]


def _account(
    need: Need, judged: _Judged, messages: list[OutboundMessage], on: dt.date, now: dt.datetime
) -> NeedAccount:
    planned = {(row.step, row.due_on): row for row in messages}
    account = NeedAccount(need)
    for step, counted, day in _steps(need, judged):
        row = planned.pop((step, counted), None) if counted else None
        if row is not None and timezone.localdate(row.planned_at) <= on:
            account.lines.append(StepLine(step, day, code_of(row), _told(row, judged, now)))
        else:
            verdict, words = _verdict(need, step, day, judged, on, now)
            account.lines.append(StepLine(step, day, verdict, words))
    account.earlier = [(row, _told(row, judged, now)) for row in list(planned.values())[:EARLIER]]
    return account


def _steps(need: Need, judged: _Judged) -> list[tuple[str, dt.date | None, dt.date | None]]:
    """Every step, the date of the need that it counts from, and the day on which it is reached (None: not used)."""
    steps: list[tuple[str, dt.date | None, dt.date | None]] = [
        (Step.LIMIT.value, need.due_on, need.due_on + dt.timedelta(days=1))
    ]
    if need.follow_on:
        steps.append((Step.FOLLOW.value, need.follow_on, need.follow_on))
    for step in ESCALATIONS:
        after = judged.days[step]
        steps.append((step, need.due_on, need.due_on + dt.timedelta(days=after) if after else None))
    return steps


def _verdict(
    need: Need, step: str, day: dt.date | None, judged: _Judged, on: dt.date, now: dt.datetime
) -> tuple[str, str]:
    """Of a step for which nothing was planned: its code, and that in words."""
    if need.state not in UNANSWERED and (need.answered_on is None or need.answered_on <= on):
        return "answered", _("Answered on %(day)s: nothing is sent any more.") % {"day": need.answered_on or "—"}
    if day is None:
        return "off", sentence("off", None)
    if day > on:
        return "not_due", sentence("not_due", None, day=day)
    if step not in judged.reached:
        return "later_step", sentence("later_step", None)
    verdict = "due" if on >= timezone.localdate(now) else "missed"
    return verdict, sentence(verdict, None)


def _told(row: OutboundMessage, judged: _Judged, now: dt.datetime) -> str:
    if row.reason == MessageReason.ENDED:
        return str(ENDED) % {"planned": timezone.localdate(row.planned_at).isoformat()}
    return sentence(row.state, row, is_quiet=is_quiet(now), workday=judged.workday)


def _messages(needs: list[Need]) -> dict[uuid.UUID, list[OutboundMessage]]:
    """The reminders of these needs that the actor may read, the latest first. One query."""
    found: dict[uuid.UUID, list[OutboundMessage]] = {}
    rows = OutboundMessage.objects.filter(need__in=[need.pk for need in needs]).select_related("liaison", "recipient")
    for row in rows.order_by("-due_on", "-planned_at", "pk"):
        assert row.need_id is not None  # asked for by it
        found.setdefault(row.need_id, []).append(row)
    return found


def _judge(needs: list[Need], on: dt.date, today: dt.date) -> dict[uuid.UUID, _Judged]:
    """What planning would say of these needs. One query."""
    named: dict[str, Any] = {
        "ids": [need.pk for need in needs], "nodes": [need.organization_id for need in needs],
        "due": [need.due_on for need in needs], "follow": [need.follow_on for need in needs], "on": on, "today": today,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select n.id, p.secretary_days, p.community_days, p.street_days,
                   array(select s.step from portal.need_steps(n.due, n.follow, p.secretary_days, p.community_days,
                                                              p.street_days, %(on)s) s),
                   case when portal.rests_on(n.node, %(today)s) then portal.next_workday(n.node, %(today)s) end
              from unnest(%(ids)s::uuid[], %(nodes)s::uuid[], %(due)s::date[], %(follow)s::date[])
                   as n (id, node, due, follow)
             cross join lateral portal.contact_policy(n.node) p
            """,
            named,
        )
        return {
            key: _Judged(dict(zip(ESCALATIONS, days, strict=True)), set(reached), workday)
            for key, *days, reached, workday in cursor.fetchall()
        }
