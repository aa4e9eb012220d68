"""Visiting workers: names of the own list and a way to write; nothing to read, by whatever way they ask."""

import datetime as dt
import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts import visits
from contacts.assigning import assign_visits, set_visitors
from contacts.models import ContactLog, ContactObligation, Liaison, LiaisonAssignment
from contacts.services import assign_liaison
from contacts.work_links import issue_link
from members.models import Member
from portal import access
from portal.models import WorkLink
from tests.contacts.conftest import shown_version
from tests.contacts.test_work_pages import field, send_pin
from tests.world import canary, id_number, mobile

CLERK = "community_clerk@C111"
VISITOR = "visitor@C111"
TABLES = ("members_member", "members_movement", "members_placement", "members_memberevent", "contacts_contactlog",
          "contacts_contactobligation", "contacts_liaisonassignment", "contacts_outboundmessage",
          "activities_attendance", "checkin_reportin", "portal_auditentry")  # fmt: skip


@pytest.fixture
def visitor(world, acting):
    """The building head of C111 with the member of C111 on the list, who has remark, number and address to leak."""
    with acting(CLERK) as by:
        person = Liaison.objects.create(
            organization=world.organization("C111"), name="走访员", kind="building", user=world.user(VISITOR)
        )
        assign_visits(members=[world.member("C111")], visitor=person, by=by)
    return person


@pytest.fixture
def pk(world, acting):
    with acting(CLERK):
        return world.member("C111").pk


@pytest.fixture
def phone(visitor, acting):
    with acting(CLERK) as by:
        issued = issue_link(liaison=visitor, by=by)
    client, address = Client(), f"/w/{issued.token}/"
    assert send_pin(client, issued.pin, address).status_code == 303
    client.address, client.link = address, issued.link
    return client


def as_link(phone):
    return access.acting_as(access.link_actor(phone.link.pk))


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608
        return cursor.fetchone()[0]


def visit(**values):
    today = timezone.localdate()
    return {"key": uuid.uuid4(), "contacted_on": today, "method": "visit", "outcome": "reached", "note": "好"} | values


# --- the database ---------------------------------------------------------------------------------------------------


def test_visitor_sees_no_row_and_only_names(visitor, acting, pk, phone):
    for act in (lambda: acting(VISITOR), lambda: as_link(phone)):
        with act() as by:
            assert {table: rows(table) for table in TABLES} == dict.fromkeys(TABLES, 0)
            assert visits.own_list(by) == [visits.Visited(pk, canary("C111"))]
            assert rows("contacts_liaison") == 1  # oneself


def test_visit_is_written_and_cannot_be_read_back(visitor, acting, pk):
    with acting(VISITOR) as by:
        (person,) = visits.own_list(by)
        visits.log_visit(visited=person, by=by, **visit(note="家里都好"))
        assert rows("contacts_contactlog") == 0
    with acting(CLERK):
        log = ContactLog.objects.filter(member_id=pk).latest("recorded_at")
        assert (log.note, log.method, log.outcome, log.liaison, log.side) == (
            "家里都好", "visit", "reached", visitor, "host",
        )  # fmt: skip
        assert str(log.recorded_by) == f"账号C111{'visitor'}"
        assert ContactObligation.objects.open().get(member_id=pk).last_success_on == timezone.localdate()


def test_visit_sent_twice_is_stored_once(visitor, acting, pk):
    with acting(VISITOR) as by:
        (person,) = visits.own_list(by)
        form = visit(outcome="no_answer")
        for sent in (form, form | {"note": "改"}, form | {"key": uuid.uuid4()}):
            visits.log_visit(visited=person, by=by, **sent)
    with acting(CLERK):
        assert ContactLog.objects.filter(member_id=pk, outcome="no_answer").count() == 1


def test_others_are_refused_by_service_and_database(visitor, acting, world, make_member):
    with acting(CLERK):
        other = make_member(name="刘兰芳").pk
    with acting("community_clerk@C112"):
        foreign = world.member("C112").pk
    with acting(VISITOR) as by:
        for pk in (other, foreign, uuid.uuid4()):
            with pytest.raises(Http404):
                visits.access_visited(by, pk)
            with pytest.raises(Http404):
                visits.log_visit(visited=visits.Visited(pk, "x"), by=by, **visit())
            assert asked("select portal.visit_key(%s)", pk) is None
            assert is_refused(pk)


