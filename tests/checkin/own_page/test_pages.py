"""The member's own page: the agreed parts of the own file, and nothing of anybody else."""

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

from activities.models import Activity
from checkin.models import CheckinPoint, MemberRequest
from contacts.models import ContactLog, ContactObligation, Liaison, Need
from members.models import Member, Movement
from portal import access, links
from portal.asking import ask_database
from portal.models import AuditEntry, WorkLink
from tests.checkin.own_page.conftest import CLERK, PAGES, closed_page, give_pin, issue
from tests.security.canaries import canaries, keys_by_table
from tests.world import TODAY, canary, family_mobile, id_number, mobile

# find the link; savepoint, sign and set; people; file, office, requests, reminders, parcels: each in a savepoint;
# unset, release
QUERIES = 21


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


def test_time_and_place_of_what_comes_can_be_copied(phone, address, acting, world):
    with acting(CLERK):
        community, day = world.organization("C111"), timezone.localdate() + dt.timedelta(days=2)
        Activity.objects.create(organization=community, title="冬季<大扫除>", held_on=day, place="样例广场")
    text = phone.get(address + "activities/").content.decode()
    copied = re.findall(r"<textarea readonly[^>]*>([^<]*)</textarea>", text)
    (found,) = [part for part in copied if "大扫除" in part]
    assert found.startswith("冬季&lt;大扫除&gt;\n")
    assert day.isoformat() in found
    assert "样例广场" in found


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
