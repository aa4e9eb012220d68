"""Parcels: sent to many at once, noted as arrived or come back, confirmed by the member; the board and the labels."""

import datetime as dt
import shutil
import subprocess
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Parcel, ParcelState
from activities.parcels import services
from contacts.models import ContactLog, ContactPolicy
from members.models import Member
from members.services import move_member
from portal.models import AuditEntry
from tests.contacts.conftest import make_member
from tests.security.walls import count, is_refused
from tests.world import canary

__all__ = ["make_member"]  # the fixture
pytestmark = pytest.mark.django_db
CLERK, STREET, NEIGHBOUR = "community_clerk@C111", "street_clerk@S11", "community_clerk@C112"
TODAY = timezone.localdate()
BROKEN_RULE = -2
BOARD, LIST = "/admin/activities/parcels/", "/admin/members/member/"


@pytest.fixture
def living(acting, make_member):
    """living("name", key="C111", scope="国内"): a member with an address."""

    def make(name="收件", key="C111", scope="", address="样例路1号"):
        with acting(STREET):
            member = make_member(key, name=name)
            member.current_address = address
            member.save()
            if scope:
                member.movements.update(scope=scope)
        return member

    return make


@pytest.fixture
def send(acting):
    """send(member, …): a parcel to each; the key of the first one."""

    def send(*members):
        key, chosen = uuid.uuid4(), [member.pk for member in members]
        with acting(CLERK) as by:
            rows = Member.objects.filter(pk__in=chosen)
            made = services.send_parcels(members=rows, content="学习资料", sent_on=TODAY, by=by, key=key)
        assert made == len(members)
        return uuid.uuid5(key, str(chosen[0]))

    return send


def state_of(pk):
    return Parcel.objects.values_list("state", flat=True).get(pk=pk)


def test_one_parcel_for_each_and_none_abroad_or_without_address(acting, living):
    here, abroad, lost = living("在家"), living("境外", scope="境外"), living("无址", address="")
    chosen, key = [here.pk, abroad.pk, lost.pk], uuid.uuid4()
    with acting(CLERK) as by:
        members = Member.objects.filter(pk__in=chosen)
        found = services.recipients(members, by)
        assert ([here], [lost], [abroad]) == (found.ready, found.lost, found.abroad)
        for _twice in range(2):
            assert services.send_parcels(members=members, content="书", sent_on=TODAY, by=by, key=key) == 1
        (row,) = Parcel.objects.filter(member__in=chosen).select_related("member")
        assert (row.member, row.address, row.state) == (here, "样例路1号", "sent")


def test_what_is_sent_is_asked_for_and_many_are_refused(acting, living, monkeypatch):
    members = [living("甲"), living("乙")]
    with acting(CLERK) as by:
        chosen = Member.objects.filter(pk__in=[member.pk for member in members])
        with pytest.raises(ValidationError):
            services.send_parcels(members=chosen, content=" ", sent_on=TODAY, by=by, key=uuid.uuid4())
        monkeypatch.setattr(services, "MOST_AT_ONCE", 1)
        with pytest.raises(ValidationError):
            services.recipients(chosen, by)


@pytest.mark.parametrize("who", [NEIGHBOUR, "district_admin@D1", "branch_secretary@B111", "liaison@C111"])
def test_others_send_and_change_nothing(acting, living, send, who):
    member = living()
    parcel = send(member)
    with acting(who) as by:
        chosen = Member.objects.filter(pk=member.pk)
        if chosen.exists():  # may read, or look after, and no more
            with pytest.raises(PermissionDenied):
                services.recipients(chosen, by)
        else:
            assert services.send_parcels(members=chosen, content="书", sent_on=TODAY, by=by, key=uuid.uuid4()) == 0
        with pytest.raises(Http404):
            services.change_parcel(parcel=parcel, state=ParcelState.RECEIVED, by=by)
        with pytest.raises(Http404):
            services.note_number(parcel=parcel, number="1", by=by)
        assert count("update activities_parcel set tracking_number = '1' where id = %s", [parcel]) in (0, -1)
    with acting(CLERK):
        assert Parcel.objects.values_list("state", "tracking_number").get(pk=parcel) == ("sent", "")


def test_parcel_is_closed_once_and_a_wrong_button_taken_back(acting, living, send):
    parcel = send(living())
    with acting(CLERK) as by:
        for state, after in (("returned", "returned"), ("received", None), ("checked", "checked"), ("sent", None)):
            if after:
                services.change_parcel(parcel=parcel, state=ParcelState(state), by=by)
                assert state_of(parcel) == after
            else:
                with pytest.raises(ValidationError):
                    services.change_parcel(parcel=parcel, state=ParcelState(state), by=by)
        assert (
            count("update activities_parcel set state = 'sent', closed_on = null where id = %s", [parcel])
            == BROKEN_RULE
        )
    other = send(living("乙"))
    with acting(CLERK) as by:
        services.change_parcel(parcel=other, state=ParcelState.RECEIVED, by=by)
        services.change_parcel(parcel=other, state=ParcelState.SENT, by=by)
        assert Parcel.objects.values_list("state", "closed_on", "closed_by").get(pk=other) == ("sent", None, None)


