"""Rounds of reminders: what is sent, to whom, once, and when not."""

import datetime as dt
import json
import re
from time import monotonic

import pytest
from celery import current_app
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from contacts import outbox, tasks
from contacts.models import Liaison, OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison, log_contact
from members.models import Member
from tests.contacts.conftest import at, obligation

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
NOTHING = {"planned": 0, "claimed": 0, "sent": 0, "retry": 0, "unsure": 0, "failed": 0, "cancelled": 0}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def due(acting, world, make_member, live_since, without_steps):
    """Two due members of C111 with the liaison 石评梅, and the interval in use for a year."""
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY)
        liaison = create_liaison(
            organization=world.organization("C111"), name="石评梅", by=actor, email="shi@example.invalid"
        )
        members = [make_member(name=name, last=TODAY - 100 * DAY) for name in ("单田芳", "张三丰")]
        for member in members:
            assign_liaison(member=member, liaison=liaison, by=actor)
    send_reminders(now=at(TODAY - 30 * DAY))  # nothing of these two: what the world itself has due
    mail.outbox.clear()
    return members


def sent_to(address):
    return [message for message in mail.outbox if message.to == [address]]


@pytest.fixture
def told(owner):
    """told(message): the names of those whom a mail was about."""

    def names(message):
        digest = message.extra_headers["Message-ID"][1:37]
        rows = owner.execute(
            "select p.name from contacts_outboundmessage m join contacts_contactobligation o on o.id = m.obligation_id"
            " join members_member p on p.id = o.member_id where m.digest_id = %s and m.state = 'sent'", [digest],
        ).fetchall()  # fmt: skip
        return {name for (name,) in rows}

    return names


def states(acting, member):
    with acting(CLERK):
        rows = OutboundMessage.objects.filter(obligation__member=member).order_by("planned_at")
        return list(rows.values_list("step", "state", "reason"))


def test_round_sends_one_digest_for_all_who_are_due_and_names_nobody(due, acting, told):
    counts = send_reminders(now=at(TODAY))
    assert counts["sent"] == counts["claimed"] == counts["planned"]
    (message,) = sent_to("shi@example.invalid")
    assert told(message) == {"单田芳", "张三丰"}
    assert "2" in message.subject
    assert not re.search("党|组织|单田芳|张三丰", message.subject + message.body)
    assert states(acting, due[0]) == [("target", "sent", "")]
    with acting(CLERK):
        row = OutboundMessage.objects.get(obligation__member=due[0])
        assert message.extra_headers["Message-ID"].startswith(f"<{row.digest_id}@")


def test_second_round_sends_nothing(due):
    send_reminders(now=at(TODAY))
    before = len(mail.outbox)
    assert send_reminders(now=at(TODAY, 9, 1)) == NOTHING
    assert send_reminders(now=at(TODAY + DAY)) == NOTHING
    assert len(mail.outbox) == before


def test_logged_contact_closes_the_open_reminder_in_the_same_transaction(due, acting, told):
    send_reminders(now=at(TODAY, 22))  # planned, not sent
    assert states(acting, due[0]) == [("target", "pending", "")]
    with acting(CLERK) as actor:
        log_contact(member=due[0], by=actor)
        row = OutboundMessage.objects.get(obligation__member=due[0])
        assert (row.state, row.reason) == ("cancelled", "contacted")
    send_reminders(now=at(TODAY + DAY))
    (message,) = sent_to("shi@example.invalid")
    assert told(message) == {"张三丰"}
    assert "1" in message.subject


def test_attempt_without_success_keeps_the_reminder(due, acting):
    send_reminders(now=at(TODAY, 22))
    with acting(CLERK) as actor:
        log_contact(member=due[0], by=actor, outcome="no_answer")
    assert states(acting, due[0]) == [("target", "pending", "")]


