"""A real SMTP server that misbehaves, workers that are killed, rounds at once: nothing lost, nothing doubled."""

import datetime as dt
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from contacts import outbox
from contacts.channels.mail import MailChannel
from contacts.models import OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison
from portal import access
from portal.database import url_for_database
from tests import databases
from tests.contacts.conftest import at, system
from tests.processes import PROJECT, free_port

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def due(acting, world, make_member, live_since, owner, without_steps):
    """Six due members with a liaison each; the world's own reminders are out of the way."""
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY)
        members = [make_member(name=f"甲{number}", last=TODAY - 100 * DAY) for number in range(6)]
        for number, member in enumerate(members):
            liaison = create_liaison(
                organization=world.organization("C111"), name=f"联{number}", by=actor,
                email=f"liaison{number}@example.invalid",
            )  # fmt: skip
            assign_liaison(member=member, liaison=liaison, by=actor)
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    return members


def states(acting):
    with acting(CLERK):
        rows = OutboundMessage.objects.filter(obligation__member__name__startswith="甲")
        return sorted(rows.values_list("state", "reason"))


def expire_leases(owner):
    owner.execute("update contacts_digest set lease_until = now() - interval '1 second' where state = 'sending'")


def test_rounds_at_once_send_each_mail_once(sink, due, acting):
    def round_of_its_own(_number):
        try:
            return send_reminders(now=at(TODAY))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(round_of_its_own, range(8)))
    assert sum(count["planned"] for count in counts) == 6
    assert sum(count["sent"] for count in counts) == 6
    assert len(sink.ids()) == len(set(sink.ids())) == 6
    assert states(acting) == [("sent", "")] * 6


def test_what_a_round_had_no_time_for_is_anybodys_at_once(sink, due, acting, owner, monkeypatch):
    real, late = MailChannel.send, []

    def send(channel, parcel):
        late.append(600)
        return real(channel, parcel)

    monkeypatch.setattr(MailChannel, "send", send)
    monkeypatch.setattr(outbox, "monotonic", lambda: time.monotonic() + sum(late[:1]))
    counts = send_reminders(now=at(TODAY))
    assert (counts["claimed"], counts["sent"], counts["retry"]) == (6, 1, 5)
    left = owner.execute("select count(*) from contacts_digest where state = 'retry' and not_before is null"
                         " and handed_at is null and lease_until is null").fetchone()  # fmt: skip
    assert left == (5,)
    monkeypatch.undo()
    assert send_reminders(now=at(TODAY))["sent"] == 5
    assert len(sink.ids()) == len(set(sink.ids())) == 6
    assert states(acting) == [("sent", "")] * 6


def test_duty_that_goes_while_a_round_plans_leaves_no_reminder(due, owner, world):
    """Nothing checks a reminder's duty row by row: whoever removes one waits for the round that may be naming it."""

    def remove():
        with databases.owner_connection(databases.clone_name()) as other:
            other.execute("delete from contacts_contactobligation where member_id = %s", [due[0].pk])

    with ThreadPoolExecutor(1) as pool:
        with access.acting_as(system(world)), connection.cursor() as cursor:
            cursor.execute("select portal.plan_reminders(%s, %s)", [world.organization("X").pk, TODAY])
            assert cursor.fetchone()[0] == 6
            removal = pool.submit(remove)
            with pytest.raises(TimeoutError):
                removal.result(timeout=0.5)
        removal.result(timeout=20)
    left = owner.execute(
        "select count(*), count(o.id) from contacts_outboundmessage m"
        " left join contacts_contactobligation o on o.id = m.obligation_id"
        " where (m.planned_at at time zone 'Asia/Shanghai')::date = %s and m.state = 'pending'", [TODAY],
    ).fetchone()  # fmt: skip
    assert left == (5, 5)