@pytest.mark.parametrize("counts", [True, False])
def test_arrived_parcel_is_a_contact_where_the_rules_say_so(acting, living, send, world, counts):
    member = living()
    parcel = send(member)
    with acting(STREET):
        ContactPolicy.objects.create(organization=world.organization("C111"), counts_parcels=counts)
    with acting(CLERK) as by:
        services.change_parcel(parcel=parcel, state=ParcelState.RECEIVED, by=by)
        contacts = ContactLog.objects.filter(member=member, source="parcel")
        assert list(contacts.values_list("side", "contacted_on")) == [("home", TODAY)] * counts
        services.change_parcel(parcel=parcel, state=ParcelState.SENT, by=by)
        assert not contacts.exists()


def test_address_and_day_are_not_rewritten(acting, living, send):
    parcel = send(living())
    with acting(CLERK):
        for setting in ("address_sealed = null", "sent_on = '2026-01-01'", "content = 'x'", "member_id = member_id"):
            assert is_refused(f"update activities_parcel set {setting} where id = %s", [parcel])
        assert is_refused("delete from activities_parcel where id = %s", [parcel])


def test_open_parcel_goes_with_its_file_and_a_closed_one_stays(acting, living, send, world):
    member = living()
    done, back, on_the_way = send(member), send(member), send(member)
    with acting(STREET) as by:
        services.change_parcel(parcel=done, state=ParcelState.RECEIVED, by=by)
        services.change_parcel(parcel=back, state=ParcelState.RETURNED, by=by)
        move_member(member=member, organization=world.organization("C112"), by=by)
        offices = dict(Parcel.objects.values_list("pk", "organization__short_name").filter(member=member))
        assert offices == {done: "样例C111", back: "样例C112", on_the_way: "样例C112"}


def test_action_of_the_list_sends_after_a_page_that_says_to_whom(login, living, acting):
    here, abroad = living("在家"), living("在外", scope="境外")
    client = login(CLERK)
    asked = {"action": "send_parcel_action", "_selected_action": [here.pk, abroad.pk]}
    page = client.post(LIST, asked).content.decode()
    assert "将给 1 人寄送" in page
    assert "在外" in page
    future = asked | {"content": "书", "sent_on": str(TODAY + dt.timedelta(days=1)), "key": str(uuid.uuid4())}
    assert "error" in client.post(LIST, future).content.decode()
    form = future | {"sent_on": str(TODAY)}
    for _twice in range(2):
        assert client.post(LIST, form).status_code == 302
    with acting(CLERK):
        assert Parcel.objects.filter(member__in=[here, abroad]).count() == 1
    assert "书" in client.get(f"{LIST}{here.pk}/card/").content.decode()
    answer = login("district_admin@D1").post(LIST, asked, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


def test_board_shows_the_own_lanes_alone(login, living, send, acting):
    parcel = send(living("在途"))
    client = login(CLERK)
    for data in ({"action": "number", "number": "SF001"}, {"action": "returned"}, {"action": "returned"}):
        assert client.post(BOARD, {"parcel": parcel} | data).status_code == 302
    page = client.get(BOARD).content.decode()
    assert "在途" in page
    assert "地址已核实" in page
    assert canary("C111") in page
    assert "在途" not in login(NEIGHBOUR).get(BOARD).content.decode().replace('<h3 class="need-title">在途</h3>', "")
    for data in ({}, {"parcel": "x"}, {"parcel": parcel, "action": "burn"}):
        assert client.post(BOARD, data).status_code == 404
    assert login(NEIGHBOUR).post(BOARD, {"parcel": parcel, "action": "checked"}).status_code == 404
    assert login("district_admin@D1").post(BOARD, {"parcel": parcel, "action": "checked"}).status_code == 403


def test_board_asks_the_same_number_of_questions_for_more_parcels(login, living, send):
    client = login(CLERK)
    client.get(BOARD)
    with CaptureQueriesContext(connection) as one:
        client.get(BOARD)
    send(*[living(f"件{number}") for number in range(3)])
    with CaptureQueriesContext(connection) as more:
        client.get(BOARD)
    assert len(more) == len(one)


def test_labels_are_printed_for_the_own_office_and_recorded(login, living, send, acting, tmp_path):
    member = living("取件人", address="样例市样例区样例路一百二十三号样例小区四号楼五单元六零一室")
    send(member)
    answer = login(CLERK).post(f"{BOARD}labels/")
    assert answer["Content-Type"] == "application/pdf"
    with acting("auditor@S11"):
        assert AuditEntry.objects.filter(action="print_labels", object_id=member.pk).count() == 1
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    source = tmp_path / "labels.pdf"
    source.write_bytes(answer.content)
    words = subprocess.run(["pdftotext", str(source), "-"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert "取件人（收）" in words
    assert "六零一室" in words.replace("\n", "")
    assert "党" not in words
    assert canary("C112") not in words
    assert canary("C111") in words


@pytest.mark.parametrize("who", ["branch_secretary@B111", "district_admin@D1", "street_admin@S11"])
def test_labels_need_the_right_to_see_numbers(login, who):
    assert login(who).post(f"{BOARD}labels/").status_code == (200 if who.startswith("street") else 403)
