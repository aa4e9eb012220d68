"""Why somebody was reminded of a member's date on a day, and why not (contacts/sql/dates.sql)."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.dates import rules
from contacts.dates.enums import DateKind, DateState
from contacts.dates.models import DateReminder
from contacts.dates.sealed import sealed_of
from contacts.enums import MessageReason, Standing, Step
from contacts.models import ContactObligation, OutboundMessage
from contacts.quiet import is_quiet
from contacts.why import code_of
from contacts.why_words import sentence
from members.models import Member
from portal import access
from portal.roles import Right

BACK, AHEAD = dt.timedelta(days=30), dt.timedelta(days=365)
MAILED_FOR = dt.timedelta(days=30)  # after that the list alone has it (portal.plan_date_messages)
NEXT = 2  # dates of one kind shown
EARLIER = 12
KINDS = tuple(kind for kind in rules.KINDS if kind != DateKind.FESTIVAL)  # festivals are of the office, not of a person
ENDED = gettext_lazy("Planned on %(planned)s, not sent: the date was done with, or it changed.")


@dataclass
class DateLine:
    """One date of the member: the day and since when it is told (None: there is none), the code of what became of it,
    and that in words."""

    label: str
    day: dt.date | None
    announce_on: dt.date | None
    verdict: str
    words: str


@dataclass
class DateAccount:
    """All kinds of dates on one day; `earlier`: reminders about dates that lie further back."""

    lines: list[DateLine] = field(default_factory=list)
    earlier: list[tuple[OutboundMessage, str]] = field(default_factory=list)


@dataclass
class _Known:
    """What is known of the member's dates, by kind and day, and by the day from which they are told."""

    reminders: dict[tuple[str, dt.date], DateReminder]
    messages: dict[dt.date, OutboundMessage]
    judged: dict[dt.date, tuple[str, dt.date | None, dt.date | None]]  # verdict, go-live, next workday on a day off
    workday: dt.date | None  # the next one, where today is none
    is_heard: bool  # whether a duty says who hears of it


def explain_dates(
    member: Member, on: dt.date, *, by: access.Actor, now: dt.datetime | None = None
) -> DateAccount | None:
    """The member's dates around the day by the rules of today; None for whoever is not of the organization that manages
    the file: these are its own. Raises NoActor where `by` does not act. A fixed number of statements."""
    access.must_act(by)
    if not access.may(Right.VIEW_MEMBERS, member.organization):
        return None
    now = now or timezone.now()
    held = {rule.kind.value: rule for rule in rules.rules_of(member.organization) if rule.kind in KINDS}
    wanted = _wanted(member, on)
    known = _known(member, wanted, on, timezone.localdate(now))
    account = DateAccount()
    for kind, rule in held.items():
        dates = sorted({*wanted.get(kind, []), *(
            (row.day, row.announce_on) for (of, _day), row in known.reminders.items() if of == kind)})  # fmt: skip
        for day, announce_on in dates[: NEXT + 1]:
            account.lines.append(_line(rule, day, announce_on, known, on, now))
        if not dates:
            account.lines.append(_silent(rule))
    told = {line.announce_on for line in account.lines}
    rest = [row for day, row in known.messages.items() if day not in told][:EARLIER]
    account.earlier = [(row, _told(row, known, now)) for row in rest]
    return account


def _silent(rule: rules.Rule) -> DateLine:
    if rule.is_on:
        words = _("The file has no such date within a year.")
        return DateLine(rule.label, None, None, "no_date", words)
    if rule.whose is None:
        return DateLine(rule.label, None, None, "off", _("No office has switched this on."))
    return DateLine(rule.label, None, None, "off", _("Switched off by %(office)s.") % {"office": rule.whose})


def _line(
    rule: rules.Rule, day: dt.date, announce_on: dt.date, known: _Known, on: dt.date, now: dt.datetime
) -> DateLine:
    reminder, row = known.reminders.get((rule.kind.value, day)), known.messages.get(announce_on)
    done = ""
    if reminder is not None and reminder.state != DateState.OPEN:
        at = timezone.localtime(reminder.closed_at).date().isoformat() if reminder.closed_at else "—"
        done = _("Ticked off on %(day)s: %(state)s.") % {"day": at, "state": reminder.get_state_display()}
    if row is not None and timezone.localdate(row.planned_at) <= on:
        words = " ".join(filter(None, (_told(row, known, now), done)))
        return DateLine(rule.label, day, announce_on, code_of(row), words)
    if done and reminder is not None:
        return DateLine(rule.label, day, announce_on, reminder.state, done)
    verdict, words = _unplanned(announce_on, known, on, timezone.localdate(now))
    return DateLine(rule.label, day, announce_on, verdict, words)


