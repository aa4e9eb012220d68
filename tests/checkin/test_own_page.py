"""The member's own page: who gets in, what is shown, what is sent in once, and what becomes of it."""

import datetime as dt
import gzip
import re
import uuid
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.utils import timezone

from checkin.models import CheckinPoint, MemberRequest
from checkin.own_page import services
from contacts.models import ContactLog, ContactObligation, Liaison, Need
from contacts.needs.services import answer_need
from members.models import Member, Movement
from portal import access, links
from portal.models import AuditEntry, WorkLink
from tests.security.canaries import canaries, keys_by_table
from tests.world import TODAY, canary, family_mobile, id_number, mobile

PAGES = ("", "card/", "need/", "message/", "change/", "journey/", "activities/", "data/", "stop/")
CLERK = "community_clerk@C111"
QUERIES = 16  # find the link; savepoint, sign, set; people; file, office, requests, each in a savepoint; unset, release


def field(response, name):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


@pytest.fixture
def staff_page(world, acting):
    with acting(CLERK):
        return f"/admin/checkin/own-page/{world.member('C111').pk}/"


def issue(login, staff_page, who=CLERK):
    """The address that the clerk's page shows once."""
    text = login(who).post(staff_page, {"action": "issue"}).content.decode()
    return re.search(r"https?://[^/\s]+(/m/[\w-]+/)", text)[1]


def give_pin(client, address, pin):
    return client.post(address, {"mark": field(client.get(address), "mark"), "pin": pin})


@pytest.fixture
def address(login, staff_page):
    return issue(login, staff_page)


@pytest.fixture
def phone(address):
    client = Client()
    assert give_pin(client, address, mobile("C111")[-4:]).status_code == 303
    return client


def send(phone, page, **values):
    shown = phone.get(page)
    return phone.post(page, {"mark": field(shown, "mark"), "key": field(shown, "key")} | values)


def closed_page():
    answer = Client().get("/m/forged/")
    assert answer.status_code == 404
    return answer


# --- who gets in ----------------------------------------------------------------------------------------------------


def test_own_figures_open_the_page_and_bind_the_phone(address, acting):
    client = Client()
    asked = client.get(address)
    assert asked.status_code == 200
    assert not asked.cookies
    assert canary("C111") not in asked.content.decode()
    opened = give_pin(client, address, mobile("C111")[-4:])
    assert (opened.status_code, opened["Location"]) == (303, address)
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in opened.cookies.values())
    text = client.get(address).content.decode()
    assert canary("C111") in text
    assert "样例C111居委会" in text
    assert f"联{canary('C111')}" in text
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="own_page_bound", actor__startswith="link.").count() == 1


def test_text_to_send_and_pages_for_strangers_say_nothing_of_membership(login, staff_page, address):
    text = login(CLERK).post(staff_page, {"action": "issue"}).content.decode()
    sent = re.search(r'id="own-page-text"[^>]*>([^<]*)<', text)[1]
    assert "样例C111" in sent
    fresh = re.search(r"/m/[\w-]+/", sent)[0]
    for shown in (sent, Client().get(fresh).content.decode(), closed_page().content.decode()):
        assert not [word for word in ("党", "流动党员", "组织关系", "Party", canary("C111")) if word in shown]


def test_wrong_figures_five_times_close_the_link(address):
    client = Client()
    for _ in range(4):
        assert give_pin(client, address, "0000").status_code == 200
    assert give_pin(client, address, "0000").content == closed_page().content
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("pin", ["", "123", "12345", "abcd", "١٢٣٤"])
def test_text_that_is_no_answer_is_no_try(address, pin):
    client = Client()
    for _ in range(6):
        assert give_pin(client, address, pin).status_code == 200
    assert give_pin(client, address, mobile("C111")[-4:]).status_code == 303


def test_without_a_number_the_clerk_tells_six_figures(login, staff_page, acting, world):
    with acting(CLERK):
        member = world.member("C111")
        member.mobile = ""
        member.save()
    text = login(CLERK).post(staff_page, {"action": "issue"}).content.decode()
    pin = re.search(r'id="own-page-pin">(\d{6})<', text)[1]
    address = re.search(r"https?://[^/\s]+(/m/[\w-]+/)", text)[1]
    assert pin not in re.search(r'id="own-page-text"[^>]*>([^<]*)<', text)[1]
    assert give_pin(Client(), address, pin).status_code == 303


