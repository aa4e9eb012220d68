"""Which dates become reminders, from which day, once."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.care.festivals import Festival, festival_day
from contacts.dates import planning
from contacts.dates.enums import DateState
from contacts.dates.services import mark
from contacts.models import ContactObligation, DateReminder, OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison, log_contact
from members.models import Member, Movement
from tests.contacts.conftest import at
from tests.contacts.dates.conftest import CLERK, shown

DAY = dt.timedelta(days=1)
LIAISON = "shi@example.invalid"
pytestmark = pytest.mark.django_db(transaction=True)

PROBATION = {"member_type": "probationary"}
ABROAD = {"scope": "境外", "reason": "学习"}
# kind, days before, the file, the day
CASES = [
    ("probation", 30, PROBATION | {"join_date": "2026-01-15"}, "2027-01-15"),
    ("probation", 30, PROBATION | {"join_date": "2026-01"}, "2027-01-31"),  # of a month the last day
    ("probation", 30, PROBATION | {"join_date": "2028-02-29"}, "2029-02-28"),
    ("probation", 30, PROBATION | {"join_date": "2027-02"}, "2028-02-28"),
    ("return", 14, {"ends": "2027-01-05"}, "2027-01-05"),
    ("return", 14, {"ends": "2028-02"}, "2028-02-29"),
    ("return_day", 0, {"ends": "2026-12-31"}, "2026-12-31"),
    ("half_year", 14, ABROAD | {"started": "2026-08-31"}, "2027-02-28"),
    ("half_year", 14, ABROAD | {"started": "2025-09"}, "2027-03-30"),
    ("graduated", 60, {"details": {"graduated_on": "2025-06"}}, "2027-06-30"),
    ("graduated", 60, {"details": {"graduated_on": "2024-02-29"}}, "2026-02-28"),
    ("dues", 14, {"details": {"dues_paid_until": "2027-02"}}, "2027-02-28"),
    ("dues", 0, {"details": {"dues_paid_until": "2027-12"}}, "2027-12-31"),
    ("birthday", 1, {"join_date": "2001-07-01"}, "2027-07-01"),
    ("birthday", 1, {"join_date": "2004-02-29"}, "2027-02-28"),
    ("birthday", 1, {"join_date": "2004-02-29"}, "2028-02-29"),
]


@pytest.mark.parametrize(("kind", "before", "fields", "day"), CASES)
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_date_is_told_from_its_day_on(
    dated: Any, rule: Any, planned: Any, kind: str, before: int, fields: Any, day: str, offset: int
) -> None:
    member = dated(**fields)
    rule(kind, before)
    first = dt.date.fromisoformat(day) - before * DAY
    assert planned(first + offset * DAY, member) == ([(kind, day)] if offset >= 0 else [])


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("probation", {"join_date": "2026-01-15", "member_type": "full"}),
        ("probation", PROBATION | {"join_date": "2026"}),
        ("probation", PROBATION),
        ("return", {"ends": "2027"}),
        ("return_day", {}),
        ("half_year", {"scope": "境外", "reason": "务工", "started": "2026-07-15"}),
        ("half_year", {"scope": "跨省", "reason": "学习", "started": "2026-07-15"}),
        ("graduated", {"details": {"graduated_on": "2025"}}),
        ("graduated", {"details": {"dues_paid_until": "2025-03"}}),
        ("dues", {"details": {"dues_paid_until": "2027", "graduated_on": "2025-02"}}),
        ("birthday", {"join_date": "2001-01"}),  # the day is not known
        ("birthday", {"join_date": "2001"}),
        ("birthday", {"join_date": "2001-01-15", "scope": "境外"}),
    ],
)
def test_date_that_is_not_known_or_not_meant_is_not_told(
    dated: Any, rule: Any, planned: Any, kind: str, fields: Any
) -> None:
    member = dated(**fields)
    rule(kind, 180)
    assert planned("2027-01-10", member) == []


def test_first_anniversary_comes_a_year_after(dated: Any, rule: Any, planned: Any) -> None:
    member = dated(join_date="2026-12-01")
    rule("birthday", 1)
    assert planned("2026-11-30", member) == []
    assert planned("2027-11-30", member) == [("birthday", "2027-12-01")]


def test_nothing_is_told_before_a_rule_is_switched_on(dated: Any, rule: Any, planned: Any) -> None:
    member = dated(ends="2026-12-01")
    assert planned("2026-12-01", member) == []
    rule("return_day", is_on=False)
    assert planned("2026-12-01", member) == []
    rule("return_day", since="2026-12-02")
    assert planned("2026-12-02", member) == []
    rule("return_day", since="2026-12-01")
    assert planned("2026-12-02", member) == [("return_day", "2026-12-01")]  # a late round


def test_nearest_rule_counts(dated: Any, rule: Any, planned: Any) -> None:
    near, far, other = (dated(key, ends="2027-01-20") for key in ("C111", "C112", "B111"))
    rule("return", 14)
    rule("return", key="C112", is_on=False)
    rule("return", 30, key="B111")
    planned("2026-12-25")
    assert [bool(planned("2026-12-25", member)) for member in (near, far, other)] == [False, False, True]
    assert [bool(planned("2027-01-06", member)) for member in (near, far, other)] == [True, False, True]


def test_planning_again_and_again_is_planning_once(dated: Any, rule: Any, planned: Any, acting: Any) -> None:
    member = dated(ends="2027-01-10", join_date="2001-01-08")
    for kind, days in (("return", 14), ("return_day", 0), ("birthday", 1)):
        rule(kind, days)
    for number in range(30):
        planned(dt.date(2026, 12, 20) + number * DAY)
    assert shown(acting, member) == [("birthday", "2027-01-08"), ("return", "2027-01-10"), ("return_day", "2027-01-10")]
    assert planning.plan_dates(now=at(dt.date(2027, 1, 18))) == 0


def test_date_that_moves_takes_its_open_reminder_along(dated: Any, rule: Any, planned: Any, acting: Any) -> None:
    member = dated(ends="2027-01-10")
    rule("return", 14)
    assert planned("2026-12-28", member) == [("return", "2027-01-10")]
    with acting(CLERK):
        Movement.objects.filter(member=member).update(expected_end_on="2027-01-11")
    assert planned("2026-12-28", member) == [("return", "2027-01-11")]
    with acting(CLERK):
        Movement.objects.filter(member=member).update(expected_end_on="2027-06-01")
    assert planned("2026-12-29", member) == []


def test_what_was_ticked_off_never_comes_again(dated: Any, rule: Any, planned: Any, acting: Any) -> None:
    member = dated(ends="2027-01-10")
    rule("return", 14)
    planned("2026-12-28")
    with acting(CLERK) as actor:
        row = DateReminder.objects.get(member=member)
        assert mark(reminders=[row.pk], state=DateState.DISMISSED, by=actor) == 1
    rule("return", 14, is_on=False)
    planned("2026-12-29")
    rule("return", 14)
    assert planned("2026-12-30", member) == [("return", "2027-01-10")]
    with acting(CLERK):
        assert DateReminder.objects.get(member=member).state == DateState.DISMISSED


@pytest.mark.parametrize("state", ["returned", "left", "transferred", "deceased", "archived"])
def test_who_has_left_is_no_longer_told_of(dated: Any, rule: Any, planned: Any, acting: Any, state: str) -> None:
    member = dated(ends="2027-01-10")
    rule("return", 14)
    planned("2026-12-28")
    with acting(CLERK):
        Member.objects.filter(pk=member.pk).update(state=state)
        assert not DateReminder.objects.filter(member=member).current().exists()
    assert planned("2026-12-29", member) == []


def test_open_reminder_goes_with_the_file(dated: Any, rule: Any, planned: Any, acting: Any, world: Any) -> None:
    member = dated(ends="2027-01-10")
    rule("return", 14)
    planned("2026-12-28")
    with acting(CLERK):
        Member.objects.filter(pk=member.pk).update(organization=world.organization("C112"))
    with acting("community_clerk@C111"):
        assert not DateReminder.objects.filter(member=member).exists()
    with acting("community_clerk@C112"):
        assert DateReminder.objects.get(member=member).organization == world.organization("C112")
    assert planned("2026-12-29", member) == [("return", "2027-01-10")]


@pytest.mark.parametrize(("festival", "day"), [(one, festival_day(one, 2027)) for one in Festival])
def test_festival_is_told_to_each_office_once(
    dated: Any, rule: Any, planned: Any, acting: Any, festival: Festival, day: dt.date
) -> None:
    for name in ("单田芳", "张三丰"):
        dated(name=name)
    rule("festival", 7)
    for number in (-8, -7, -6, 0):
        planned(day + number * DAY)
        with acting(CLERK):
            rows = DateReminder.objects.filter(kind="festival", festival=festival, day=day)
            offices = [row.organization.short_name for row in rows.select_related("organization")]
        assert sorted(offices) == ([] if number == -8 else ["样例C111", "样例C112"])


def test_planning_is_a_fixed_number_of_statements(dated: Any, rule: Any) -> None:
    rule("return", 14)
    counts = []
    for number in (1, 5):
        for place in range(number):
            dated(name=f"多人{number}{place}", ends="2027-01-10")
        with CaptureQueriesContext(connection) as statements:
            assert planning.plan_dates(now=at(dt.date(2027, 1, 1))) == number
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.fixture
def liaison(world: Any, acting: Any, owner: Any, live_since: Any) -> Any:
    """The liaison 石评梅 of C111; nobody in the world is due, nor anybody whom a test makes."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    with acting(CLERK) as actor:
        live_since(dt.date(2026, 11, 1), target=400, limit=500)
        return create_liaison(organization=world.organization("C111"), name="石评梅", by=actor, email=LIAISON)


