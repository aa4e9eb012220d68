"""Reminders that do not arrive: tried so often and no more, sent again or given up by a person, forgotten when old."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contacts import outbox
from contacts.channels.mail import MailChannel
from contacts.dead_letters import forget_old, give_up, send_again, undelivered
from contacts.models import OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison, log_contact
from members.models import Member
from portal import access
from portal.models import AuditEntry
from tests.contacts.conftest import at, log, system
from tests.contacts.sinks import Sink

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK, OWN = "street_clerk@S11", "community_clerk@C111"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member(acting: Any, world: Any, make_member: Any, live_since: Any, without_steps: None, owner: Any) -> Member:
    """One due member of C111 with a liaison; nobody else in the world is due."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY)
        member = make_member(name="单田芳", last=TODAY - 100 * DAY)
        liaison = create_liaison(
            organization=world.organization("C111"), name="石评梅", by=actor, email="liaison0@example.invalid"
        )
        assign_liaison(member=member, liaison=liaison, by=actor)
    return member


def state(acting: Any, member: Member) -> tuple[str, str, int]:
    with acting(CLERK):
        row = OutboundMessage.objects.get(obligation__member=member)
        return row.state, row.reason, row.refusals


def keys(acting: Any, member: Member) -> list[Any]:
    with acting(CLERK):
        return list(OutboundMessage.objects.filter(obligation__member=member).values_list("pk", flat=True))


def until_given_up(server: Sink) -> None:
    """Every round of some days, the server refusing for now."""
    server.refuse = "451 later"
    for day in range(4):
        for hour in range(8, 21):
            send_reminders(now=at(TODAY + day * DAY, hour))


def test_what_is_refused_again_and_again_waits_for_a_person(sink: Sink, member: Member, acting: Any) -> None:
    until_given_up(sink)
    assert state(acting, member) == ("failed", "too_often", 8)
    assert send_reminders(now=at(TODAY + 5 * DAY))["claimed"] == 0
    with acting(OWN) as actor:
        waiting = undelivered(OutboundMessage.objects.visible_to(actor))
        assert [row.obligation.member_id for row in waiting] == [member.pk]


def test_server_that_cannot_be_reached_says_nothing_about_the_mail(
    sink: Sink, member: Member, acting: Any, settings: Any
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for day in range(4):
        for hour in range(8, 21):
            send_reminders(now=at(TODAY + day * DAY, hour))
    assert state(acting, member) == ("retry", "not_reached", 0)
    settings.EMAIL_PORT = port
    assert send_reminders(now=at(TODAY + 4 * DAY))["sent"] == 1
    assert len(sink.ids()) == 1


def test_sent_again_by_a_person_arrives_once(sink: Sink, member: Member, acting: Any) -> None:
    until_given_up(sink)
    sink.refuse = ""
    with acting(OWN) as actor:
        assert send_again(keys(acting, member), by=actor) == 1
    assert state(acting, member) == ("pending", "", 0)
    assert send_reminders(now=at(TODAY + 5 * DAY))["sent"] == 1
    assert send_reminders(now=at(TODAY + 6 * DAY))["sent"] == 0
    assert len(sink.ids()) == 1
    with acting("street_admin@S11"):
        entry = AuditEntry.objects.get(action="retry_reminders")
        assert entry.detail == {"count": 1}
        assert entry.actor.startswith("user.")


def test_given_up_is_never_planned_again(sink: Sink, member: Member, acting: Any) -> None:
    until_given_up(sink)
    sink.refuse = ""
    with acting(OWN) as actor:
        assert give_up(keys(acting, member), by=actor) == 1
        assert not undelivered(OutboundMessage.objects.all()).exists()
    assert send_reminders(now=at(TODAY + 5 * DAY))["planned"] == 0
    assert state(acting, member)[:2] == ("cancelled", "given_up")
    assert sink.ids() == []
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="give_up_reminders").count() == 1
    with acting(OWN) as actor:  # somebody thinks better of it
        assert send_again(keys(acting, member), by=actor) == 1
    assert send_reminders(now=at(TODAY + 6 * DAY))["sent"] == 1