def test_limit_is_reminded_once_more(due, acting):
    send_reminders(now=at(TODAY))
    with acting(CLERK):
        limit = obligation(due[0]).limit_on
    send_reminders(now=at(limit - DAY))
    assert len(sent_to("shi@example.invalid")) == 1
    send_reminders(now=at(limit))
    send_reminders(now=at(limit + DAY))
    assert len(sent_to("shi@example.invalid")) == 2
    assert [step for step, _state, _reason in states(acting, due[0])] == ["target", "limit"]


def test_silence_of_months_is_caught_up_with_one_mail(due, acting):
    send_reminders(now=at(TODAY + 200 * DAY))
    assert len(sent_to("shi@example.invalid")) == 1
    assert [step for step, _state, _reason in states(acting, due[0])] == ["limit"]


@pytest.mark.parametrize(("hour", "minute", "mails"), [(21, 0, 0), (7, 59, 0), (0, 0, 0), (8, 0, 1), (20, 59, 1)])
def test_quiet_hours_send_nothing(due, hour, minute, mails):
    assert send_reminders(now=at(TODAY, hour, minute))["planned"] > 0
    assert len(sent_to("shi@example.invalid")) == mails


def test_due_date_before_go_live_moves_into_the_first_month(acting, world, make_member, live_since):
    with acting(CLERK):
        live_since(TODAY - 10 * DAY)
        late = make_member(name="晚", last=TODAY - 100 * DAY)  # due on the first day
        early = [make_member(name=f"早{days}", last=TODAY - days * DAY) for days in range(101, 1001, 60)]
        due_on = [obligation(member).due_on for member in early]
    assert len(set(due_on)) > 4
    assert min(due_on) >= TODAY - 10 * DAY
    assert max(due_on) < TODAY + 20 * DAY
    send_reminders(now=at(TODAY - 11 * DAY))
    assert [states(acting, member) for member in [late, *early]] == [[]] * (1 + len(early))
    for days in range(-10, 21):
        send_reminders(now=at(TODAY + days * DAY))
    assert [states(acting, member)[0] for member in [late, *early]] == [("target", "sent", "")] * (1 + len(early))


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_reminder_starts_on_the_due_day(due, acting, days):
    with acting(CLERK) as actor:
        log_contact(member=due[0], by=actor, contacted_on=TODAY - 20 * DAY)
        day = obligation(due[0]).due_on
    send_reminders(now=at(day + days * DAY))
    assert [state for _step, state, _reason in states(acting, due[0])] == (["sent"] if days >= 0 else [])


def test_without_a_liaison_the_nearest_clerk_hears(due, acting, world, told):
    with acting(CLERK) as actor:
        other = create_liaison(organization=world.organization("C111"), name="无邮", by=actor)
        assign_liaison(member=due[0], liaison=other, by=actor)
    send_reminders(now=at(TODAY))
    (message,) = sent_to("community_clerk.C111@example.invalid")
    assert told(message) == {"单田芳"}
    assert "http" in message.body  # a clerk logs in; the liaison without a login is not sent to a login page
    assert "http" not in sent_to("shi@example.invalid")[0].body


def test_other_side_hears_of_its_own_duty_only(acting, world, make_member, live_since, told):
    with acting(CLERK):
        live_since(TODAY - 400 * DAY, target=1, limit=300)
        make_member(name="单田芳", host=world.organization("C112"), last=TODAY)
    send_reminders(now=at(TODAY))
    other, own = (sent_to(f"community_clerk.{key}@example.invalid") for key in ("C112", "C111"))
    assert "单田芳" in set().union(*map(told, other))
    assert "单田芳" not in set().union(*map(told, own))


