"""Needs in the digests: the person in charge, later those above; in nobody's charge the clerk."""

import datetime as dt
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from contacts.models import Need, OutboundMessage
from contacts.needs.services import answer_need, plan_need, raise_need, reopen_need
from contacts.outbox import send_reminders
from members.services import move_member
from portal.models import User
from tests.contacts.conftest import at
from tests.security.walls import is_refused

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
OWNER = "community_clerk@C111"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(acting, world, make_member, without_steps):
    """late(owner=OWNER, days=1, follow=None): a need of C111 that was to be answered so many days ago."""

    def make(owner=OWNER, days=1, follow=None, key="C111"):
        with acting(CLERK) as actor:
            member = make_member(key, name="单田芳", last=TODAY)
            due = TODAY - days * DAY
            pk = raise_need(member=member, organization=member.organization_id, category="work", detail="找工作",
                            by=actor, key=uuid.uuid4(), raised_on=min(due, TODAY) - DAY, due_on=due)  # fmt: skip
            need = Need.objects.get(pk=pk)
            plan_need(need=need, by=actor, owner=world.user(owner) if owner else None, follow_on=follow)
        return need

    return make


@pytest.fixture
def steps_of_needs(owner, world):
    """The city's rules: the secretary after 7 days, the community after 14, the street after 30."""
    owner.execute("update contacts_contactpolicy set secretary_days = 7, community_days = 14, street_days = 30"
                  " where organization_id = %s", [world.organization("X").pk])  # fmt: skip


def told(who):
    role, _at, key = who.partition("@")
    return [message for message in mail.outbox if message.to == [f"{role}.{key}@example.invalid"]]


def about_needs(who):
    return [message for message in told(who) if "/admin/contacts/needs/" in message.body]


def rows(acting, need):
    with acting(CLERK):
        found = OutboundMessage.objects.filter(need=need).order_by("planned_at", "step")
        return list(found.values_list("step", "state", "reason"))


def test_person_in_charge_is_told_once_in_the_day_s_digest_and_no_name_is_in_it(late, acting):
    need = late()
    send_reminders(now=at(TODAY))
    for hour in (10, 11):
        assert send_reminders(now=at(TODAY, hour))["planned"] == 0
    send_reminders(now=at(TODAY + 3 * DAY))
    assert rows(acting, need) == [("limit", "sent", "")]
    (message,) = about_needs(OWNER)
    assert "单田芳" not in message.body
    assert "找工作" not in message.body


@pytest.mark.parametrize(("days", "expected"), [(-1, []), (0, []), (1, [("limit", "sent", "")])])
def test_need_is_overdue_from_the_day_after_its_date(late, acting, days, expected):
    need = late(days=days)
    send_reminders(now=at(TODAY))
    assert rows(acting, need) == expected


@pytest.mark.parametrize(
    ("ahead", "expected"), [(1, []), (0, [("follow", "sent", "")]), (-1, [("follow", "sent", "")])]
)
def test_day_to_look_again_is_told(late, acting, ahead, expected):
    need = late(days=-9, follow=TODAY + ahead * DAY)
    send_reminders(now=at(TODAY))
    assert rows(acting, need) == expected


@pytest.mark.parametrize(
    ("days", "step", "who"),
    [
        (6, None, None),
        (7, "secretary", OWNER),  # C111 has no branch above it: the nearest who may log contacts there
        (13, "secretary", OWNER),
        (14, "community", OWNER),
        (29, "community", OWNER),
        (30, "street", CLERK),
        (31, "street", CLERK),
    ],
)
def test_those_above_are_told_after_the_days_of_the_rules(late, acting, steps_of_needs, days, step, who):
    need = late(days=days)
    send_reminders(now=at(TODAY))
    above = [line for line in rows(acting, need) if line[0] != "limit"]
    assert above == ([(step, "sent", "")] if step else [])
    if step:
        with acting(CLERK):
            row = OutboundMessage.objects.select_related("recipient").get(need=need, step=step)
        expected = {OWNER: {"community_clerk@C111"}, CLERK: {"street_clerk@S11", "street_admin@S11"}}[who]
        assert row.recipient.username in expected


@pytest.mark.parametrize(
    ("days", "charge", "step", "who"),
    [(1, None, "limit", OWNER), (7, OWNER, "secretary", "branch_secretary@B111"), (14, OWNER, "community", OWNER)],
)
def test_need_of_a_branch_reaches_its_secretary_and_in_nobodys_charge_the_community(
    late, acting, steps_of_needs, days, charge, step, who
):
    need = late(owner=charge, days=days, key="B111")
    send_reminders(now=at(TODAY))
    with acting(CLERK):
        row = OutboundMessage.objects.select_related("recipient").get(need=need, step=step)
    assert (row.recipient.username, row.state) == (who, "sent")