def test_interrupted_twice_waits_for_a_person_and_goes_out_when_asked(sink: Sink, member: Member, acting: Any) -> None:
    sink.drop = True
    send_reminders(now=at(TODAY))
    send_reminders(now=at(TODAY, 9, 11))
    assert state(acting, member)[:2] == ("unsure", "twice")
    sink.drop = False
    assert send_reminders(now=at(TODAY + DAY))["claimed"] == 0
    with acting(OWN) as actor:
        assert undelivered(OutboundMessage.objects.all()).count() == 1
        assert send_again(keys(acting, member), by=actor) == 1
    assert send_reminders(now=at(TODAY + DAY, 10))["sent"] == 1
    assert state(acting, member)[:2] == ("sent", "")


@pytest.mark.parametrize("before", ["sent", "sending", "pending", "cancelled"])
def test_what_is_under_way_or_done_is_not_sent_again(member: Member, acting: Any, owner: Any, before: str) -> None:
    send_reminders(now=at(TODAY, 22))
    owner.execute("update contacts_outboundmessage set state = %s, reason = ''", [before])
    with acting(OWN) as actor:
        assert send_again(keys(acting, member), by=actor) == 0
    assert state(acting, member)[0] == before


def test_contact_meanwhile_leaves_nothing_to_send(sink: Sink, member: Member, acting: Any) -> None:
    until_given_up(sink)
    sink.refuse = ""
    with acting(OWN) as actor:
        log_contact(member=member, by=actor)
        assert not undelivered(OutboundMessage.objects.all()).exists()
        assert send_again(keys(acting, member), by=actor) == 0
    assert send_reminders(now=at(TODAY + 5 * DAY))["sent"] == 0


@pytest.mark.parametrize("name", ["community_clerk@C112", "district_admin@D1", "branch_secretary@B111"])
@pytest.mark.parametrize("decide", [send_again, give_up])
def test_others_decide_nothing(member: Member, acting: Any, owner: Any, name: str, decide: Any) -> None:
    send_reminders(now=at(TODAY, 22))
    owner.execute("update contacts_outboundmessage set state = 'failed', reason = 'refused'")
    own = keys(acting, member)
    with acting(name) as actor, pytest.raises(PermissionDenied):
        decide(own, by=actor)
    assert state(acting, member)[:2] == ("failed", "refused")


def test_screen_offers_both_decisions_and_says_what_it_did(member: Member, login: Any, acting: Any, owner: Any) -> None:
    send_reminders(now=at(TODAY, 22))
    owner.execute("update contacts_outboundmessage set state = 'failed', reason = 'refused'")
    client, url = login(OWN), reverse("admin:contacts_outboundmessage_changelist") + "?delivery=undelivered"
    (tile,) = [tile for tile in client.get("/admin/").context["tiles"] if "delivery=undelivered" in tile["link"]]
    assert (tile["count"], client.get(url).context["cl"].result_count) == (1, 1)
    (key,) = keys(acting, member)
    for action, then in (("give_up_action", "cancelled"), ("send_again_action", "pending")):
        sent = {"action": action, "_selected_action": [str(key)], "index": 0}
        place = url if action == "give_up_action" else reverse("admin:contacts_outboundmessage_changelist")
        assert client.post(place, sent, follow=True).status_code == 200
        assert state(acting, member)[0] == then
    page = login("district_admin@D1").get(reverse("admin:contacts_outboundmessage_changelist")).content.decode()
    assert "send_again_action" not in page


