"""What an office itself is told in a digest: here, what another organization wrote about a lost contact."""

import datetime as dt

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from contacts.dead_letters import send_again, undelivered
from contacts.models import Digest, OutboundMessage
from contacts.outbox import send_reminders
from portal import access
from tests.contacts.conftest import at, system
from tests.security.walls import is_refused

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK, ADMIN, HOST = "community_clerk@C111", "street_admin@S11", "community_clerk@C121"
TO = "community_clerk.C121@example.invalid"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(acting, make_member, world, owner, without_steps):
    """C111 told C121 today that somebody cannot be reached; nobody is due."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    with acting(ADMIN):
        member = make_member(name="查无", host=world.organization("C121"), last=TODAY)
    owner.execute(_REPORT, [member.pk, world.organization("C111").pk, world.organization("C121").pk, "facts", TODAY])
    send_reminders(now=at(TODAY))
    mail.outbox.clear()
    return member


_REPORT = (
    "insert into contacts_lostreport (id, member_id, sender_id, receiver_id, receiver_text, side, kind, attempts, body,"
    " number, told_on) values (gen_random_uuid(), %s, %s, %s, '', 'host', %s, 3, '', '', %s)"
)


def rows(acting):
    with acting(HOST):
        return list(OutboundMessage.objects.filter(step="told").values_list("due_on", "state", "reason"))


def told():
    return [message for message in mail.outbox if "/admin/contacts/unreachable/reports/" in message.body]


def test_other_side_is_told_once_on_the_next_day_without_a_name(written, acting):
    assert rows(acting) == []
    for day in (1, 2, 3):
        for hour in (9, 10):
            send_reminders(now=at(TODAY + day * DAY, hour))
    assert rows(acting) == [(TODAY, "sent", "")]
    (message,) = told()
    assert message.to == [TO]
    for secret in ("查无", "失去联系", "流动党员", "党"):
        assert secret not in message.body, secret
        assert secret not in message.subject, secret
    with acting(HOST) as actor:
        assert Digest.objects.inbox_of(actor).filter(messages__step="told").count() == 1


def test_inbox_leads_to_what_was_written_and_the_sender_reads_nothing(written, acting, login):
    send_reminders(now=at(TODAY + DAY))
    page = login(HOST).get("/admin/contacts/inbox/").content.decode()
    assert "/admin/contacts/unreachable/reports/" in page
    assert "查无" not in page
    assert "/admin/contacts/unreachable/reports/" not in login(CLERK).get("/admin/contacts/inbox/").content.decode()
    rows_told = login(HOST).get("/admin/contacts/outboundmessage/", {"step__exact": "told"})
    assert rows_told.context["cl"].result_count == 1


def test_two_reports_of_a_day_are_one_line_and_an_old_one_is_not_told(written, acting, world, owner):
    owner.execute("update contacts_lostreport set told_on = told_on - 40 where receiver_id is not null")
    send_reminders(now=at(TODAY + DAY))
    assert rows(acting) == []
    owner.execute("update contacts_lostreport set told_on = told_on + 40 where receiver_id is not null")
    places = [world.organization(key).pk for key in ("C111", "C121")]
    owner.execute(_REPORT, [written.pk, *places, "found", TODAY])
    send_reminders(now=at(TODAY + DAY))
    assert rows(acting) == [(TODAY, "sent", "")]
    (message,) = told()
    assert "2" in message.body


def test_what_did_not_arrive_waits_for_a_person_and_goes_out_again(written, acting, owner):
    send_reminders(now=at(TODAY + DAY))
    owner.execute("update contacts_outboundmessage set state = 'failed', reason = 'refused' where step = 'told'")
    mail.outbox.clear()
    with acting(HOST) as actor:
        (row,) = undelivered(OutboundMessage.objects.filter(step="told"))
        assert send_again([row.pk], by=actor) == 1
    send_reminders(now=at(TODAY + 2 * DAY))
    assert len(told()) == 1
    assert rows(acting) == [(TODAY, "sent", "")]


def test_planning_again_and_again_is_planning_once(written, acting, world):
    root = world.organization("X").pk
    for _again in range(3):
        with access.acting_as(system(world)), connection.cursor() as cursor:
            cursor.execute("select portal.plan_reminders(%s, %s)", [root, TODAY + DAY])
    assert rows(acting) == [(TODAY, "pending", "")]


def test_merged_offices_keep_one_line_of_a_day(written, acting, world, owner):
    """Of what both were told on one day one line stays; what only the other was told goes along."""
    gone, kept = (world.organization(key).pk for key in ("C122", "C121"))
    send_reminders(now=at(TODAY + DAY))
    with owner.transaction(force_rollback=True):
        for day in (TODAY, TODAY - DAY):
            owner.execute(
                "insert into contacts_outboundmessage (id, organization_id, due_on, step, state, reason, planned_at)"
                " values (gen_random_uuid(), %s, %s, 'told', 'sent', '', now())",
                [gone, day],
            )
        owner.execute("select portal.merge_rows_contacts_outboundmessage(%s, %s)", [gone, kept])
        found = owner.execute("select organization_id, due_on from contacts_outboundmessage where step = 'told'"
                              " order by due_on").fetchall()  # fmt: skip
        assert found == [(kept, TODAY - DAY), (kept, TODAY)]


@pytest.mark.parametrize("who", ["city_admin@X", "street_admin@S11", "liaison@C111"])
def test_nobody_plans_or_reads_lines_of_offices(written, acting, world, who):
    with acting(who), connection.cursor() as cursor:
        assert is_refused("select portal.plan_office_lines(%s, %s)", [world.organization("X").pk, TODAY])
        node = world.organization("C121").pk
        cursor.execute("select count(*) from portal.office_lines(%s, %s)", [[node], TODAY + DAY])
        assert cursor.fetchone() == (0,)