def asked(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def is_refused(pk, day="2026-11-01", how="visit", result="reached"):
    try:
        with transaction.atomic():
            asked("select portal.log_visit(%s, %s, %s, %s, %s, null, null)::text", uuid.uuid4(), pk, day, how, result)
    except DatabaseError:
        return True
    return False


def test_unfit_visits_are_refused_by_the_database(visitor, acting, pk):
    with acting(VISITOR) as by:
        assert is_refused(pk, day="2999-01-01")
        assert is_refused(pk, how="spy")
        assert is_refused(pk, result="lost")
        assert not is_refused(pk)
        (person,), tomorrow = visits.own_list(by), timezone.localdate() + dt.timedelta(days=1)
        with pytest.raises(ValidationError):
            visits.log_visit(visited=person, by=by, **visit(contacted_on=tomorrow))


def test_direct_insert_is_refused(visitor, acting, pk, world):
    statement = (
        "insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method,"
        " outcome, source, recorded_at) values (gen_random_uuid(), %s, %s, 'host', '2026-11-01', 'to_member', 'phone',"
        " 'reached', 'logged', now())"
    )
    with acting(VISITOR), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement, [pk, world.organization("C111").pk])


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "street_admin@S11", "city_viewer@X", "visitor@C112"])
def test_functions_of_visits_tell_others_nothing(visitor, acting, pk, who):
    with acting(who) as by:
        assert visits.own_list(by) == []
        assert asked("select portal.visit_key(%s)", pk) is None
        assert is_refused(pk)


def test_functions_of_visits_without_an_actor(visitor, pk):
    assert asked("select count(*) from portal.visit_list()") == 0
    assert asked("select portal.acting_person()") is None
    assert asked("select portal.visits_only()") is False
    assert asked("select portal.visit_key(%s)", pk) is None
    assert is_refused(pk)


def test_login_with_the_visitor_role_alone_reads_nothing_even_as_liaison(acting, world, owner):
    """The role decides as well as the kind: a committee member who logs in as visitor writes only."""
    with acting(CLERK) as by:
        person = Liaison.objects.create(organization=world.organization("C111"), name="甲", user=world.user(VISITOR))
        assign_liaison(member=world.member("C111"), liaison=person, by=by)
    with acting(VISITOR) as by:
        assert rows("members_member") == 0
        assert [each.name for each in visits.own_list(by)] == [canary("C111")]


# --- lists and their end --------------------------------------------------------------------------------------------


def test_lists_stand_beside_the_liaison(visitor, acting, world):
    with acting(CLERK) as by:
        member = world.member("C111")
        assert LiaisonAssignment.objects.open().filter(member=member, is_primary=True).count() == 1
        assert assign_visits(members=[member], visitor=visitor, by=by) == 0
        with pytest.raises(ValidationError):
            assign_liaison(member=member, liaison=visitor, by=by)
        set_visitors(member=member, visitors=[], by=by)
    with acting(VISITOR) as by:
        assert visits.own_list(by) == []