def test_nobody_to_hear_waits_with_its_reason_until_somebody_is_named(owner, due, acting, told):
    owner.execute("update contacts_liaison set email = '', is_active = false")
    owner.execute("update portal_user set email = '', is_active = false")
    counts = send_reminders(now=at(TODAY))
    assert counts["failed"] >= 2
    assert counts["sent"] == 0
    waiting = owner.execute("select distinct step, state, reason from contacts_outboundmessage where digest_id is null")
    assert ("target", "pending", "no_recipient") in waiting.fetchall()
    assert send_reminders(now=at(TODAY, 9, 5)) == NOTHING
    owner.execute(
        "update portal_user set email = 'neu@example.invalid', is_active = true where username = 'community_clerk@C111'"
    )
    assert send_reminders(now=at(TODAY + DAY))["sent"] >= 2
    (message,) = sent_to("neu@example.invalid")
    assert told(message) >= {"单田芳", "张三丰"}
    owner.execute("update portal_user set is_active = true")
    assert states(acting, due[0]) == [("target", "sent", "")]


def test_recipient_is_checked_again_at_send_time(due, acting, world, told):
    send_reminders(now=at(TODAY, 22))
    with acting(CLERK) as actor:
        liaison = Liaison.objects.get(organization=world.organization("C112"))
        assign_liaison(member=due[0], liaison=liaison, by=actor)
        Member.objects.filter(pk=due[1].pk).update(state="returned")
    send_reminders(now=at(TODAY + DAY))
    assert sent_to("shi@example.invalid") == []
    assert states(acting, due[1]) == [("target", "cancelled", "ended")]
    assert "单田芳" in told(sent_to("liaison.C112@example.invalid")[-1])


def test_what_comes_due_after_the_digest_waits_for_tomorrow(due, acting, make_member, told):
    send_reminders(now=at(TODAY))
    with acting(CLERK) as actor:
        late = make_member(name="晚到", last=TODAY - 95 * DAY)
        assign_liaison(member=late, liaison=Liaison.objects.get(name="石评梅"), by=actor)
    send_reminders(now=at(TODAY, 15))
    assert len(sent_to("shi@example.invalid")) == 1
    assert states(acting, late) == [("target", "pending", "")]
    send_reminders(now=at(TODAY + DAY))
    assert told(sent_to("shi@example.invalid")[1]) == {"晚到"}


def test_round_that_takes_too_long_leaves_the_rest_for_the_next(due, acting, monkeypatch):
    monkeypatch.setattr(outbox, "LONGEST_ROUND", dt.timedelta(seconds=-1))
    counts = send_reminders(now=at(TODAY))
    assert (counts["planned"], counts["claimed"], counts["sent"]) == (counts["planned"], 0, 0)
    assert counts["planned"] >= 2
    monkeypatch.undo()
    assert send_reminders(now=at(TODAY, 9, 1))["sent"] == counts["planned"]


def test_full_batch_asks_another_worker(due, world, monkeypatch):
    asked = []
    monkeypatch.setattr(outbox, "BATCH", 1)
    monkeypatch.setattr(current_app, "send_task", lambda *given, **options: asked.append((given, options)))
    assert send_reminders(now=at(TODAY))["sent"] >= 2
    ((name, (root, as_of)), options) = asked[0]
    assert len(asked) == 1  # once for as long as a helper sends
    assert (name, root) == (outbox.HELP, str(world.organization("X").pk))
    assert dt.datetime.fromisoformat(as_of) >= at(TODAY)
    assert options["expires"] == outbox.LONGEST_HELP.total_seconds()


def test_worker_sends_alone_where_the_queue_is_lost(due, monkeypatch):
    def lost(*_given, **_options):
        raise OperationalError

    monkeypatch.setattr(outbox, "BATCH", 1)
    monkeypatch.setattr(current_app, "send_task", lost)
    assert send_reminders(now=at(TODAY))["sent"] >= 2
    assert len(sent_to("shi@example.invalid")) == 1