def looked_after(acting: Any, member: Member, liaison: Any) -> Member:
    with acting(CLERK) as actor:
        assign_liaison(member=member, liaison=liaison, by=actor)
    return member


def mails() -> list[Any]:
    return [message for message in mail.outbox if message.to == [LIAISON]]


def test_liaison_gets_one_mail_with_a_number_and_no_name(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any
) -> None:
    people = [looked_after(acting, dated(name=name, ends="2026-12-10", join_date="2001-12-10"), liaison)
              for name in ("单田芳", "张三丰")]  # fmt: skip
    for kind in ("return", "birthday"):
        rule(kind, 10)
    planned("2026-11-30")
    for number in range(8):
        send_reminders(now=at(dt.date(2026, 11, 30) + number * DAY))
    (message,) = mails()
    text = message.subject + message.body
    assert "2" in message.subject
    assert not [word for word in ("单田芳", "张三丰", "党", "组织", "2001") if word in text]
    assert "/admin/contacts/datereminder/" not in text  # no login: asked at the office
    with acting(CLERK):
        found = OutboundMessage.objects.filter(obligation__member__in=people)
        assert set(found.values_list("step", "state")) == {("date", "sent")}


def test_reminder_ticked_off_before_the_mail_is_not_sent(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any
) -> None:
    member = looked_after(acting, dated(ends="2026-12-10"), liaison)
    rule("return", 10)
    planned("2026-11-30")
    send_reminders(now=at(dt.date(2026, 11, 30), 22))  # planned in the quiet hours
    with acting(CLERK) as actor:
        mark(reminders=[DateReminder.objects.get(member=member).pk], state=DateState.DONE, by=actor)
    send_reminders(now=at(dt.date(2026, 12, 1)))
    assert mails() == []
    with acting(CLERK) as actor:
        assert OutboundMessage.objects.get(obligation__member=member).state == "cancelled"
        mark(reminders=[DateReminder.objects.get(member=member).pk], state=DateState.OPEN, by=actor)
    send_reminders(now=at(dt.date(2026, 12, 2)))
    assert len(mails()) == 1


