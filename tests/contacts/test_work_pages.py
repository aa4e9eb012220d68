"""The phone pages of a work link: own members only, one neutral page, three taps to log, nothing stored twice."""

import datetime as dt
import html
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from contacts import work_links
from contacts.models import ContactLog, ContactObligation, Liaison, OutboundMessage
from contacts.services import assign_liaison
from members.models import Member
from portal import access, links
from portal.models import AuditEntry, WorkLink
from tests.security.canaries import canaries, keys_by_table
from tests.world import canary, link_pin, link_token, mobile

ADDRESS = f"/w/{link_token('C111')}/"
QUERIES = 9  # find the link; savepoint, sign and set; liaison, kind of work, members, dates; unset, release
SECRETS = ("党", "流动党员", "组织关系")


def field(response, name):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


def send_pin(client, pin, address=ADDRESS):
    mark = field(client.get(address), "mark")
    return client.post(address, {"mark": mark, "pin": pin})


@pytest.fixture
def phone(world):
    client = Client()
    response = send_pin(client, link_pin("C111"))
    assert response.status_code == 303
    return client


@pytest.fixture
def ids(owner):
    return keys_by_table(owner)["members_member"]


def page_of(ids, key):
    return f"{ADDRESS}{ids[key]}/"


def contact(phone, page, **values):
    shown = phone.get(page)
    plain = {"outcome": "reached", "method": "phone", "contacted_on": timezone.localdate().isoformat(), "note": ""}
    return {"mark": field(shown, "mark"), "key": field(shown, "key")} | plain | values


def as_owner(owner, statement, *values):
    return owner.execute(statement, values)


# --- who gets in ----------------------------------------------------------------------------------------------------


def test_pin_opens_the_list_and_binds_the_phone(world):
    client = Client()
    asked = client.get(ADDRESS)
    assert asked.status_code == 200
    assert canary("C111") not in asked.content.decode()
    assert not asked.cookies
    opened = send_pin(client, link_pin("C111"))
    assert (opened.status_code, opened["Location"]) == (303, ADDRESS)
    (cookie,) = opened.cookies.values()
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "sessionid" not in client.cookies
    assert canary("C111") in client.get(ADDRESS).content.decode()


def test_cookie_is_bound_to_the_host_under_https(world, settings):
    settings.IS_HTTPS = True
    (cookie,) = send_pin(Client(), link_pin("C111")).cookies.values()
    assert cookie.key.startswith("__Host-")
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "end",
    ["closed_at = now(), closed_reason = 'revoked'", "expires_at = now()", "device_digest = 'other'"],
    ids=["revoked", "expired", "other device"],
)
def test_links_not_in_force_answer_like_unknown_ones(world, owner, end, ids):
    phone = Client()
    assert send_pin(phone, link_pin("C111")).status_code == 303
    page = page_of(ids, "C111")
    sent = contact(phone, page)
    as_owner(owner, f"update portal_worklink set {end}")  # noqa: S608
    unknown = phone.get("/w/forged/")
    assert unknown.status_code == 404
    for answer in (phone.get(ADDRESS), phone.post(ADDRESS, {"pin": link_pin("C111")}), phone.get(page),
                   phone.post(page, sent), Client().get(page), phone.get("/w/" + "x" * 500 + "/")):  # fmt: skip
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert dict(answer.headers) == dict(unknown.headers)
        assert not answer.cookies


def test_other_phone_gets_the_neutral_page(phone, ids):
    other = Client()
    unknown = other.get("/w/forged/").content
    assert other.get(ADDRESS).content == unknown
    assert other.post(ADDRESS, {"pin": link_pin("C111"), "mark": "x"}).content == unknown
    assert other.get(page_of(ids, "C111")).content == unknown
    assert phone.get(ADDRESS).status_code == 200