def test_primary_assignment_of_a_visitor_is_refused_by_the_database(visitor, acting, make_member):
    with acting(CLERK):
        row = LiaisonAssignment(member=make_member(), liaison=visitor, is_primary=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.parametrize("who", ["community_clerk@C112", "street_clerk@S12"])
def test_lists_are_made_inside_the_own_reach(visitor, acting, world, who):
    with acting(CLERK):
        member = world.member("C111")
    with acting(who) as by, pytest.raises(PermissionDenied):
        assign_visits(members=[member], visitor=visitor, by=by)


@pytest.mark.parametrize("change", [{"is_active": False}, {"kind": "committee"}])
def test_end_of_work_ends_link_and_list_at_once(visitor, acting, phone, change):
    assert phone.get(phone.address).status_code == 200
    with acting(CLERK):
        Liaison.objects.filter(pk=visitor.pk).update(**change)
        assert not LiaisonAssignment.objects.open().filter(liaison=visitor).exists()
        assert WorkLink.objects.get(pk=phone.link.pk).closed_reason == "left"
    assert phone.get(phone.address).status_code == 404
    with acting(VISITOR) as by:
        assert visits.own_list(by) == []


def test_clerk_ends_a_liaison_and_is_told_how_many_are_without_one(login, acting, world):
    with acting(CLERK):
        liaison = Liaison.objects.get(organization=world.organization("C111"))
    client, url = login(CLERK), reverse("admin:contacts_liaison_change", args=[liaison.pk])
    form = {"organization": str(liaison.organization_id), "name": liaison.name, "kind": liaison.kind,
            "email": liaison.email, "shown_version": shown_version(client, url)}  # fmt: skip
    page = client.post(url, form, follow=True).content.decode()
    assert re.search(rf"{liaison.name}[^<]*1", page)
    without = client.get(reverse("admin:members_member_changelist"), {"liaison": "none"}).content.decode()
    assert canary("C111") in without
    with acting("liaison@C111"):
        assert not Member.objects.exists()


# --- the pages ------------------------------------------------------------------------------------------------------

SECRETS = (mobile("C111"), mobile("C111")[-4:], id_number("C111")[-4:], f"联{canary('C111')}", "197", "2026-0")


def test_phone_shows_names_and_takes_a_visit(phone, acting, pk):
    page = f"{phone.address}{pk}/"
    shown = phone.get(page)
    for answer in (phone.get(phone.address), shown):
        text = answer.content.decode().replace(str(pk), "").replace(phone.address, "")
        text = re.sub(r'value="[0-9a-f-]{36,64}"', "", text)
        assert canary("C111") in text
        assert "tel:" not in text
        assert "lamp" not in text
        assert [secret for secret in SECRETS[:4] if secret in text] == []
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "outcome": "no_answer", "method": "visit",
            "contacted_on": timezone.localdate().isoformat(), "note": "没人在家"}  # fmt: skip
    for _again in range(2):
        answer = phone.post(page, form)
        assert (answer.status_code, answer["Location"]) == (303, f"{phone.address}?logged={pk}")
    assert "没人在家" not in phone.get(answer["Location"]).content.decode()
    assert "没人在家" not in phone.get(page).content.decode()
    with acting(CLERK):
        log = ContactLog.objects.get(member_id=pk, outcome="no_answer")
        assert (log.note, log.recorded_by) == ("没人在家", None)


@pytest.mark.parametrize("values", [{"mark": "0" * 64}, {"outcome": "x"}, {"contacted_on": "2999-01-01"}])
def test_unfit_visit_stores_nothing(phone, acting, pk, values):
    page = f"{phone.address}{pk}/"
    shown = phone.get(page)
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "outcome": "no_answer", "method": "visit",
            "contacted_on": timezone.localdate().isoformat(), "note": "留着"}  # fmt: skip
    answer = phone.post(page, form | values)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert "留着" in answer.content.decode()
    with acting(CLERK):
        assert not ContactLog.objects.filter(outcome="no_answer").exists()


def test_phone_of_a_visitor_finds_nobody_else(phone, acting, world, make_member):
    with acting(CLERK):
        other = make_member(name="刘兰芳").pk
    unknown = phone.get(f"{phone.address}{uuid.uuid4()}/")
    for pk in (other, uuid.uuid4()):
        answer = phone.get(f"{phone.address}{pk}/")
        assert (answer.status_code, answer.content) == (404, unknown.content)


def test_visitor_with_a_login_logs_on_the_staff_pages(login, acting, visitor, pk):
    client = login(VISITOR)
    front = client.get("/admin/").content.decode()
    assert reverse("contacts:visits") in front
    page = client.get(reverse("contacts:visits")).content.decode()
    assert canary("C111") in page
    url = reverse("contacts:visit", args=[pk])
    shown = client.get(url)
    assert [secret for secret in SECRETS[:2] if secret in shown.content.decode().replace(str(pk), "")] == []
    form = {"key": field(shown, "key"), "outcome": "refused", "method": "visit", "note": "不便",
            "contacted_on": timezone.localdate().isoformat()}  # fmt: skip
    for _again in range(2):
        assert client.post(url, form).url == reverse("contacts:visits")
    with acting(CLERK):
        assert ContactLog.objects.get(member_id=pk, outcome="refused").note == "不便"
    for path in ("members/member/", f"members/member/{pk}/card/", "contacts/contactlog/", f"contacts/log/{pk}/",
                 "contacts/contactobligation/", "contacts/liaison/"):  # fmt: skip
        answer = client.get(f"/admin/{path}")
        assert answer.status_code in (403, 404), path
        assert canary("C111") not in answer.content.decode()


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "district_admin@D1", "visitor@C112"])
def test_visit_pages_are_for_the_own_list(login, visitor, pk, who):
    client = login(who)
    assert client.get(reverse("contacts:visit", args=[pk])).status_code == 404
    listed = client.get(reverse("contacts:visits"))
    assert listed.status_code == (200 if who.startswith("visitor") else 404)
    assert canary("C111") not in listed.content.decode()


