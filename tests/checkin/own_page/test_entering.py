"""The member's own page: who gets in, and who does not any more."""

import re

import pytest
from django.test import Client

from portal.models import AuditEntry
from tests.checkin.own_page.conftest import CLERK, PAGES, closed_page, field, give_pin, issue
from tests.world import canary, mobile


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