def test_killed_worker_loses_nothing_and_doubles_no_message_id(sink, due, acting, owner, settings):
    sink.go_on.clear()
    environment = os.environ | {
        "DATABASE_URL": url_for_database(os.environ["DATABASE_URL"], databases.clone_name()),
        "PORTAL_EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
    }
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "send_reminders", "--on", TODAY.isoformat()], cwd=PROJECT, env=environment
    )
    assert sink.got_one.wait(60)
    worker.kill()
    worker.wait()
    sink.go_on.set()
    assert len(sink.taken) == 1  # taken by the server, but nobody heard the 250
    assert states(acting) == [("sending", "")] * 6
    assert send_reminders(now=at(TODAY, 9, 1))["claimed"] == 0  # the lease still runs
    expire_leases(owner)
    counts = send_reminders(now=at(TODAY, 9, 2))
    assert (counts["unsure"], counts["sent"]) == (1, 5)
    assert len(sink.ids()) == 6
    assert send_reminders(now=at(TODAY, 9, 13))["sent"] == 1
    assert len(sink.ids()) == 7
    assert len(set(sink.ids())) == 6  # a mail server that knows Message-IDs shows six
    assert states(acting) == [("sent", "")] * 5 + [("sent", "resent")]
    assert send_reminders(now=at(TODAY + DAY))["claimed"] == 0


def test_connection_dropped_before_250_is_unsure_and_sent_again_once(sink, due, acting):
    sink.drop = True
    assert send_reminders(now=at(TODAY))["unsure"] == 6
    assert states(acting) == [("unsure", "interrupted")] * 6
    assert send_reminders(now=at(TODAY, 9, 5))["claimed"] == 0
    assert send_reminders(now=at(TODAY, 9, 11))["unsure"] == 6
    sink.drop = False
    assert send_reminders(now=at(TODAY, 12))["claimed"] == 0
    assert len(sink.ids()) == 12
    assert len(set(sink.ids())) == 6


def test_server_down_keeps_everything_for_later(sink, due, acting, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    began = time.monotonic()
    assert send_reminders(now=at(TODAY))["retry"] == 6
    assert time.monotonic() - began < 10
    assert states(acting) == [("retry", "not_reached")] * 6
    assert send_reminders(now=at(TODAY, 9, 1))["claimed"] == 0
    settings.EMAIL_PORT = port
    assert send_reminders(now=at(TODAY, 9, 3))["sent"] == 6
    assert len(set(sink.ids())) == len(sink.ids()) == 6


def test_server_down_over_night_sends_one_mail_the_next_day(sink, due, acting, world, make_member, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    send_reminders(now=at(TODAY))
    settings.EMAIL_PORT = port
    with acting(CLERK) as actor:
        member = make_member(name="甲晚", last=TODAY - 89 * DAY)  # due tomorrow, for the same liaison
        liaison = due[0].assignments.open().get().liaison
        assign_liaison(member=member, liaison=liaison, by=actor)
    assert send_reminders(now=at(TODAY + DAY))["sent"] == 7
    assert len(sink.ids()) == 6
    (subject,) = [subject for address, _id, subject in sink.taken if address.startswith("liaison0")]
    assert "2" in subject


@pytest.mark.parametrize(("answer", "state"), [("451 later", "retry"), ("550 unknown", "failed")])
def test_refused_recipient_leaves_the_others_alone(sink, due, acting, answer, state):
    sink.refuse = answer
    counts = send_reminders(now=at(TODAY))
    assert (counts[state], counts["sent"]) == (1, 5)
    assert states(acting) == sorted([(state, "refused")] + [("sent", "")] * 5)
    sink.refuse = ""
    assert send_reminders(now=at(TODAY, 9, 3))["sent"] == (1 if state == "retry" else 0)


def test_slow_worker_that_outlives_its_lease_doubles_nothing(sink, due, acting, owner):
    sink.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: (send_reminders(now=at(TODAY)), connection.close())[0])
        assert sink.got_one.wait(30)
        expire_leases(owner)
        second = send_reminders(now=at(TODAY, 9, 1))
        assert (second["unsure"], second["sent"]) == (1, 5)
        sink.go_on.set()
        assert slow.result()["sent"] == 1
    assert len(set(sink.ids())) == len(sink.ids()) == 6
    assert states(acting) == [("sent", "")] * 6
    assert send_reminders(now=at(TODAY, 12))["claimed"] == 0


def test_worker_that_lost_its_claim_changes_nothing(sink, due, acting, owner):
    """Both workers had the mail in hand: what the first one learns late says nothing about what the second one did."""
    sink.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: (send_reminders(now=at(TODAY)), connection.close())[0])
        assert sink.got_one.wait(30)
        expire_leases(owner)
        assert send_reminders(now=at(TODAY, 9, 1))["sent"] == 5
        assert send_reminders(now=at(TODAY, 9, 12))["sent"] == 1
        sink.answer = "451 later"
        sink.go_on.set()
        assert slow.result()["retry"] == 0
    assert states(acting) == [("sent", "")] * 5 + [("sent", "resent")]