def test_other_phone_gets_the_neutral_page(phone, address):
    other, closed = Client(), closed_page()
    for page in PAGES:
        for answer in (other.get(address + page), other.post(address + page, {"pin": mobile("C111")[-4:]})):
            assert (answer.status_code, answer.content) == (404, closed.content)
            assert dict(answer.headers) == dict(closed.headers)
            assert not answer.cookies
    assert phone.get(address).status_code == 200


ENDS = {
    "revoked": "update portal_worklink set closed_at = now(), closed_reason = 'revoked' where subject_kind = 'member'",
    "expired": "update portal_worklink set expires_at = now() where subject_kind = 'member'",
    "other device": "update portal_worklink set device_digest = 'other' where subject_kind = 'member'",
    "archived": "update members_member set state = 'archived'",
    "abroad": "update members_movement set scope = '境外'",
    "moved": "update members_member set organization_id = (select id from portal_organization where code = "
    "'990101001002') where organization_id = (select id from portal_organization where code = '990101001001')",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_page_that_ended_answers_like_an_unknown_one(login, staff_page, owner, end):
    address = issue(login, staff_page)
    phone = Client()
    assert give_pin(phone, address, mobile("C111")[-4:]).status_code == 303
    shown = phone.get(address + "change/")
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "address": "新地址"}
    before = owner.execute("select count(*) from checkin_memberrequest").fetchone()
    owner.execute(end)
    closed = closed_page()
    for page in PAGES:
        for answer in (phone.get(address + page), phone.post(address + page, form)):
            assert (answer.status_code, answer.content) == (404, closed.content), page
    assert phone.get("/m/").content == closed.content
    assert owner.execute("select count(*) from checkin_memberrequest").fetchone() == before


@pytest.mark.django_db(transaction=True)
def test_link_that_waits_is_closed_for_who_went_abroad(login, staff_page, owner):
    address = issue(login, staff_page)
    assert Client().get(address).status_code == 200
    owner.execute("update members_movement set scope = '境外'")
    assert Client().get(address).content == closed_page().content
    answer = login(CLERK).post(staff_page, {"action": "issue"}).content.decode()
    assert "/m/" not in answer.replace("/admin/m", "")


def test_links_of_one_kind_do_not_open_pages_of_the_other(phone, address, world):
    token = address.split("/")[2]
    assert phone.get(f"/w/{token}/").status_code == 404
    assert Client().get("/m/token-of-the-work-link-of-C111/").content == closed_page().content


@pytest.mark.parametrize(("who", "status"), [("community_clerk@C112", 404), ("district_admin@D1", 403),
                                             ("branch_secretary@B111", 404), ("liaison@C111", 404)])  # fmt: skip
def test_link_is_given_by_the_own_office_alone(login, staff_page, who, status):
    for answer in (login(who).get(staff_page), login(who).post(staff_page, {"action": "issue"})):
        assert answer.status_code == status


def test_clerk_takes_the_link_back(login, staff_page, phone, address):
    assert login(CLERK).post(staff_page, {"action": "revoke"}).status_code == 302
    assert phone.get(address).content == closed_page().content


def test_card_leads_to_the_link(login, staff_page, world, acting):
    with acting(CLERK):
        card = f"/admin/members/member/{world.member('C111').pk}/card/"
    assert staff_page in login(CLERK).get(card).content.decode()


# --- what is seen ---------------------------------------------------------------------------------------------------


def test_pages_hold_the_agreed_parts_of_the_own_file_alone(phone, address, owner):
    seen = canaries(keys_by_table(owner))
    hidden = (id_number("C111"), mobile("C111"), family_mobile("C111"), f"思{canary('C111')}")
    for page in PAGES:
        answer = phone.get(address + page)
        assert answer.status_code == 200
        assert seen.found_in(answer, readable=("C111",), asked=address) == set()
        assert not [text for text in hidden if text in answer.content.decode()], page
        assert "<script" not in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
    assert not {"sessionid", "csrftoken"} & set(phone.cookies)