def test_contact_meanwhile_does_not_take_the_reminder_of_a_date_along(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any, owner: Any
) -> None:
    member = looked_after(acting, dated(ends="2026-12-10"), liaison)
    rule("return", 10)
    planned("2026-11-30")
    send_reminders(now=at(dt.date(2026, 11, 30), 22))
    owner.execute("insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction,"
                  " method, outcome, source, recorded_at) values (gen_random_uuid(), %s, %s, 'home', '2026-11-01',"
                  " 'to_member', 'phone', 'reached', 'logged', now())",
                  [member.pk, member.organization_id])  # fmt: skip
    send_reminders(now=at(dt.date(2026, 12, 1)))
    assert len(mails()) == 1


def test_reminder_of_a_date_waits_for_a_workday(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any, owner: Any
) -> None:
    owner.execute("delete from contacts_daterule where kind = 'workdays'")
    looked_after(acting, dated(ends="2027-02-16"), liaison)
    rule("return", 10)
    planned("2027-02-06")  # the first day of the Spring Festival
    sent = [day for day in range(6, 14) if send_reminders(now=at(dt.date(2027, 2, day)))["sent"]]
    assert sent == [11]


def test_own_report_is_told_before_its_day_and_goes_when_it_was_made(
    dated: Any, rule: Any, planned: Any, acting: Any
) -> None:
    """The yearly report of one's own has no other reminder: nobody of an office is due. Never of people abroad."""
    member, abroad = dated(), dated(name="张三丰", scope="境外")
    with acting(CLERK):
        due = ContactObligation.objects.get(member=member, side="member").due_on
        assert ContactObligation.objects.filter(member=abroad, side="member").exists()
    rule("own_report", 30)
    assert planned(due - 31 * DAY, member) == []
    assert planned(due - 30 * DAY, member) == [("own_report", due.isoformat())]
    assert planned(due - 30 * DAY, abroad) == []
    with acting(CLERK) as actor:
        log_contact(member=member, by=actor, direction="from_member")
    assert planned(due - 29 * DAY, member) == []