def test_helper_sends_what_waits_and_plans_nothing(due, acting, world, monkeypatch, told):
    monkeypatch.setattr(outbox, "_send_waiting", lambda _round: None)
    send_reminders(now=at(TODAY))
    monkeypatch.undo()
    assert sent_to("shi@example.invalid") == []
    tasks.help_sending(str(world.organization("X").pk), at(TODAY).isoformat())
    assert told(sent_to("shi@example.invalid")[0]) == {"单田芳", "张三丰"}
    tasks.help_sending(str(world.organization("X").pk), at(TODAY, 22).isoformat())
    assert len(sent_to("shi@example.invalid")) == 1


def test_quiet_hours_that_come_meanwhile_end_the_round(due):
    just_before = at(TODAY, 20, 59)
    assert not outbox.Clock(just_before).is_over
    assert outbox.Clock(just_before, monotonic() - 61).is_over


def test_round_without_a_time_follows_the_clock_of_the_database(due, acting, owner, monkeypatch):
    now = owner.execute("select clock_timestamp()").fetchone()[0]
    monkeypatch.setattr(outbox.timezone, "now", lambda: now + dt.timedelta(days=400))  # this machine's clock is wrong
    seen = []
    monkeypatch.setattr(outbox, "is_quiet", lambda when: seen.append(when) or True)
    send_reminders()
    assert all(abs(when - now) < dt.timedelta(minutes=1) for when in seen)
    assert seen


def test_interval_changed_there_and_back_still_reminds(due, acting, world):
    send_reminders(now=at(TODAY, 22))
    with acting(CLERK):
        policy = world.organization("S11").contact_policy
        for target in (80, 90):
            policy.target_days = target
            policy.save()
    assert states(acting, due[0]) == [("target", "cancelled", "rescheduled")]
    send_reminders(now=at(TODAY + DAY))
    assert states(acting, due[0]) == [("target", "sent", "")]


def test_reminders_of_another_community_are_out_of_sight(due, acting):
    send_reminders(now=at(TODAY))
    with acting("community_clerk@C112") as actor:
        assert not OutboundMessage.objects.filter(obligation__member__in=due).exists()
        assert OutboundMessage.objects.visible_to(actor).exists()
    with acting("community_clerk@C111"):
        assert OutboundMessage.objects.filter(obligation__member__in=due).count() == 2


def test_command_prints_the_counts(due, capsys):
    call_command("send_reminders", "--on", TODAY.isoformat(), "--at", "22:30")
    counts = json.loads(capsys.readouterr().out)
    assert set(counts) == set(NOTHING)
    assert counts["planned"] >= 2
    assert counts["sent"] == 0
    call_command("send_reminders", "--on", (TODAY + DAY).isoformat())
    assert json.loads(capsys.readouterr().out)["sent"] >= 2


@pytest.mark.parametrize(
    "call",
    [
        "select portal.plan_reminders(%(root)s, current_date)",
        "select portal.group_reminders(%(root)s, current_date)",
        "select portal.hand_over(%(mail)s, 1, '{}', 'failed', '', null, null, null)",
        "select portal.hand_over(null, null, null, null, null, null, %(mail)s, 1)",
    ],
)
@pytest.mark.parametrize("name", ["street_admin@S11", "community_clerk@C112"])
def test_people_may_not_run_the_machinery(due, owner, acting, world, call, name):
    send_reminders(now=at(TODAY))
    owner.execute("update contacts_digest set state = 'sending', attempts = 1, lease_until = now() + interval '1 hour'")
    mail_id = owner.execute("select id from contacts_digest limit 1").fetchone()[0]
    refused = pytest.raises(DatabaseError, match="reminders_refused")
    with acting(name), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(call, {"root": world.organization("X").pk, "mail": mail_id})
    assert owner.execute("select state from contacts_digest where id = %s", [mail_id]).fetchone() == ("sending",)


def test_people_learn_no_recipient(due, acting):
    with acting("street_admin@S11"), connection.cursor() as cursor:
        messages = list(OutboundMessage.objects.values_list("pk", flat=True))
        cursor.execute("select * from portal.reminder_recipients(%s)", [messages])
        assert messages
        assert cursor.fetchall() == []