def test_link_of_a_member_sees_no_row_and_raises_no_need_of_others(phone, address, world, owner):
    members = keys_by_table(owner)["members_member"]
    from portal.asking import ask_database

    with access.acting_as(_bound(phone, address)):
        for model in (Member, Movement, ContactLog, Need, MemberRequest, AuditEntry, WorkLink, ContactObligation):
            assert not model.objects.exists(), model
        with connection.cursor() as cursor:
            cursor.execute("select id, name from portal.own_file()")
            assert cursor.fetchall() == [(uuid.UUID(members["C111"]), canary("C111"))]
        for key in ("C112", "C121"):
            with pytest.raises(Exception, match="raise_need"):
                ask_database("raise_need", uuid.uuid4(), members[key], None, "work", TODAY, TODAY, None, b"x", b"y")


def _bound(phone, address):
    token = address.split("/")[2]
    device = phone.cookies[links._cookie_name(token)].value
    return access.link_actor(links.find(token, device, "member").link_id)


def test_first_page_takes_a_fixed_number_of_statements(phone, address, owner, django_assert_num_queries):
    phone.get(address)
    with django_assert_num_queries(QUERIES):
        phone.get(address)


def test_phone_to_call_is_the_liaisons_at_the_office_and_never_the_private_one(phone, address, acting, world):
    with acting(CLERK):
        point = CheckinPoint.objects.get(organization=world.organization("C111"))
        point.contact_phone = "0551-6666"
        point.save()
    assert 'href="tel:0551-6666"' in phone.get(address).content.decode()
    with acting(CLERK):
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        liaison.office_phone = "0551-7777"
        liaison.save()
    text = phone.get(address).content.decode()
    assert 'href="tel:0551-7777"' in text
    assert "0551-6666" not in text
    assert mobile("C111") not in text


def test_views_name_unit_day_and_purpose_and_no_person(phone, address, login, world, acting):
    with acting(CLERK):
        pk = world.member("C111").pk
    login(CLERK).get(f"/admin/members/member/{pk}/card/")
    login("street_admin@S11").get(f"/admin/members/member/{pk}/card/")
    text = phone.get(address + "data/").content.decode()
    assert "样例C111居委会" in text
    assert "样例S11居委会" in text
    assert timezone.localdate().isoformat() in text
    assert "账号" not in text
    assert "community_clerk" not in text


# --- what is sent in ------------------------------------------------------------------------------------------------


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
    assert [answer.status_code for answer in answers] == [303, 303, 200]
    assert 'role="alert"' in answers[2].content.decode()


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


# --- one phone, several people ----------------------------------------------------------------------------------------


def test_one_phone_holds_the_people_of_a_household(phone, address, login, acting, world):
    with acting("community_clerk@C112"):
        other_page = f"/admin/checkin/own-page/{world.member('C112').pk}/"
    other = issue(login, other_page, "community_clerk@C112")
    phone.get(address)
    assert phone.get("/m/")["Location"] == address  # one person: no question
    assert give_pin(phone, other, mobile("C112")[-4:]).status_code == 303
    phone.get(other)
    text = phone.get("/m/").content.decode()
    assert canary("C111") in text
    assert canary("C112") in text
    assert address in text
    assert "/m/" in phone.get(address).content.decode()
    # a stranger who copies the list of addresses without the phones' secrets finds nobody
    stranger = Client()
    stranger.cookies["links"] = phone.cookies["links"].value
    assert stranger.get("/m/").content == closed_page().content


def test_no_page_weighs_more_than_thirty_kilobytes(phone, address):
    phone.post(address, {"type": "large"})
    for page in PAGES:
        html = phone.get(address + page).content
        names = re.findall(r'href="/static/([^"]+)"', html.decode())
        sheets = [finders.find(name) for name in names]
        parts = [html, *(Path(sheet).read_bytes() for sheet in sheets)]
        assert len(sheets) == 4
        assert sum(len(gzip.compress(part)) for part in parts) < 30_000
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html.decode())


def test_larger_type_is_kept_on_the_phone(phone, address):
    assert "large.css" not in phone.get(address).content.decode()
    assert phone.post(address, {"type": "large"}).status_code == 303
    assert "large.css" in phone.get(address + "data/").content.decode()
    phone.post(address, {"type": "usual"})
    assert "large.css" not in phone.get(address).content.decode()
