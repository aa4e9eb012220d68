"""What falls on a day off goes out once, on the next workday, and is never lost."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.calendar import services
from contacts.calendar.national import national_days
from contacts.models import OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison, log_contact
from contacts.why import explain
from members.models import Member
from tests.contacts.conftest import at

DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
LIAISON = "shi@example.invalid"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("days_off")]


@pytest.fixture
def due(acting: Any, world: Any, make_member: Any, live_since: Any, owner: Any, without_steps: None) -> Any:
    """due(day, …) → a member of C111 with a liaison, due on this day; nobody else in the world is."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    owner.execute("update contacts_need set due_on = '2099-01-01', follow_on = null")
    made: list[Any] = []

    def make(day: dt.date, key: str = "C111", **steps: int) -> Member:
        with acting(CLERK) as actor:
            if not made:
                live_since(dt.date(2025, 1, 1), **steps)
                office = world.organization(key)
                made.append(create_liaison(organization=office, name="石评梅", by=actor, email=LIAISON))
            member = make_member(key, name="单田芳")
            assign_liaison(member=member, liaison=made[0], by=actor)
        owner.execute("update contacts_contactobligation set due_on = %s, limit_on = %s where member_id = %s"
                      " and side = 'home'", [day, day + 30 * DAY, member.pk])  # fmt: skip
        return member

    return make


def rows(acting: Any, member: Member) -> list[tuple[str, str]]:
    with acting(CLERK):
        return list(OutboundMessage.objects.filter(obligation__member=member).values_list("step", "state"))


def verdict(acting: Any, member: Member, on: dt.date, now: dt.datetime) -> tuple[str, str]:
    with acting(CLERK) as actor:
        account = next(one for one in explain(member, on, by=actor, now=now) if one.duty.side == "home")
        return next((line.verdict, line.words) for line in account.lines if line.step == "target")


# due day → the day on which it goes out
CASES = {
    "2026-01-01": "2026-01-04",  # New Year; a Sunday on which people work
    "2026-02-14": "2026-02-14",  # a Saturday on which people work
    "2026-02-15": "2026-02-24",  # the first day of the Spring Festival
    "2026-02-23": "2026-02-24",
    "2026-02-28": "2026-02-28",
    "2026-09-20": "2026-09-20",  # a Sunday on which people work
    "2026-09-25": "2026-09-28",  # Mid-Autumn
    "2026-10-01": "2026-10-08",  # National Day
    "2026-10-07": "2026-10-08",
    "2026-10-10": "2026-10-10",
    "2026-10-11": "2026-10-12",
    "2026-11-22": "2026-11-23",  # a plain Sunday
    "2027-01-01": "2027-01-04",  # across the year, in a year that is not announced
    "2028-02-29": "2028-02-29",
}


@pytest.mark.parametrize(("due_on", "sent_on"), CASES.items())
def test_reminder_goes_out_on_the_next_workday_once(due: Any, acting: Any, due_on: str, sent_on: str) -> None:
    first, last = dt.date.fromisoformat(due_on), dt.date.fromisoformat(sent_on)
    member = due(first)
    for number in range(-1, (last - first).days):
        assert send_reminders(now=at(first + number * DAY))["sent"] == 0
    assert mail.outbox == []
    assert send_reminders(now=at(last))["sent"] == 1
    for number in range(1, 4):
        assert send_reminders(now=at(last + number * DAY))["sent"] == 0
    assert [message.to for message in mail.outbox] == [[LIAISON]]
    assert rows(acting, member) == [("target", "sent")]


@pytest.mark.parametrize(
    ("hour", "minute", "sent"), [(20, 59, 1), (21, 0, 0), (23, 59, 0), (0, 0, 0), (7, 59, 0), (8, 0, 1)]
)
def test_quiet_hours_hold_on_a_workday(due: Any, hour: int, minute: int, sent: int) -> None:
    due(dt.date(2026, 11, 23))
    assert send_reminders(now=at(dt.date(2026, 11, 23), hour, minute))["sent"] == sent


def test_what_was_planned_on_the_eve_waits_for_the_workday(due: Any, acting: Any, owner: Any) -> None:
    """Friday night the round plans and is quiet; the whole weekend it sends nothing."""
    friday = dt.date(2026, 11, 20)
    member = due(friday)
    send_reminders(now=at(friday, 22))
    assert rows(acting, member) == [("target", "pending")]
    for moment in (at(friday + DAY, 8), at(friday + DAY, 12), at(friday + 2 * DAY, 20), at(friday + 3 * DAY, 7)):
        send_reminders(now=moment)
        assert rows(acting, member) == [("target", "pending")]
    owner.execute("update contacts_outboundmessage set planned_at = '2026-11-20 22:00+08'")
    told = verdict(acting, member, friday + DAY, at(friday + DAY, 12))
    assert told[0] == "pending"
    assert "2026-11-23" in told[1]
    send_reminders(now=at(friday + 3 * DAY, 8))
    assert rows(acting, member) == [("target", "sent")]
    assert len(mail.outbox) == 1