def _unplanned(announce_on: dt.date, known: _Known, on: dt.date, today: dt.date) -> tuple[str, str]:
    """Of a date for which nothing was planned: its code, and that in words."""
    verdict, go_live, workday = known.judged[announce_on]
    if verdict == "due" and announce_on < on - MAILED_FOR:
        return "list_only", _("Stands in the list alone: after a month nobody is written to about it any more.")
    if verdict == "due" and not known.is_heard:
        return "list_only", _("Stands in the list alone: nobody has to contact this person, so nobody is written to.")
    if verdict == "due" and on < today:
        verdict = "missed"
    return verdict, sentence(verdict, None, day=announce_on, go_live=go_live, workday=workday)


def _told(row: OutboundMessage, known: _Known, now: dt.datetime) -> str:
    if row.reason == MessageReason.ENDED:
        return str(ENDED) % {"planned": timezone.localdate(row.planned_at).isoformat()}
    return sentence(row.state, row, is_quiet=is_quiet(now), workday=known.workday)


def _wanted(member: Member, on: dt.date) -> dict[str, list[tuple[dt.date, dt.date]]]:
    """By kind the next NEXT dates that the rules ask for, each with the day from which it is told. One query."""
    found: dict[str, list[tuple[dt.date, dt.date]]] = {}
    named: dict[str, Any] = {"node": member.organization_id, "on": on, "until": on + AHEAD, "member": member.pk}
    named |= dict(zip(("sealed_of", "sealed_kinds", "sealed_days"), sealed_of([member]), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, day, announce_on from portal.wanted_dates(%(node)s, %(on)s, %(until)s, '{}', '{}',"
            " %(sealed_of)s, %(sealed_kinds)s, %(sealed_days)s)"
            " where member_id = %(member)s order by day",
            named,
        )
        for kind, day, announce_on in cursor.fetchall():
            dates = found.setdefault(str(kind), [])
            if len(dates) < NEXT:
                dates.append((day, announce_on))
    return found


def _known(member: Member, wanted: dict[str, list[tuple[dt.date, dt.date]]], on: dt.date, today: dt.date) -> _Known:
    rows = DateReminder.objects.filter(member=member, organization=member.organization_id)
    reminders = {(row.kind, row.day): row for row in rows.filter(day__range=(on - BACK, on + AHEAD)).order_by("day")}
    sent = OutboundMessage.objects.filter(obligation__member=member, step=Step.DATE)
    sent = sent.select_related("liaison", "recipient").order_by("-due_on", "-planned_at", "pk")
    messages: dict[dt.date, OutboundMessage] = {}
    for row in sent:
        messages.setdefault(row.due_on, row)
    days = {told for dates in wanted.values() for _day, told in dates} | {row.announce_on for row in reminders.values()}
    judged, workday = _judge(member, days, on, today)
    duties = ContactObligation.objects.current().filter(member=member, organization=member.organization_id)
    heard = duties.exclude(side="member").exclude(standing=Standing.OUTSIDE)
    return _Known(reminders, messages, judged, workday, heard.exists())


def _judge(
    member: Member, days: set[dt.date], on: dt.date, today: dt.date
) -> tuple[dict[dt.date, tuple[str, dt.date | None, dt.date | None]], dt.date | None]:
    """What planning says of dates told from these days, and the next workday where today is none. One query."""
    named: dict[str, Any] = {"node": member.organization_id, "days": sorted(days), "on": on, "today": today}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select d, portal.step_verdict('date', d, null, 0, null, null, p.go_live_on, 0, 0, 0, 0, %(on)s, p.rests),
                   p.go_live_on, case when p.rests then portal.next_workday(%(node)s, %(on)s) end,
                   case when portal.rests_on(%(node)s, %(today)s) then portal.next_workday(%(node)s, %(today)s) end
              from portal.reminder_rules(%(node)s, %(on)s) p
              left join unnest(%(days)s::date[]) d on true
            """,
            named,
        )
        rows = cursor.fetchall()
    return {day: (str(verdict), go_live, workday) for day, verdict, go_live, workday, _now in rows if day}, rows[0][4]