def test_clerk_assigns_from_the_card_and_from_the_list(login, acting, world, visitor, pk, make_member):
    with acting(CLERK):
        more = make_member(name="单田芳")
        liaison = Liaison.objects.get(organization=world.organization("C111"), kind="committee")
    client, url = login(CLERK), reverse("contacts:assign", args=[more.pk])
    assert url in client.get(reverse("admin:members_member_card", args=[more.pk])).content.decode()
    page = client.get(url).content.decode()
    assert "走访员" in page
    assert canary("C112") not in page
    assert client.post(url, {"liaison": str(liaison.pk), "visitors": [str(visitor.pk)]}).status_code == 302
    with acting(CLERK):
        held = LiaisonAssignment.objects.open().filter(member=more).values_list("liaison_id", "is_primary")
        assert set(held) == {(liaison.pk, True), (visitor.pk, False)}
    assert client.post(url, {"liaison": str(liaison.pk)}).status_code == 302
    with acting(CLERK):
        assert not LiaisonAssignment.objects.open().filter(member=more, liaison=visitor).exists()
    listing = reverse("admin:members_member_changelist")
    chosen = {"action": "assign_visits_action", "_selected_action": [str(more.pk)]}
    assert "走访员" in client.post(listing, chosen).content.decode()
    assert client.post(listing, chosen | {"visitor": str(liaison.pk)}).status_code == 200  # no visiting worker
    assert client.post(listing, chosen | {"visitor": str(visitor.pk)}).status_code == 302
    with acting(VISITOR) as by:
        assert [each.name for each in visits.own_list(by)].count("单田芳") == 1


@pytest.mark.parametrize(("who", "status"), [("district_admin@D1", 403), ("community_clerk@C112", 404),
                                             ("liaison@C111", 404), (VISITOR, 404)])  # fmt: skip
def test_assigning_is_for_clerks(login, visitor, pk, who, status):
    assert login(who).get(reverse("contacts:assign", args=[pk])).status_code == status


def test_topics_and_next_step_of_a_visit_are_written_for_the_office(visitor, acting, pk):
    told = {"work": "新厂", "life": "添丁", "through": "邻居", "next_step": "下月再来",
            "next_on": timezone.localdate() + dt.timedelta(days=30)}  # fmt: skip
    with acting(VISITOR) as by:
        (person,) = visits.own_list(by)
        for _twice in range(2):
            visits.log_visit(visited=person, by=by, **visit(**told))
        assert rows("contacts_contactlog") == 0
        with pytest.raises(ValidationError):
            visits.log_visit(visited=person, by=by, **visit(next_on=timezone.localdate() - dt.timedelta(days=1)))
    with acting(CLERK):
        log = ContactLog.objects.filter(member_id=pk).latest("recorded_at")
        assert {name: getattr(log, name) for name in told} == told
        assert ContactLog.objects.filter(member_id=pk, next_on__isnull=False).count() == 1


def test_visit_from_the_phone_brings_its_next_step(phone, pk, acting):
    page = phone.get(f"{phone.address}{pk}/")
    assert 'name="next_on"' in page.content.decode()
    day = (timezone.localdate() + dt.timedelta(days=7)).isoformat()
    form = {name: field(page, name) for name in ("mark", "key")} | {
        "outcome": "reached", "method": "visit", "contacted_on": timezone.localdate().isoformat(),
        "next_step": "送药", "next_on": day,
    }  # fmt: skip
    assert phone.post(f"{phone.address}{pk}/", form).status_code == 303
    with acting(CLERK):
        log = ContactLog.objects.filter(member_id=pk).latest("recorded_at")
        assert (log.next_step, log.next_on.isoformat()) == ("送药", day)