def test_late_beat_sends_what_a_holiday_kept_with_one_mail(due: Any, acting: Any) -> None:
    member = due(dt.date(2026, 10, 1))
    assert send_reminders(now=at(dt.date(2026, 11, 16)))["sent"] == 1  # nobody ticked for weeks
    assert rows(acting, member) == [("limit", "sent")]  # the latest step alone
    assert len(mail.outbox) == 1


def test_contact_on_the_holiday_leaves_nothing_to_send(due: Any, acting: Any) -> None:
    member = due(dt.date(2026, 10, 3))
    send_reminders(now=at(dt.date(2026, 10, 3)))
    with acting(CLERK) as actor:
        log_contact(member=member, by=actor, on=dt.date(2026, 10, 4))
    for number in range(4, 12):
        send_reminders(now=at(dt.date(2026, 10, number)))
    assert mail.outbox == []


def test_mail_of_unknown_fate_is_repeated_on_a_workday(due: Any, acting: Any, owner: Any) -> None:
    friday = dt.date(2026, 11, 20)
    member = due(friday)
    send_reminders(now=at(friday))
    owner.execute("update contacts_digest set state = 'unsure', sent_at = null")
    owner.execute("update contacts_outboundmessage set state = 'unsure' where step = 'target' and state = 'sent'"
                  " and digest_id is not null")  # fmt: skip
    for number in (1, 2):
        assert send_reminders(now=at(friday + number * DAY))["claimed"] == 0
    assert len(mail.outbox) == 1
    send_reminders(now=at(friday + 3 * DAY))
    assert rows(acting, member) == [("target", "sent")]
    assert len(mail.outbox) == 2


def test_day_that_becomes_a_day_off_holds_what_is_grouped_already(due: Any, acting: Any, world: Any) -> None:
    monday = dt.date(2026, 11, 23)
    member = due(monday)
    send_reminders(now=at(monday, 22))
    with connection.cursor() as cursor, acting(CLERK) as actor:
        services.set_days(office=world.organization("S11"), first=monday + DAY, last=monday + DAY, is_workday=False,
                          name="停电", by=actor)  # fmt: skip
        assert cursor
    send_reminders(now=at(monday + DAY))
    assert rows(acting, member) == [("target", "pending")]
    send_reminders(now=at(monday + 2 * DAY))
    assert rows(acting, member) == [("target", "sent")]


def test_why_page_says_that_a_day_off_put_it_off(due: Any, acting: Any, login: Any, world: Any) -> None:
    holiday, work = timezone.localdate() + 3 * DAY, timezone.localdate() + 4 * DAY
    member = due(holiday)
    with acting(CLERK) as actor:
        for day in (holiday, work):
            services.set_days(office=world.organization("S11"), first=day, last=day, is_workday=day == work, name="",
                              by=actor)  # fmt: skip
    assert verdict(acting, member, holiday - DAY, at(holiday - DAY))[0] == "not_due"
    told = verdict(acting, member, holiday, at(holiday))
    assert told[0] == "holiday"
    assert work.isoformat() in told[1]
    assert verdict(acting, member, work, at(holiday))[0] == "due"
    page = login(CLERK).get(f"/admin/contacts/why/{member.pk}/", {"on": holiday.isoformat()}).content.decode()
    assert 'data-verdict="holiday"' in page


def test_office_that_sends_on_days_off_sends_on_a_sunday(due: Any, acting: Any, world: Any, owner: Any) -> None:
    owner.execute("insert into contacts_daterule (id, organization_id, kind, is_on, days_before, on_since)"
                  " values (gen_random_uuid(), %s, 'workdays', false, 0, '2026-01-01')",
                  [world.organization("C111").pk])  # fmt: skip
    sunday = dt.date(2026, 11, 22)
    here, there = due(sunday), due(sunday, "C112")
    send_reminders(now=at(sunday))
    assert (rows(acting, here), rows(acting, there)) == ([("target", "sent")], [])
    send_reminders(now=at(sunday + DAY))
    assert rows(acting, there) == [("target", "sent")]


OFF = national_days()


def works(day: dt.date) -> bool:
    """A model of its own."""
    return OFF[day][0] if day in OFF else day.isoweekday() < 6


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(due_on=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), late=st.integers(0, 12))
def test_any_day_is_reminded_of_once_on_a_workday(
    due: Any, acting: Any, owner: Any, due_on: dt.date, late: int
) -> None:
    """However late the rounds begin, the reminder goes out on the first workday from then on, and never again."""
    owner.execute("delete from contacts_outboundmessage; delete from contacts_digest")  # of the case before
    member = due(due_on)
    expected = due_on + late * DAY
    while not works(expected):
        expected += DAY
    rounds = [due_on + number * DAY for number in range(late, (expected - due_on).days + 3)]
    assert [day for day in rounds if send_reminders(now=at(day))["sent"]] == [expected]
    owner.execute("update members_member set state = 'archived' where id = %s", [member.pk])