def test_fifth_wrong_pin_closes_the_link(world):
    client = Client()
    for left in (4, 3, 2, 1):
        answer = send_pin(client, "999999")
        assert answer.status_code == 200
        assert str(left) in re.search(r'role="alert">([^<]*)', answer.content.decode())[1]
    mark = field(client.get(ADDRESS), "mark")
    closed = client.post(ADDRESS, {"mark": mark, "pin": "999999"})
    assert closed.content == client.get("/w/forged/").content
    assert client.post(ADDRESS, {"mark": mark, "pin": link_pin("C111")}).status_code == 404


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_text_that_is_no_pin_is_no_try(world, pin):
    client = Client()
    for _ in range(6):
        assert send_pin(client, pin).status_code == 200
    assert send_pin(client, link_pin("C111")).status_code == 303


def test_pin_without_the_form_of_this_link_is_no_try(world):
    answer = Client().post(ADDRESS, {"mark": links.form_mark("other", ""), "pin": link_pin("C111")})
    assert answer.status_code == 200
    assert not answer.cookies


def test_liaison_who_stopped_has_no_link(phone, acting, world):
    with acting("community_clerk@C111"):
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        liaison.is_active = False
        liaison.save()
        assert WorkLink.objects.get().closed_reason == "left"
    assert phone.get(ADDRESS).content == phone.get("/w/forged/").content


# --- what is seen ---------------------------------------------------------------------------------------------------


def test_pages_hold_own_members_only(phone, owner, ids):
    seen = canaries(keys_by_table(owner))
    for address in (ADDRESS, page_of(ids, "C111"), f"{ADDRESS}?logged={ids['C112']}"):
        answer = phone.get(address)
        assert answer.status_code == 200
        assert seen.found_in(answer, readable=("C111",), asked=address) == set()
    for key in ("C112", "C121", "C211"):
        answer = phone.get(page_of(ids, key))
        assert answer.content == phone.get(f"{ADDRESS}{uuid.uuid4()}/").content
        assert answer.status_code == 404


def test_member_of_another_liaison_of_the_same_community_is_absent(phone, acting, world, make_member):
    with acting("community_clerk@C111") as clerk:
        colleague = Liaison.objects.create(organization=world.organization("C111"), name="同事")
        foreign = make_member(name="刘兰芳")
        assign_liaison(member=foreign, liaison=colleague, by=clerk)
    assert "刘兰芳" not in phone.get(ADDRESS).content.decode()
    page = f"{ADDRESS}{foreign.pk}/"
    assert phone.get(page).status_code == 404
    assert phone.post(page, {"outcome": "reached"}).status_code == 404
    with acting("community_clerk@C111"):
        assert not ContactLog.objects.filter(member=foreign).exists()
    link_id = links.find(link_token("C111"), next(iter(phone.cookies.values())).value).link_id
    with access.acting_as(access.link_actor(link_id)), connection.cursor() as cursor:
        cursor.execute("select count(*) from members_member where id = %s", [foreign.pk])
        assert cursor.fetchone() == (0,)


def test_pages_name_no_membership_and_keep_nothing(phone, ids):
    for address in (ADDRESS, page_of(ids, "C111"), "/w/forged/", f"/w/{link_token('C112')}/"):
        answer = phone.get(address)
        text = answer.content.decode()
        assert not [word for word in SECRETS if word in text]
        assert "<script" not in text
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "sessionid" not in phone.cookies
        assert "csrftoken" not in phone.cookies


def test_list_puts_the_urgent_first_with_constant_queries(
    phone, acting, world, make_member, live_since, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES):
        phone.get(ADDRESS)
    days = {"乙本周": -85, "丙以后": 0, "甲今天": -100, "丁逾期": -130}
    with acting("community_clerk@C111") as clerk:
        live_since(timezone.localdate() - dt.timedelta(days=365), "C111")
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        for name, ago in days.items():
            member = make_member(name=name, last=timezone.localdate() + dt.timedelta(days=ago))
            assign_liaison(member=member, liaison=liaison, by=clerk)
    with django_assert_num_queries(QUERIES):
        text = phone.get(ADDRESS).content.decode()
    assert sorted(days, key=text.index) == ["丁逾期", "甲今天", "乙本周", "丙以后"]
    lamps = {name: re.search(name + r'.*?class="lamp (\w+)"', text, re.DOTALL)[1] for name in days}
    assert lamps == {"丁逾期": "overdue", "甲今天": "due", "乙本周": "normal", "丙以后": "normal"}


