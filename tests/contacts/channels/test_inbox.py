"""What one was told, read in the portal: by this person alone, whatever the other channels do."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.channels.reading import MOST_UNREAD, SHOWN, count_unread, mark_read, read_page
from contacts.models import Digest, Liaison, OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, log_contact
from members.models import Member
from tests.contacts.channels.conftest import CLERK, DAY, OWN, TODAY
from tests.contacts.conftest import at
from tests.contacts.sinks import Sink

LIAISON = "liaison@C111"
URL = "/admin/contacts/inbox/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(due: list[Member], acting: Any, world: Any) -> list[Member]:
    """The three due members belong to the liaison with an account at C111, who was told this morning."""
    with acting(CLERK) as actor:
        liaison = Liaison.objects.get(user=world.user(LIAISON))
        for member in due:
            assign_liaison(member=member, liaison=liaison, by=actor)
    send_reminders(now=at(TODAY))
    return due


def inbox_of(name: str, acting: Any) -> list[Digest]:
    with acting(name) as actor:
        return list(Digest.objects.inbox_of(actor))


def test_page_shows_who_is_due_to_whom_it_was_said(told: list[Member], login: Any) -> None:
    page = login(LIAISON).get(URL).content.decode()
    for member in told:
        assert member.name in page
        assert reverse("contacts:log", args=[member.pk]) in page
    assert "<b>1</b>" in page  # the bell
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", ["", "contacts/contactobligation/", "password_change/"])
def test_bell_hangs_on_every_page(told: list[Member], login: Any, path: str) -> None:
    page = login(LIAISON).get(f"/admin/{path}").content.decode()
    assert "<b>1</b>" in page.partition('class="portal-bell"')[2].partition("</a>")[0]


@pytest.mark.parametrize("name", [OWN, CLERK, "street_admin@S11", "liaison@C112", "district_admin@D1", "city_admin@X"])
def test_nobody_else_reads_it(told: list[Member], login: Any, acting: Any, name: str) -> None:
    client = login(name)
    page = client.get(URL).content.decode()
    assert not any(member.name in page for member in told)
    assert "<b>" not in page.partition('class="portal-bell"')[2].partition("</a>")[0]
    (digest,) = inbox_of(LIAISON, acting)
    with acting(name) as actor:
        assert not Digest.objects.filter(pk=digest.pk).exists()
        assert read_page([digest], actor) == []
        assert mark_read([digest.pk], by=actor) == 0
    client.post(URL, {"read": str(digest.pk)})
    client.post(URL, {"read": "all"})
    assert inbox_of(LIAISON, acting)[0].read_at is None


def test_liaison_reads_no_other_reminders(told: list[Member], acting: Any, world: Any) -> None:
    with acting(LIAISON):
        assert OutboundMessage.objects.count() == len(told)
    with acting("liaison@C112"):
        assert OutboundMessage.objects.count() == 0


def test_marked_as_read_the_bell_is_silent(told: list[Member], login: Any, acting: Any) -> None:
    client = login(LIAISON)
    (digest,) = inbox_of(LIAISON, acting)
    assert client.post(URL, {"read": "nonsense"}).status_code == 404
    assert client.post(URL, {"read": str(digest.pk)}).status_code == 302
    with acting(LIAISON) as actor:
        assert count_unread(actor) == 0
        assert mark_read([digest.pk], by=actor) == 0  # once
    assert "<b>" not in client.get(URL).content.decode().partition('class="portal-bell"')[2].partition("</a>")[0]


def test_all_of_many_pages_are_marked_at_once(told: list[Member], owner: Any, acting: Any, login: Any) -> None:
    owner.execute(
        "insert into contacts_digest (id, organization_id, office_id, liaison_id, reader_id, for_on, state, reason,"
        " attempts, is_resend) select gen_random_uuid(), organization_id, office_id, liaison_id, reader_id, for_on - n,"
        " 'sent', '', 1, false from contacts_digest, generate_series(1, 120) n where reader_id is not null"
    )
    client = login(LIAISON)
    assert f"<b>{MOST_UNREAD - 1}+</b>" in client.get(URL, {"page": "3"}).content.decode()
    client.post(URL, {"read": "all"})
    assert not [digest for digest in inbox_of(LIAISON, acting) if digest.read_at is None]


def test_without_an_address_it_is_said_in_the_portal_alone(
    due: list[Member], owner: Any, acting: Any, world: Any, login: Any
) -> None:
    owner.execute("update portal_user set email = '' where username = 'community_clerk@C111'")
    with acting(CLERK):
        Liaison.objects.filter(name="石评梅").update(is_active=False)
    counts = send_reminders(now=at(TODAY))
    assert (counts["failed"], counts["sent"]) == (0, 3)
    assert mail.outbox == []
    with acting(CLERK):
        rows = set(OutboundMessage.objects.filter(recipient=world.user(OWN)).values_list("state", "reason"))
    assert rows == {("sent", "portal_only")}
    (digest,) = inbox_of(OWN, acting)
    assert digest.channel == "inbox"
    page = login(OWN).get(f"/admin/contacts/why/{due[0].pk}/").content.decode()
    assert 'data-verdict="sent"' in page
    assert send_reminders(now=at(TODAY, 15))["claimed"] == 0


def test_liaison_with_an_account_and_no_address_hears_in_the_portal(
    due: list[Member], owner: Any, acting: Any, world: Any
) -> None:
    owner.execute("update contacts_liaison set email = '' where user_id is not null")
    owner.execute("update portal_user set email = '' where username = 'liaison@C111'")
    with acting(CLERK) as actor:
        assign_liaison(member=due[0], liaison=Liaison.objects.get(user=world.user(LIAISON)), by=actor)
    send_reminders(now=at(TODAY))
    assert [digest.channel for digest in inbox_of(LIAISON, acting)] == ["inbox"]
    assert "liaison.C111@example.invalid" not in [to for message in mail.outbox for to in message.to]


def test_mail_server_that_is_away_keeps_nothing_from_the_page(
    due: list[Member], sink: Sink, acting: Any, login: Any, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    assert send_reminders(now=at(TODAY))["retry"] == 3
    page = login(OWN).get(URL).content.decode()  # the clerk, for the one without a liaison
    assert "郭靖" in page


def test_who_was_contacted_meanwhile_is_over_and_who_left_is_only_counted(
    told: list[Member], acting: Any, owner: Any
) -> None:
    with acting(CLERK) as actor:
        log_contact(member=told[0], by=actor)
        assign_liaison(member=told[1], liaison=Liaison.objects.get(name="石评梅"), by=actor)
    with acting(LIAISON) as actor:
        (one,) = read_page(list(Digest.objects.inbox_of(actor)), actor)
        assert {row.obligation.member.name: row.is_over for row in one.people} == {"单田芳": True, "郭靖": False}
        assert (one.to_call, one.overdue, one.rest) == (3, 1, 1)


def test_what_came_to_nothing_is_not_shown(told: list[Member], acting: Any, owner: Any) -> None:
    owner.execute("update contacts_digest set state = 'cancelled'")
    with acting(LIAISON) as actor:
        assert count_unread(actor) == 0
        assert not Digest.objects.inbox_of(actor).exists()


def test_page_takes_the_same_statements_for_one_and_for_many(
    told: list[Member], owner: Any, acting: Any, make_member: Any, world: Any, django_assert_max_num_queries: Any
) -> None:
    with acting(LIAISON) as actor, django_assert_max_num_queries(5) as few:
        count_unread(actor)
        read_page(list(Digest.objects.inbox_of(actor)), actor)
    with acting(CLERK) as actor:
        liaison = Liaison.objects.get(user=world.user(LIAISON))
        for number in range(SHOWN + 5):
            assign_liaison(member=make_member(name=f"甲{number}", last=TODAY - 100 * DAY), liaison=liaison, by=actor)
    send_reminders(now=at(TODAY + DAY))
    with acting(LIAISON) as actor, django_assert_max_num_queries(5) as many:
        count_unread(actor)
        pages = read_page(list(Digest.objects.inbox_of(actor)), actor)
    assert len(few) == len(many)
    assert [(len(one.people), one.to_call) for one in pages] == [(SHOWN, SHOWN + 5), (3, 3)]


def test_nobody_changes_a_message_by_hand(told: list[Member], acting: Any) -> None:
    with acting(LIAISON):
        assert Digest.objects.update(reason="x") == 0
        assert OutboundMessage.objects.update(reason="x") == 0
    with acting(LIAISON), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from contacts_digest")


def test_escalation_names_the_people_to_whom_it_was_told(
    due: list[Member], acting: Any, world: Any, owner: Any
) -> None:
    owner.execute("update contacts_contactpolicy set community_days = 5")
    send_reminders(now=at(TODAY + 60 * DAY))
    with acting(OWN) as actor:
        found = read_page(list(Digest.objects.inbox_of(actor)), actor)
        assert sum(one.told_above for one in found) == 3
        assert all(isinstance(one.digest.for_on, dt.date) for one in found)
        assert timezone.localdate() <= found[0].digest.for_on