def test_one_office_with_many_mails_does_not_delay_another(member: Member, world: Any, owner: Any) -> None:
    """2,000 digests wait for a street, three for its neighbour: the three are in the first batch."""
    send_reminders(now=at(TODAY))
    mail.outbox.clear()
    root, street, small = (world.organization(key).pk for key in ("X", "S11", "S12"))
    for office, key, count in ((street, "C111", 2_000), (small, "C121", 3)):
        owner.execute(
            "with made as (insert into contacts_liaison (id, data_key, organization_id, name, kind, email, is_active)"
            " select gen_random_uuid(), '', %(place)s, '联' || n, 'grid', 'a@example.invalid', true"
            " from generate_series(1, %(count)s) n returning id)"
            " insert into contacts_digest (id, organization_id, office_id, liaison_id, for_on, state, reason, attempts,"
            " is_resend)"
            " select gen_random_uuid(), %(root)s, %(office)s, id, %(day)s, 'pending', '', 0, false from made",
            {"place": world.organization(key).pk, "count": count, "root": root, "office": office, "day": TODAY},
        )
    with access.acting_as(system(world)) as actor:
        claims = outbox._claim(outbox.Round(actor, root, outbox.Clock(at(TODAY, 10))), MailChannel())
    of_small = {key for (key,) in owner.execute("select id from contacts_digest where office_id = %s", [small])}
    assert len(claims) == outbox.BATCH
    assert len(of_small) == 3
    assert of_small <= {claim.id for claim in claims}


def test_digest_belongs_to_its_street(member: Member, owner: Any, world: Any) -> None:
    send_reminders(now=at(TODAY))
    offices = owner.execute("select office_id from contacts_digest").fetchall()
    assert offices == [(world.organization("S11").pk,)]


OLD = "update contacts_outboundmessage set planned_at = now() - interval '{} days'"


def test_open_duty_keeps_its_reminder_however_old(member: Member, acting: Any, owner: Any) -> None:
    """Overdue for 400 days: forgetting the row would send it a second time."""
    send_reminders(now=at(TODAY))
    owner.execute(OLD.format(400))
    assert forget_old() == 0
    sent = len(mail.outbox)
    assert send_reminders(now=at(TODAY + DAY))["planned"] == 0
    assert len(mail.outbox) == sent


@pytest.mark.parametrize(("planned", "recorded", "gone"), [(181, 181, 1), (179, 181, 0), (181, 179, 0)])
def test_reminder_is_forgotten_when_its_date_cannot_return(
    member: Member, acting: Any, owner: Any, planned: int, recorded: int, gone: int
) -> None:
    send_reminders(now=at(TODAY))
    with acting(CLERK):
        log(member, TODAY)
    owner.execute(OLD.format(planned))
    owner.execute("update contacts_contactlog set recorded_at = now() - make_interval(days => %s)", [recorded])
    assert forget_old() == gone
    assert len(keys(acting, member)) == 1 - gone
    assert send_reminders(now=at(TODAY + DAY))["planned"] == 0


def test_ended_duty_keeps_its_reminders_for_the_day_it_opens_again(member: Member, acting: Any, owner: Any) -> None:
    send_reminders(now=at(TODAY))
    owner.execute(OLD.format(400))
    with acting(CLERK):
        Member.objects.filter(pk=member.pk).update(state="returned")
    assert forget_old() == 0
    with acting(CLERK):
        Member.objects.filter(pk=member.pk).update(state="floating")
    assert send_reminders(now=at(TODAY + DAY))["planned"] == 0


def test_night_forgets_mails_without_a_line(member: Member, owner: Any) -> None:
    send_reminders(now=at(TODAY))
    owner.execute("update contacts_digest set for_on = for_on - 200")
    owner.execute("delete from contacts_outboundmessage")
    forget_old()
    assert owner.execute("select count(*) from contacts_digest").fetchone() == (0,)
    with connection.cursor() as cursor:  # and the app role may not do so itself
        cursor.execute("select has_table_privilege('contacts_outboundmessage', 'delete')")
        assert cursor.fetchone() == (False,)