def test_number_is_shown_to_the_liaison_and_written_down(phone, acting, ids):
    assert mobile("C111") not in phone.get(ADDRESS).content.decode()
    assert f'href="tel:{mobile("C111")}"' in phone.get(page_of(ids, "C111")).content.decode()
    with acting("street_admin@S11"):
        entry = AuditEntry.objects.get(action="reveal")
        assert entry.detail == {"field": "mobile", "reason": "call"}
        assert str(entry.object_id) == ids["C111"]
        assert entry.actor.startswith("link.")
        assert mobile("C111") not in str(entry.detail)


# --- logging --------------------------------------------------------------------------------------------------------


def test_contact_is_logged_and_closes_the_reminder(phone, acting, ids, world):
    page = page_of(ids, "C111")
    with acting("community_clerk@C111"):
        duty = ContactObligation.objects.get(member=ids["C111"], side="host")
    answer = phone.post(page, contact(phone, page, note="一切都好"))
    assert (answer.status_code, answer["Location"]) == (303, f"{ADDRESS}?logged={ids['C111']}")
    assert 'class="notice ok"' in phone.get(answer["Location"]).content.decode()
    with acting("community_clerk@C111"):
        log = ContactLog.objects.filter(member=ids["C111"]).latest("recorded_at")
        assert (log.method, log.outcome, log.source, log.note) == ("phone", "reached", "logged", "一切都好")
        assert log.contacted_on == timezone.localdate()
        assert log.recorded_by is None
        assert log.liaison == Liaison.objects.get(organization=world.organization("C111"))
        moved = ContactObligation.objects.get(member=ids["C111"], side="host")
        assert moved.due_on > duty.due_on
        assert moved.last_success_on == timezone.localdate()


@pytest.mark.django_db(transaction=True)
def test_contact_cancels_the_waiting_reminder(world, owner, acting, ids):
    as_owner(owner, "update contacts_outboundmessage set state = 'pending', sent_at = null")
    phone = Client()
    send_pin(phone, link_pin("C111"))
    page = page_of(ids, "C111")
    assert phone.post(page, contact(phone, page)).status_code == 303
    with acting("street_clerk@S11"):
        states = dict(OutboundMessage.objects.values_list("obligation__member__name", "state"))
    assert states == {canary("C111"): "cancelled", canary("C112"): "pending"}


def test_form_sent_twice_is_stored_once(phone, acting, ids):
    page = page_of(ids, "C111")
    sent = contact(phone, page, note="一次")
    answers = [phone.post(page, sent), phone.post(page, sent), phone.post(page, sent | {"note": "两次"})]
    assert {answer.status_code for answer in answers} == {303}
    assert phone.post(page, contact(phone, page, outcome="no_answer")).status_code == 303
    # "back": a fresh form, filled in by the browser as before
    assert phone.post(page, contact(phone, page, outcome="no_answer")).status_code == 303
    with acting("community_clerk@C111"):
        logs = ContactLog.objects.filter(member=ids["C111"], contacted_on=timezone.localdate())
        assert sorted(log.note for log in logs) == ["", "一次"]


@pytest.mark.parametrize(
    "values",
    [{"mark": "0" * 64}, {"mark": ""}, {"key": "x"}, {"outcome": "dismissed"}, {"contacted_on": "2999-01-01"},
     {"contacted_on": ""}, {"note": "长" * 2001}],
)  # fmt: skip
def test_unfit_form_stores_nothing_and_keeps_the_text(phone, acting, ids, values):
    page = page_of(ids, "C111")
    answer = phone.post(page, contact(phone, page, note="留着") | values)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert values.get("note", "留着") in answer.content.decode()
    with acting("community_clerk@C111"):
        assert not ContactLog.objects.filter(contacted_on__gte=timezone.localdate()).exists()


