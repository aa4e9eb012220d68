"""The member's card at an activity: scanned or typed by a steward with a work link, worth nothing to anybody else."""

import base64
import datetime as dt
import re
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from activities.models import Activity, Attendance
from checkin.arrivals import services
from checkin.models import Arrival, Desk, MemberDevice
from checkin.own_page import card, steward_views
from contacts.models import ContactLog
from members.models import Member
from portal import access
from portal.asking import ask_database
from portal.models import AuditEntry, WorkLink
from tests.checkin.own_page.conftest import CLERK, closed_page, field, give_pin
from tests.world import canary, device_secret, link_pin, link_token


def bound(address, pin):
    phone = Client()
    assert give_pin(phone, address, pin).status_code == 303
    assert phone.get(address).status_code == 200
    return phone


@pytest.fixture
def member(world, acting):
    with acting(CLERK):
        return world.member("C111")


@pytest.fixture
def steward(world):
    return bound(f"/w/{link_token('C111')}/", link_pin("C111"))


@pytest.fixture
def open_desk(acting, world):
    def opened(key="C111", who=CLERK, starts=-1):
        now = timezone.now() + dt.timedelta(hours=starts)
        with acting(who):
            node = world.organization(key)
            activity = Activity.objects.create(organization=node, title=f"今日{key}", held_on=timezone.localdate())
            return Desk.objects.create(
                activity=activity, organization=node, opens_at=now, closes_at=now + dt.timedelta(hours=3)
            )

    return opened


def scan(phone, address):
    """The address in the picture of the card, read by a scanner of its own."""
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', phone.get(address + "card/").content.decode())[1]
    done = subprocess.run(["zbarimg", "-q", "--raw", "png:-"], input=base64.b64decode(picture), capture_output=True,
                          check=True)  # fmt: skip
    return "/" + done.stdout.decode().strip().split("/", 3)[3]


def test_steward_signs_in_whom_the_card_names(phone, address, steward, open_desk, acting, member):
    desk = open_desk()
    place = scan(phone, address)
    shown = steward.get(place)
    assert canary("C111") in shown.content.decode()
    assert "今日C111" in shown.content.decode()
    with acting(CLERK):
        assert not Arrival.objects.filter(desk=desk).exists()  # looking signs nobody in
    form = {"mark": field(shown, "mark"), "desk": desk.pk}
    assert [steward.post(place, form).status_code for _ in range(2)] == [303, 303]
    with acting(CLERK):
        arrival = Arrival.objects.get(desk=desk)
        assert (arrival.member_id, arrival.way, arrival.confirmed_at is not None) == (member.pk, "staff", True)
        assert Attendance.objects.filter(activity=desk.activity, member=member).count() == 1
        assert ContactLog.objects.filter(member=member, source="attendance", contacted_on=timezone.localdate()).exists()
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="card_confirmed", object_id=member.pk).count() == 1
    assert 'class="notice ok"' in steward.get(place).content.decode()


def test_card_is_nothing_to_whoever_is_no_steward(phone, address, open_desk, login, member):
    open_desk()
    place = scan(phone, address)
    for client in (Client(), phone, login(CLERK)):
        for answer in (client.get(place), client.post(place, {"desk": uuid.uuid4()}), client.get("/m/card/")):
            assert (answer.status_code, answer.content) == (404, closed_page().content)


def test_steward_signs_in_at_open_desks_of_the_own_line_alone(phone, address, steward, open_desk, acting):
    other = open_desk("C112", "community_clerk@C112")
    early = open_desk(starts=2)
    place = scan(phone, address)
    shown = steward.get(place).content.decode()
    assert "今日" not in shown
    assert canary("C111") not in shown
    street = open_desk("S11", "street_clerk@S11")
    mark = field(steward.get(place), "mark")
    for desk in (other, early):
        assert steward.post(place, {"mark": mark, "desk": desk.pk}).status_code == 404
    assert steward.post(place, {"mark": "0" * 64, "desk": street.pk}).status_code == 200
    assert steward.post(place, {"mark": mark, "desk": street.pk}).status_code == 303
    with acting("street_clerk@S11"):
        assert list(Arrival.objects.filter(way="staff").values_list("desk_id", flat=True)) == [street.pk]


def test_member_of_another_office_is_not_signed_in(steward, open_desk, acting, world):
    open_desk()
    with acting("community_clerk@C112"):
        foreign = world.member("C112")
    shown = steward.get(f"/m/card/{card.make_code(foreign.pk, timezone.localdate())}").content.decode()
    assert canary("C112") not in shown
    assert "今日" not in shown


@pytest.mark.parametrize("days", [-1, 2, 400])
def test_card_of_another_day_counts_no_more(member, steward, open_desk, days):
    open_desk()
    made = card.make_code(member.pk, timezone.localdate() - dt.timedelta(days=days))
    assert steward.get(f"/m/card/{made}").content == closed_page().content
    assert card.read_code(card.make_code(member.pk, timezone.localdate()), timezone.localdate()) == member.pk


def test_no_changed_card_is_read(member):
    today = timezone.localdate()
    made = card.make_code(member.pk, today)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, letter in enumerate(made):
        for other in alphabet:
            if other != letter:
                assert card.read_code(made[:place] + other + made[place + 1 :], today) is None