def of_office(word: str = "kind=festival") -> list[Any]:
    return [message for message in mail.outbox if word in message.body]


def test_festival_is_mailed_to_the_office_once_and_names_nobody(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any
) -> None:
    dated(name="单田芳"), dated(name="张三丰")
    rule("festival", 7)
    for number in range(-9, 2):
        planned(dt.date(2027, 1, 1) + number * DAY)
        send_reminders(now=at(dt.date(2027, 1, 1) + number * DAY))
    (message,) = of_office()
    assert message.to == ["community_clerk.C111@example.invalid"]
    assert not [word for word in ("单田芳", "张三丰", "党", "组织") if word in message.subject + message.body]
    with acting(CLERK):
        rows = OutboundMessage.objects.filter(step="festival").values_list("due_on", "state")
        assert list(rows) == [(dt.date(2026, 12, 25), "sent")]


def test_festival_that_was_ticked_off_or_is_over_is_not_mailed(
    dated: Any, rule: Any, planned: Any, acting: Any, liaison: Any
) -> None:
    dated()
    rule("festival", 7)
    planned("2026-12-25")
    send_reminders(now=at(dt.date(2026, 12, 25), 22))  # planned in the quiet hours
    with acting(CLERK) as actor:
        feast = DateReminder.objects.get(kind="festival", organization__short_name="样例C111")
        mark(reminders=[feast.pk], state=DateState.DONE, by=actor)
    send_reminders(now=at(dt.date(2026, 12, 28)))
    assert of_office() == []
    with acting(CLERK) as actor:
        assert OutboundMessage.objects.get(step="festival").state == "cancelled"
        mark(reminders=[feast.pk], state=DateState.OPEN, by=actor)
    send_reminders(now=at(dt.date(2027, 1, 4)))
    assert of_office() == []


def test_preview_of_festivals_names_who_will_hear(dated: Any, world: Any, acting: Any, liaison: Any) -> None:
    dated()
    with acting(CLERK) as actor:
        office = world.organization("C111")
        found = planning.preview(office=office, kind="festival", days_before=100, by=actor)
        assert found.count >= 1
        assert [one.by_mail for one in found.recipients] == [True]
        assert not DateReminder.objects.filter(kind="festival").exists()


def test_sealed_dates_are_opened_only_where_a_rule_asks_for_them(
    dated: Any, rule: Any, planned: Any, acting: Any
) -> None:
    """The other community has switched them off by a rule of its own. A changed month replaces the old one."""
    own, other = (dated(key, details={"dues_paid_until": "2027-01"}) for key in ("C111", "C112"))
    rule("birthday", 1)
    with CaptureQueriesContext(connection) as without:
        assert planned("2027-01-20", own) == []
    assert not any("details_sealed" in query["sql"] for query in without)
    rule("dues", 14)
    rule("dues", 14, key="C112", is_on=False)
    assert planned("2027-01-20", own) == [("dues", "2027-01-31")]
    assert shown(acting, other) == []
    with acting(CLERK):
        member = Member.objects.get(pk=own.pk)
        member.dues_paid_until = "2027-02"
        member.save()
    assert planned("2027-01-25", own) == []
    assert planned("2027-02-20", own) == [("dues", "2027-02-28")]


def test_why_page_knows_sealed_dates(dated: Any, rule: Any, login: Any) -> None:
    member = dated(details={"graduated_on": "2025-01"})
    rule("graduated", 60)
    page = login(CLERK).get(f"/admin/contacts/why/{member.pk}/", {"on": "2027-01-10"}).content.decode()
    assert "2027-01-31" in page