def test_member_handed_to_somebody_else_is_gone_at_once(phone, acting, ids, world):
    page = page_of(ids, "C111")
    sent = contact(phone, page)
    with acting("community_clerk@C111") as clerk:
        colleague = Liaison.objects.create(organization=world.organization("C111"), name="同事")
        assign_liaison(member=Member.objects.get(pk=ids["C111"]), liaison=colleague, by=clerk)
    assert phone.post(page, sent).status_code == 404
    assert canary("C111") not in phone.get(ADDRESS).content.decode().replace(f"联{canary('C111')}", "")


# --- the clerk's page -----------------------------------------------------------------------------------------------


@pytest.fixture
def staff_page(acting, world):
    with acting("community_clerk@C111"):
        liaison = Liaison.objects.get(organization=world.organization("C111"))
    return f"/admin/contacts/liaison/{liaison.pk}/work-link/"


def test_clerk_issues_a_link_that_works_once_shown(login, staff_page):
    clerk = login("community_clerk@C111")
    assert staff_page in clerk.get(staff_page.replace("work-link", "change")).content.decode()
    assert "/w/" not in clerk.get(staff_page).content.decode()
    answer = clerk.post(staff_page, {"action": "issue"})
    text = answer.content.decode()
    address = re.search(r"https?://[^/]+(/w/[^<\s]+)", text)[1]
    pin = re.search(r'id="work-link-pin">(\d{6})<', text)[1]
    assert "no-store" in answer["Cache-Control"]
    assert pin not in address
    again = clerk.get(staff_page).content.decode()
    assert address not in again
    assert pin not in again
    phone = Client()
    assert send_pin(phone, pin, address).status_code == 303
    assert canary("C111") in phone.get(address).content.decode()
    assert Client().get(ADDRESS).status_code == 404  # the former one


def test_clerk_takes_a_link_back(login, staff_page, phone):
    clerk = login("community_clerk@C111")
    assert clerk.post(staff_page, {"action": "revoke"}).status_code == 302
    assert phone.get(ADDRESS).status_code == 404
    assert clerk.post(staff_page, {"action": "revoke"}).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"), [("community_clerk@C112", 404), ("street_clerk@S12", 404), ("district_admin@D1", 403)]
)
def test_link_of_a_foreign_liaison_is_not_given(login, staff_page, who, status):
    for action in ("issue", "revoke"):
        assert login(who).post(staff_page, {"action": action}).status_code == status
    assert Client().get(ADDRESS).status_code == 200


# --- further parts of the form, households, the next step ------------------------------------------------------------


@pytest.fixture
def household(acting, world, make_member, ids):
    """Two more of the liaison's members: one lives with C111's member, one elsewhere; and one of a colleague's."""
    with acting("community_clerk@C111") as clerk:
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        colleague = Liaison.objects.create(organization=world.organization("C111"), name="同事")
        first = Member.objects.get(pk=ids["C111"])
        found = {}
        for name, address, of in (("同住", first.current_address, liaison), ("别处", "别的地方", liaison),
                                  ("同住他人", first.current_address, colleague)):  # fmt: skip
            member = make_member(name=name)
            member.current_address = address
            member.save()
            assign_liaison(member=member, liaison=of, by=clerk)
            found[name] = member.pk
    return found


def test_household_is_ticked_together(phone, acting, ids, household):
    page = page_of(ids, "C111")
    text = phone.get(page).content.decode()
    assert 'name="together"' in text
    assert str(household["同住"]) in text
    for hidden in ("别处", "同住他人"):
        assert str(household[hidden]) not in text
    sent = contact(phone, page, note="都在家", together=[str(household["同住"])])
    assert {phone.post(page, sent).status_code for _twice in range(2)} == {303}
    with acting("community_clerk@C111"):
        rows = ContactLog.objects.filter(contacted_on=timezone.localdate(), source="logged")
        assert {(str(row.member_id), row.note) for row in rows} == {
            (ids["C111"], "都在家"), (str(household["同住"]), "都在家"),
        }  # fmt: skip