def test_card_ends_with_the_page(phone, address, steward, open_desk, acting, member):
    open_desk()
    place = scan(phone, address)
    with acting(CLERK):
        MemberDevice.objects.filter(member=member).revoke()
        assert steward.get(place).status_code == 200
        WorkLink.objects.filter(subject_kind="member").update(closed_at=timezone.now(), closed_reason="revoked")
    assert canary("C111") not in steward.get(place).content.decode()


def test_figures_do_where_scanning_fails(phone, address, steward, open_desk, acting, member, monkeypatch):
    open_desk()
    text = phone.get(address + "card/").content.decode()
    figures = re.search(r'class="receipt">(\d{4} \d{4})<', text)[1]
    assert "/m/card/" in steward.get(f"/w/{link_token('C111')}/").content.decode()
    found = steward.post("/m/card/", {"figures": figures})
    assert found.status_code == 303
    assert canary("C111") in steward.get(found["Location"]).content.decode()
    for wrong in ("", "1234", "00000000", "١٢٣٤٥٦٧٨"):
        answer = steward.post("/m/card/", {"figures": wrong})
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
    monkeypatch.setattr(steward_views, "TRIES_AN_HOUR", 0)
    answer = steward.post("/m/card/", {"figures": figures})
    assert answer.status_code == 429
    assert canary("C111") not in answer.content.decode()
    assert re.search(r"\b\d\d:00\b", answer.content.decode())


# --- a phone that was confirmed at an activity ------------------------------------------------------------------------


def test_confirmed_phone_opens_the_page_without_a_link(world, acting, member):
    phone = Client()
    phone.cookies["member-device"] = device_secret("C111")
    place = phone.get("/m/")["Location"]
    assert canary("C111") in phone.get(place).content.decode()
    page = place + "message/"
    shown = phone.get(page)
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "text": "我很好"}
    assert phone.post(page, form).status_code == 303
    with acting(CLERK):
        assert ContactLog.objects.filter(member=member, direction="from_member", side="member").count() == 1
    other = Client()
    other.cookies["member-device"] = device_secret("C112")
    for client in (Client(), other):
        assert client.get(place).content == closed_page().content
        assert client.post(page, form).content == closed_page().content


def test_stopping_on_a_confirmed_phone_ends_link_and_phones(phone, address, acting, member):
    known = Client()
    known.cookies["member-device"] = device_secret("C111")
    place = known.get("/m/")["Location"]
    mark = field(known.get(place + "stop/"), "mark")
    assert known.post(place + "stop/", {"mark": mark}).status_code == 200
    assert known.get("/m/").content == closed_page().content
    assert phone.get(address).content == closed_page().content
    with acting(CLERK):
        assert not MemberDevice.objects.filter(member=member, revoked_at=None).exists()
        assert Member.objects.get(pk=member.pk).state == "floating"


def test_office_ends_the_page_on_all_phones(phone, address, login, member):
    known = Client()
    known.cookies["member-device"] = device_secret("C111")
    assert known.get("/m/").status_code == 303
    assert login(CLERK).post(f"/admin/checkin/own-page/{member.pk}/", {"action": "revoke"}).status_code == 302
    assert known.get("/m/").content == closed_page().content
    assert phone.get(address).content == closed_page().content


@pytest.mark.django_db(transaction=True)
def test_confirmed_phone_of_somebody_abroad_has_no_page(world, owner):
    phone = Client()
    phone.cookies["member-device"] = device_secret("C111")
    place = phone.get("/m/")["Location"]
    owner.execute("update members_movement set scope = '境外'")
    assert phone.get("/m/").content == closed_page().content
    assert phone.get(place).content == closed_page().content


def test_same_person_by_link_and_by_phone_is_one(phone, address):
    phone.get(address)
    phone.cookies["member-device"] = device_secret("C111")
    assert phone.get("/m/")["Location"] == address


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closes", [False, True])
def test_many_hands_on_one_card_make_one_line(steward, open_desk, acting, member, closes):
    """Twice pressed, two phones, and the desk closed at that moment: one line and one attendance, or none of both."""
    desk, hands = open_desk(), 8
    with acting(CLERK):
        links = WorkLink.objects.filter(organization=desk.organization, closed_at=None)
        link = access.link_actor(links.get(subject_kind="liaison").pk)
    together = Barrier(hands + closes)

    def confirm(_number):
        try:
            with access.acting_as(link):
                together.wait(10)
                ask_database("confirm_card", uuid.uuid4(), desk.pk, member.pk)
                return True
        except PermissionDenied:
            return False
        finally:
            connection.close()

    def close():
        try:
            with acting(CLERK) as by:
                together.wait(10)
                services.close_desk(desk=desk, by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands + 1) as pool:
        closing = pool.submit(close) if closes else None
        told = list(pool.map(confirm, range(hands)))
        if closing:
            closing.result()
    with acting(CLERK):
        lines = Arrival.objects.filter(desk=desk, member=member, undone_at=None).count()
        came = Attendance.objects.filter(activity=desk.activity, member=member).count()
    assert lines == came == int(any(told))
    assert closes or all(told)
