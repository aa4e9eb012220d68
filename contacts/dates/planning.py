"""Planning of date reminders, and what a rule would bring before it is switched on."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.care.festivals import Festival, festival_day
from contacts.dates import rules
from contacts.dates.enums import DateKind
from contacts.dates.models import DateReminder
from contacts.dates.sealed import sealed_dates
from portal import access
from portal.models import Organization
from portal.roles import Purpose

SHOWN = 200


@dataclass(frozen=True)
class Heard:
    """Who would hear of today's, of how many people, and how: by e-mail, or on the portal's own page alone."""

    name: str
    count: int
    by_mail: bool


@dataclass
class Preview:
    """What a rule would bring: the rows of today (SHOWN of `count`), who would hear of them, how many people nobody
    would hear of, and the dates within a year."""

    rows: list[DateReminder]
    count: int
    recipients: list[Heard]
    without: int
    sent_on: dt.date
    in_a_year: int


def plan_dates(*, now: dt.datetime | None = None) -> int:
    """One round over all roots of the tree, as of `now` (aware). Returns the reminders that are new.

    Any number of rounds, at once or late, comes to the same rows.
    """
    today = timezone.localdate(now)
    added = 0
    for root in access.roots():
        with access.acting_as(access.system_actor(Purpose.REMINDERS, root)):
            added += plan_below(root, today)
    return added


def plan_below(office: Organization, today: dt.date) -> int:
    """Bring the reminders of an office and those below into line. The actor must hold send_reminders there."""
    values = [office.pk, today, *_festivals(today), *sealed_dates(office)]
    return int(_ask("select portal.plan_dates(%s, %s, %s, %s, %s, %s, %s)", values)[0][0])


def switch_and_plan(
    *, office: Organization, kind: str, is_on: bool, by: access.Actor, days_before: int | None = None
) -> None:
    """Set a rule (rules.switch, with its errors) and bring its reminders into line at once."""
    rules.switch(office=office, kind=kind, is_on=is_on, by=by, days_before=days_before)
    _plan_now(office)


def forget_and_plan(*, office: Organization, kind: str, by: access.Actor) -> None:
    """Take the office's own rule back (rules.forget, with its errors) and bring its reminders into line at once."""
    rules.forget(office=office, kind=kind, by=by)
    _plan_now(office)


def _plan_now(office: Organization) -> None:
    """Under the purpose of the rounds: whoever sets rules need not see every member below."""
    with access.acting_as(access.system_actor(Purpose.REMINDERS, office)):
        plan_below(office, timezone.localdate())


def preview(*, office: Organization, kind: str, days_before: int, by: access.Actor) -> Preview:
    """What the rule would bring to the office and those below it: it is switched on, planned by the very functions of
    the rounds, read, and taken back. Errors of rules.switch."""
    today = timezone.localdate()
    with transaction.atomic():
        rules.switch(office=office, kind=kind, is_on=True, by=by, days_before=days_before)
        with access.acting_as(access.system_actor(Purpose.REMINDERS, office)):
            plan_below(office, today)
            found = _read(office, kind, today)
        transaction.set_rollback(True)
    return found


def _read(office: Organization, kind: str, today: dt.date) -> Preview:
    rows = DateReminder.objects.filter(kind=kind, state="open", organization__path__descendants=office.path)
    rows = rows.select_related("member__organization", "organization").order_by("day", "organization__path", "id")
    ((sent_on,),) = _ask(
        "select case when portal.rests_on(%(node)s, %(day)s) then portal.next_workday(%(node)s, %(day)s)"
        " else %(day)s end",
        {"node": office.pk, "day": today},
    )
    plan = "plan_office_lines" if kind == DateKind.FESTIVAL else "plan_date_messages"
    _ask(f"select portal.{plan}(%s, %s)", [office.pk, sent_on or today])  # noqa: S608  the two names above
    heard = _ask(
        """
        with asked as (
          select m.id from contacts_outboundmessage m
            join contacts_contactobligation o on o.id = m.obligation_id
            join contacts_datereminder r on r.member_id = o.member_id and r.announce_on = m.due_on and r.kind = %s
           where m.step = 'date' and m.state = 'pending' and m.digest_id is null
          union all  -- a festival is an office's line
          select m.id from contacts_outboundmessage m
           where m.step = 'festival' and %s = 'festival' and m.state = 'pending' and m.digest_id is null)
        select coalesce(l.name, u.name), count(*), coalesce(r.address, '') <> ''
          from portal.reminder_recipients(array(select id from asked)) r
          left join contacts_liaison l on l.id = r.liaison_id left join portal_user u on u.id = r.user_id
         group by l.id, u.id, 1, 3 order by 2 desc, 1
        """,
        [kind, kind],
    )
    ((in_a_year,),) = _ask(
        "select count(*) from portal.wanted_dates(%s, %s, %s, %s, %s, %s, %s, %s) where kind = %s",
        [office.pk, today, today + dt.timedelta(days=365), *_festivals(today), *sealed_dates(office), kind],
    )
    return Preview(
        rows=list(rows[:SHOWN]), count=rows.count(), recipients=[Heard(*row) for row in heard if row[0]],
        without=sum(number for name, number, _mail in heard if not name), sent_on=sent_on or today, in_a_year=in_a_year,
    )  # fmt: skip


def _festivals(today: dt.date) -> tuple[list[dt.date], list[str]]:
    """Days and names of the festivals of this year and the ones around it; lunar ones are not known in SQL."""
    found = [(festival_day(one, year), one.value) for one in Festival for year in range(today.year - 1, today.year + 2)]
    return [day for day, _name in found], [name for _day, name in found]


def _ask(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