@pytest.mark.parametrize("who", ["别处", "同住他人", "absent"])
def test_others_cannot_be_ticked_in(phone, acting, ids, household, who):
    page = page_of(ids, "C111")
    pk = str(household.get(who) or uuid.uuid4())
    answer = phone.post(page, contact(phone, page, together=[pk]))
    assert answer.status_code == 200
    with acting("community_clerk@C111"):
        assert not ContactLog.objects.filter(contacted_on=timezone.localdate(), source="logged").exists()


def test_next_step_brings_somebody_into_today(phone, acting, ids):
    page = page_of(ids, "C111")
    today = timezone.localdate()
    sent = contact(phone, page, next_step="送材料", next_on=today.isoformat())
    assert phone.post(page, sent).status_code == 303
    groups = phone.get(ADDRESS).content.decode()
    assert today.isoformat() in groups
    with acting("liaison@C111") as actor:
        (member,) = work_links.own_members(actor)
        assert (member.next_on, work_links.by_urgency([member])["today"]) == (today, [member])
    sent = contact(phone, page, outcome="no_answer")
    assert phone.post(page, sent).status_code == 303
    with acting("liaison@C111") as actor:
        assert work_links.own_members(actor).get().next_on is None


def test_phone_takes_topics_thoughts_and_a_new_number(phone, acting, ids):
    page = page_of(ids, "C111")
    sent = contact(
        phone, page, outcome="dead_number", work="换厂", life="租房", thoughts="心里话", new_mobile="13800004321"
    )
    assert phone.post(page, sent).status_code == 303
    with acting("street_admin@S11"):
        row = ContactLog.objects.get(member=ids["C111"], outcome="dead_number")
        assert (row.work, row.life, row.thought.note) == ("换厂", "租房", "心里话")
        assert Member.objects.get(pk=ids["C111"]).mobile == "13800004321"
    assert "心里话" not in phone.get(page).content.decode()  # written on the phone, read in the office


def test_wrong_number_keeps_what_was_typed(phone, acting, ids):
    page = page_of(ids, "C111")
    answer = phone.post(page, contact(phone, page, outcome="dead_number", note="留着", new_mobile="123"))
    assert answer.status_code == 200
    assert "留着" in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=ids["C111"]).mobile == mobile("C111")


@pytest.mark.django_db(transaction=True)
def test_form_is_kept_while_the_database_is_away_and_stored_once_afterwards(world, owner, ids, acting):
    phone = Client()
    assert send_pin(phone, link_pin("C111")).status_code == 303
    page = page_of(ids, "C111")
    sent = contact(phone, page, note='家里 "都好"\n第二行')
    owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                  " and pid <> pg_backend_pid()")  # fmt: skip
    away = phone.post(page, sent)
    assert away.status_code == 503
    kept = {name: html.unescape(value) for name, value in
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', away.content.decode())}  # fmt: skip
    assert kept == sent
    assert "no-store" in away["Cache-Control"]
    connection.close()
    for _twice in range(2):
        assert phone.post(page, kept).status_code == 303
    with acting("community_clerk@C111"):
        texts = [log.note for log in ContactLog.objects.filter(member=ids["C111"]).select_related("member")]
    assert texts.count(sent["note"]) == 1


@pytest.mark.django_db(transaction=True)
def test_pin_is_not_kept_while_the_database_is_away(world, owner):
    client = Client()
    mark = field(client.get(ADDRESS), "mark")
    owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                  " and pid <> pg_backend_pid()")  # fmt: skip
    away = client.post(ADDRESS, {"mark": mark, "pin": link_pin("C111")})
    assert away.status_code == 503
    assert link_pin("C111") not in away.content.decode()
    connection.close()