@pytest.mark.parametrize("lost", ["role", "account", "nobody named"])
def test_need_in_nobodys_charge_is_listed_and_reaches_the_communitys_clerk(late, acting, owner, world, lost):
    need = late(owner=None if lost == "nobody named" else "street_clerk@S11")
    if lost == "role":
        owner.execute("update portal_organizationgrant set until = %s where user_id = %s",
                      [TODAY - DAY, world.user(CLERK).pk])  # fmt: skip
    elif lost == "account":
        owner.execute("update portal_user set is_active = false where id = %s", [world.user(CLERK).pk])
    with acting(OWNER) as actor:
        listed = Need.objects.visible_to(actor).in_lane("nobody", actor, TODAY)
        assert need in listed
        assert [row.is_of_nobody for row in Need.objects.visible_to(actor).with_charge().filter(pk=need.pk)] == [True]
    send_reminders(now=at(TODAY))
    with acting(OWNER):
        row = OutboundMessage.objects.select_related("recipient").get(need=need)
    assert (row.recipient.username, row.state) == (OWNER, "sent")


def test_need_in_charge_of_somebody_is_not_listed_as_nobodys(late, acting):
    need = late()
    with acting(CLERK) as actor:
        assert need not in Need.objects.visible_to(actor).in_lane("nobody", actor, TODAY)


def test_answer_closes_the_reminder_in_the_same_transaction(late, acting):
    need = late()
    send_reminders(now=at(TODAY, 7))  # planned in the quiet hours, not sent
    assert rows(acting, need) == [("limit", "pending", "")]
    with acting(CLERK) as actor:
        answer_need(need=need, outcome="met", text="已安排", by=actor)
        assert list(OutboundMessage.objects.filter(need=need).values_list("state", "reason")) == [
            ("cancelled", "ended")
        ]
    send_reminders(now=at(TODAY))
    assert rows(acting, need) == [("limit", "cancelled", "ended")]


def test_need_put_off_is_told_again_at_its_new_date_alone(late, acting):
    need = late()
    send_reminders(now=at(TODAY))
    with acting(CLERK) as actor:
        plan_need(need=need, by=actor, due_on=TODAY + 5 * DAY)
    send_reminders(now=at(TODAY + 5 * DAY))
    assert rows(acting, need) == [("limit", "sent", "")]
    send_reminders(now=at(TODAY + 6 * DAY))
    assert rows(acting, need) == [("limit", "sent", ""), ("limit", "sent", "")]


def test_need_opened_again_is_told_again(late, acting):
    need = late()
    send_reminders(now=at(TODAY))
    with acting(CLERK) as actor:
        answer_need(need=need, outcome="met", text="已安排", by=actor)
        reopen_need(need=need, text="又失业了", by=actor)
    assert send_reminders(now=at(TODAY, 10))["planned"] == 0
    send_reminders(now=at(TODAY + DAY))
    assert rows(acting, need) == [("limit", "sent", "")] * 2


def test_reminder_goes_with_the_need_to_the_office_that_takes_the_file_over(late, acting, world):
    need = late()
    send_reminders(now=at(TODAY, 7))
    with acting(CLERK) as actor:
        move_member(member=need.member, organization=world.organization("C112"), by=actor)
    send_reminders(now=at(TODAY))
    with acting(CLERK):
        row = OutboundMessage.objects.select_related("recipient").get(need=need)
    assert row.organization_id == world.organization("C112").pk
    assert (row.recipient.username, row.state) == ("community_clerk@C112", "sent")


def test_person_who_lost_the_right_after_planning_hears_nothing(late, acting, owner, world):
    need = late(owner="street_clerk@S11")
    send_reminders(now=at(TODAY, 7))
    owner.execute("update portal_user set is_active = false where id = %s", [User.objects.get(username=CLERK).pk])
    send_reminders(now=at(TODAY))
    assert not about_needs(CLERK)
    with acting(OWNER):
        assert OutboundMessage.objects.select_related("recipient").get(need=need).recipient.username == OWNER


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "visitor@C111", "stranger", "city_viewer@X"])
def test_planning_and_recipients_are_for_the_rounds_alone(late, acting, world, who):
    late()
    send_reminders(now=at(TODAY, 7))
    with acting(CLERK):
        ids = list(OutboundMessage.objects.filter(need__isnull=False).values_list("pk", flat=True))
    assert ids
    with acting(who), connection.cursor() as cursor:
        assert is_refused("select portal.plan_need_reminders(%s, %s)", [world.organization("X").pk, TODAY])
        cursor.execute("select * from portal.need_reminder_recipients(%s)", [ids])
        assert cursor.fetchall() == []


@pytest.mark.parametrize("who", ["community_clerk@C112", "liaison@C111", "visitor@C111", "stranger", "city_viewer@X"])
def test_needs_of_nobody_are_those_in_reach(late, acting, who):
    need = late(owner=None)
    with acting(who), connection.cursor() as cursor:
        cursor.execute("select portal.needs_of_nobody()")
        assert need.pk not in {pk for (pk,) in cursor.fetchall()}
