"""What members send in from their own pages: stored once, and what becomes of it at the office."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.models import MemberRequest
from checkin.own_page import services
from checkin.own_page.staff_views import card_section
from contacts.models import ContactLog, ContactObligation, Need
from contacts.needs.services import answer_need
from members.models import Member
from portal.models import AuditEntry, WorkLink
from tests.checkin.own_page.conftest import CLERK, PAGES, closed_page, field, send
from tests.world import canary, mobile


def test_need_is_raised_once_and_counts_as_a_contact_of_the_member(phone, address, acting, world):
    page = address + "need/"
    shown = phone.get(page)
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "category": "health", "detail": "想预约体检"}
    answers = [phone.post(page, form), phone.post(page, form), phone.post(page, form | {"detail": "改了"})]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, address + "?sent=need")}
    assert 'class="notice ok"' in phone.get(address + "?sent=need").content.decode()
    with acting(CLERK):
        member = world.member("C111")
        (need,) = Need.objects.filter(member=member, category="health")
        assert (need.detail, need.organization, need.state) == ("想预约体检", member.organization, "open")
        log = need.contact
        assert (log.side, log.direction, log.outcome) == ("member", "from_member", "reached")
        assert log.recorded_by is None


@pytest.mark.parametrize(("said", "state"), [("met", "confirmed"), ("not_met", "open")])
def test_member_says_whether_an_answered_need_is_met(phone, address, acting, world, said, state):
    with acting(CLERK) as clerk:
        need = Need.objects.filter(member=world.member("C111")).get()
        answer_need(need=need, outcome="met", text="办好了", by=clerk)
    page = address + "need/"
    shown = phone.get(page)
    assert "办好了" not in shown.content.decode()  # what the office wrote stays there
    mark = field(shown, "mark")
    assert phone.post(page, {"mark": "0" * 64, said: need.pk}).status_code == 303
    with acting("community_clerk@C112"):
        foreign = Need.objects.filter(member=world.member("C112")).get().pk
    assert phone.post(page, {"mark": mark, said: foreign}).status_code == 404
    with acting(CLERK):
        assert Need.objects.get(pk=need.pk).state == "answered"
    assert [phone.post(page, {"mark": mark, said: need.pk}).status_code for _ in range(2)] == [303, 303]
    with acting(CLERK):
        found = Need.objects.get(pk=need.pk)
        assert (found.state, found.reopened) == (state, int(state == "open"))


def test_message_is_a_contact_of_the_members_side_and_meets_no_duty_of_the_office(phone, address, acting, world, login):
    with acting(CLERK):
        member = world.member("C111")
        before = {duty.side: duty.last_success_on for duty in ContactObligation.objects.filter(member=member)}
    assert send(phone, address + "message/", text="一切都好，请放心").status_code == 303
    with acting(CLERK):
        duties = {duty.side: duty.last_success_on for duty in ContactObligation.objects.filter(member=member)}
        assert duties == before | {"member": timezone.localdate()}
        row = MemberRequest.objects.get(member=member, kind="message")
        assert row.text_sealed is None
        log = ContactLog.objects.get(pk=row.pk)
        assert (log.note, log.direction) == ("一切都好，请放心", "from_member")
    clerk = login(CLERK)
    assert "一切都好，请放心" in clerk.get(f"/admin/checkin/sent-in/{row.pk}/").content.decode()
    assert clerk.post(f"/admin/checkin/sent-in/{row.pk}/", {"action": "done"}).status_code == 302
    assert str(row.pk) not in clerk.get("/admin/checkin/sent-in/").content.decode()
    assert str(row.pk) in clerk.get("/admin/checkin/sent-in/?state=decided").content.decode()


def test_new_number_changes_the_file_only_when_the_clerk_takes_it_over(phone, address, acting, world, login):
    page = address + "change/"
    answer = send(phone, page, mobile="139 0000 8888", address="合肥市样例路一号")
    assert answer.status_code == 303
    with acting(CLERK):
        member = world.member("C111")
        assert member.mobile == mobile("C111")
        rows = {row.kind: row.pk for row in MemberRequest.objects.filter(member=member, state="waiting")
                if row.text != canary("C111")}  # fmt: skip
        assert rows.keys() == {"mobile", "address"}
    clerk, place = login(CLERK), f"/admin/checkin/sent-in/{rows['mobile']}/"
    assert "13900008888" not in clerk.get(place).content.decode()
    assert "13900008888" in clerk.post(place, {"action": "show"}).content.decode()
    assert clerk.post(place, {"action": "done"}).status_code == 302
    assert clerk.post(place, {"action": "declined"}).status_code == 200  # dealt with already
    assert clerk.post(f"/admin/checkin/sent-in/{rows['address']}/", {"action": "declined"}).status_code == 302
    with acting(CLERK):
        member = world.member("C111")
        assert member.mobile == "13900008888"
        assert member.phones.filter(until_on__gt="").count() == 1  # the former number stays known
        assert member.current_address == canary("C111")
        assert set(MemberRequest.objects.filter(pk__in=rows.values()).values_list("kind", "state")) == {
            ("mobile", "done"), ("address", "declined")}  # fmt: skip
    with acting("street_admin@S11"):
        found = AuditEntry.objects.filter(object_id=member.pk).values_list("action", flat=True)
        assert {"reveal", "own_request_done", "own_request_declined"} <= set(found)
        assert not [row for row in AuditEntry.objects.all() if "8888" in str(row.detail)]


def test_card_shows_what_waits_to_whoever_keeps_the_file(phone, address, world, login, acting):
    start = (timezone.localdate() + dt.timedelta(days=3)).isoformat()
    send(phone, address + "journey/", from_on=start, text="带孩子回来")
    with acting(CLERK):
        card, member = f"/admin/members/member/{world.member('C111').pk}/card/", world.member("C111")
        journey = MemberRequest.objects.get(member=member, kind="journey").pk
        former = MemberRequest.objects.get(member=member, kind="address").pk
    clerk = login(CLERK)
    clerk.post(f"/admin/checkin/sent-in/{former}/", {"action": "declined"})
    text = clerk.get(card).content.decode()
    places = [text.index(f"/admin/checkin/sent-in/{pk}/") for pk in (journey, former)]
    assert places == sorted(places)
    assert start in text
    assert "带孩子回来" not in text
    for name in ("liaison@C111", "branch_secretary@B111"):
        assert str(journey) not in login(name).get(card).content.decode()
    with acting(CLERK):
        silent = Member(organization=member.organization, is_synthetic=True)
        silent.set_name("样本甲")
        silent.save(force_insert=True)
        assert card_section(silent) is None


def test_queue_is_the_own_offices_and_takes_a_fixed_number_of_statements(phone, address, login):
    def statements(client):
        with CaptureQueriesContext(connection) as taken:
            text = client.get("/admin/checkin/sent-in/").content.decode()
        return len(taken), text

    clerk, street = login(CLERK), login("street_clerk@S11")
    clerk.get("/admin/checkin/sent-in/")
    before, text = statements(clerk)
    assert canary("C111") in text
    assert canary("C112") not in text
    for number in range(3):
        send(phone, address + "message/", text=f"第{number}条")
    after, text = statements(clerk)
    assert (after, text.count(canary("C111"))) == (before, 4)
    assert {key for key in ("C111", "C112", "C121") if canary(key) in statements(street)[1]} == {"C111", "C112"}


def test_journey_home_has_its_days(phone, address, acting, world):
    start = timezone.localdate() + dt.timedelta(days=60)
    form = {"from_on": start.isoformat(), "until_on": (start + dt.timedelta(days=9)).isoformat(), "text": "带孩子回来"}
    assert send(phone, address + "journey/", **form).status_code == 303
    with acting(CLERK):
        row = MemberRequest.objects.get(kind="journey")
        assert (row.from_on, row.text, row.member) == (start, "带孩子回来", world.member("C111"))
    assert start.isoformat() in phone.get(address).content.decode()


@pytest.mark.parametrize(
    ("page", "values"),
    [("need/", {"category": "work", "detail": " "}), ("need/", {"category": "gold", "detail": "x"}),
     ("need/", {"detail": "x"}), ("message/", {"text": ""}), ("message/", {"text": "长" * 501}),
     ("change/", {}), ("change/", {"mobile": "123"}), ("journey/", {"from_on": ""}),
     ("journey/", {"from_on": "2999-01-01"}), ("journey/", {"from_on": "2026-12-10", "until_on": "2026-12-01"}),
     ("message/", {"text": "x", "mark": "0" * 64}), ("message/", {"text": "x", "key": "no"})],
)  # fmt: skip
def test_unfit_form_stores_nothing_and_says_so(phone, address, acting, page, values):
    with acting(CLERK):
        before = (MemberRequest.objects.count(), Need.objects.count(), ContactLog.objects.count())
    shown = phone.get(address + page)
    answer = phone.post(address + page, {"mark": field(shown, "mark"), "key": field(shown, "key")} | values)
    assert answer.status_code == 200
    if "key" not in values:
        assert 'role="alert"' in answer.content.decode()
    with acting(CLERK):
        assert (MemberRequest.objects.count(), Need.objects.count(), ContactLog.objects.count()) == before


def test_reading_changes_nothing(phone, address, owner):
    tables = ("checkin_memberrequest", "contacts_need", "contacts_contactlog", "portal_auditentry", "members_member")
    phone.get(address)

    def state():
        with connection.cursor() as cursor:
            found = []
            for table in tables:
                cursor.execute(f"select count(*) from {table}")  # noqa: S608
                found.append(cursor.fetchone())
            return found

    before = state()
    for page in PAGES:
        phone.get(address + page)
    assert state() == before


def test_too_many_forms_in_an_hour_are_refused_in_plain_words(phone, address, monkeypatch):
    monkeypatch.setattr(services, "FORMS_AN_HOUR", 2)
    answers = [send(phone, address + "message/", text=f"第{number}条") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    shown = answers[2].content.decode()
    assert 'role="alert"' in shown
    assert re.search(r"\b\d\d:00\b", shown)
    assert "第2条" in shown


def test_stopping_ends_the_page_and_nothing_else(phone, address, acting, world, login, staff_page):
    mark = field(phone.get(address + "stop/"), "mark")
    assert phone.post(address + "stop/", {"mark": "x"}).status_code == 404
    assert phone.get(address).status_code == 200
    assert phone.post(address + "stop/", {"mark": mark}).status_code == 200
    assert phone.get(address).content == closed_page().content
    with acting(CLERK):
        assert WorkLink.objects.get(subject_kind="member").closed_reason == "stopped"
        assert world.member("C111").state == "floating"
    assert login(CLERK).get(staff_page).status_code == 200
