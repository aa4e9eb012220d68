"""The staff's pages of a desk."""

import datetime as dt
import json
import re
import time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Activity, Attendance
from checkin import devices
from checkin.arrivals import services
from checkin.arrivals.codes import SPAN_SECONDS, read_code
from checkin.arrivals.models import Desk
from tests.checkin.arrivals.test_matching import CLERK, PHONE, _send
from tests.world import World, canary, mobile


@pytest.fixture
def clerk(login: Any) -> Client:
    return login(CLERK)


def _page(desk: Desk) -> str:
    return f"/admin/checkin/desks/{desk.pk}/"


def test_desk_is_opened_from_the_list_of_activities(clerk: Client, acting: Any, world: World) -> None:
    with acting(CLERK):
        activity = Activity.objects.create(
            organization=world.organization("C111"), title="读书会", held_on=timezone.localdate()
        )
    listed = clerk.get("/admin/checkin/desks/")
    assert "读书会" in listed.content.decode()
    page = f"/admin/checkin/desks/of/{activity.pk}/"
    assert page in listed.content.decode()
    assert clerk.post(page, {"opens": "10:00", "closes": "09:00"}).status_code == 200
    answer = clerk.post(page, {"opens": "00:00", "closes": "23:59", "has_check_out": "on"})
    with acting(CLERK):
        desk = Desk.objects.get(activity=activity)
        assert (desk.has_check_out, desk.state_at(timezone.now())) == (True, "open")
    assert answer["Location"] == _page(desk)
    clerk.post(_page(desk), {"close": "1"})
    with acting(CLERK):
        desk.refresh_from_db()
        assert desk.state_at(timezone.now()) == "closed"
    clerk.post(page, {"opens": "00:00", "closes": "23:59"})
    with acting(CLERK):
        desk.refresh_from_db()
        assert (desk.state_at(timezone.now()), Desk.objects.filter(activity=activity).count()) == ("open", 1)


def test_list_shows_who_waits_and_confirms_with_one_click(clerk: Client, open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    _send(desk, "C111", secret=PHONE)
    _send(desk, name="李建国", mobile="13911112222")
    page = clerk.get(_page(desk)).content.decode()
    assert "李建国" in page
    assert "139****2222" in page
    assert "13911112222" not in page
    with acting(CLERK):
        line = desk.arrivals.get(is_sure=True)
    ticked = re.search(rf'name="line" value="{line.pk}"[^>]*>', page)
    assert ticked is not None
    assert "checked" in ticked[0]
    clerk.post(_page(desk), {"line": [str(line.pk)], "remember": "1"})
    with acting(CLERK):
        assert Attendance.objects.filter(activity=desk.activity, member=line.member_id).exists()
    assert [person.name for person in devices.people(devices.digest(PHONE))] == [canary("C111")]
    clerk.post(_page(desk), {"undo": str(line.pk), f"reason-{line.pk}": "认错人了"})
    with acting(CLERK):
        assert not Attendance.objects.filter(activity=desk.activity).exists()
    assert "认错人了" in clerk.get(_page(desk)).content.decode()


def test_doubtful_line_is_confirmed_with_the_file_that_the_steward_chose(
    clerk: Client, open_desk: Any, acting: Any, world: World
) -> None:
    desk = open_desk()
    _send(desk, name="李建国", mobile=mobile("C111"))
    page = clerk.get(_page(desk)).content.decode()
    with acting(CLERK):
        line, member = desk.arrivals.get(), world.member("C111")
        assert line.is_sure is False
    assert f'<option value="{member.pk}">' in page
    clerk.post(_page(desk), {"line": [str(line.pk)], f"member-{line.pk}": str(member.pk)})
    with acting(CLERK):
        assert Attendance.objects.filter(activity=desk.activity, member=member).exists()


def test_member_of_elsewhere_or_line_of_another_desk_is_not_confirmed(
    clerk: Client, open_desk: Any, acting: Any, world: World
) -> None:
    desk, other = open_desk(), open_desk("C112")
    _send(desk, name="李建国", mobile="13911112222")
    _send(other, "C112")
    clerk.get(_page(desk))
    with acting("community_clerk@C112") as by:
        from checkin.arrivals.matching import match_desk

        match_desk(desk=other, by=by)
        foreign_line, foreign = other.arrivals.get(), world.member("C112").pk
    with acting(CLERK):
        line = desk.arrivals.get()
    clerk.post(_page(desk), {"line": [str(line.pk)], f"member-{line.pk}": str(foreign)})
    clerk.post(_page(desk), {"line": [str(foreign_line.pk)]})
    assert clerk.post(_page(desk), {"undo": str(foreign_line.pk), f"reason-{foreign_line.pk}": "x"}).status_code == 404
    assert clerk.post(_page(desk), {"undo": "x"}).status_code in (302, 404)
    with acting("street_clerk@S11"):
        assert not Attendance.objects.filter(activity__in=[desk.activity_id, other.activity_id]).exists()


def test_hours_and_check_out_are_noted_on_the_list(clerk: Client, open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    with acting(CLERK) as by:
        services.add_people(desk=desk, members=[world.member("C111").pk], is_late=False, by=by)
        line = desk.arrivals.get()
    clerk.post(_page(desk), {"left": str(line.pk)})
    clerk.post(_page(desk), {"hours": str(line.pk), f"hours-{line.pk}": "2.5"})
    clerk.post(_page(desk), {"hours": str(line.pk), f"hours-{line.pk}": "viel"})
    with acting(CLERK):
        line.refresh_from_db()
    assert (str(line.hours), line.left_at is not None) == ("2.5", True)


def test_list_takes_a_fixed_number_of_statements(clerk: Client, open_desk: Any, acting: Any) -> None:
    desk, counts = open_desk(), []
    for numbers in (range(1), range(10, 30)):
        for number in numbers:
            _send(desk, name=canary("C111"), mobile=f"139{number:08d}")
        clerk.get(_page(desk))  # matched
        with CaptureQueriesContext(connection) as queries:
            clerk.get(_page(desk))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_names_are_shown_before_anything_is_stored(
    clerk: Client, open_desk: Any, acting: Any, world: World, renamed: Any
) -> None:
    desk = open_desk()
    renamed("C111", "程栩宁")
    renamed("C121", "丁昀例")
    page = f"{_page(desk)}names/"
    shown = clerk.post(page, {"names": "1. 程栩宁\n2. 没有此人\n3. 丁昀例"})
    with acting(CLERK):
        member = world.member("C111").pk
        assert desk.arrivals.count() == 0
    assert re.findall(r'name="member" value="([^"]+)" checked', shown.content.decode()) == [str(member)]
    assert "没有此人" in shown.content.decode()
    clerk.post(page, {"add": "1", "member": [str(member), ""]})
    with acting(CLERK):
        assert Attendance.objects.filter(activity=desk.activity, member=member, is_late_entry=False).exists()
    with acting("community_clerk@C121"):
        foreign = world.member("C121").pk
    clerk.post(page, {"add": "1", "member": [str(foreign)]})
    assert clerk.post(page, {"add": "1", "member": ["x"]}).status_code == 404
    with acting("street_clerk@S12"):
        assert not Attendance.objects.filter(member=foreign, activity=desk.activity).exists()


def test_screen_shows_codes_of_the_next_minutes(clerk: Client, open_desk: Any) -> None:
    desk = open_desk()
    page = clerk.get(f"{_page(desk)}screen/")
    assert "no-store" in page.headers["Cache-Control"]
    assert 'src="data:image/png;base64,' in page.content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
    answer = json.loads(clerk.get(f"{_page(desk)}screen/codes/").content)
    first = int(time.time() // SPAN_SECONDS)
    assert [number for number, _image in answer["codes"]][0] in (first, first - 1)
    assert len({image for _number, image in answer["codes"]}) == 12
    assert (answer["span"], answer["state"]) == (SPAN_SECONDS, "open")


def test_poster_carries_the_code_in_force(clerk: Client, open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    assert "<img" not in clerk.get(f"{_page(desk)}poster/").content.decode()
    clerk.post(_page(desk), {"poster": "1"})
    with acting(CLERK):
        desk.refresh_from_db()
    page = clerk.get(f"{_page(desk)}poster/").content.decode()
    assert f"{desk.typed_code[:4]} {desk.typed_code[4:]}" in page
    assert desk.poster_number == 1


def test_code_in_the_picture_is_one_that_opens(open_desk: Any) -> None:
    from checkin.arrivals.screen_views import _address

    desk = open_desk()
    span = int(time.time() // SPAN_SECONDS)
    read = read_code(_address(desk, span).rpartition("/")[2])
    assert read is not None
    assert (read.desk_id, read.is_in_time(time.time() + dt.timedelta(0).total_seconds())) == (desk.pk, True)


@pytest.mark.parametrize("secret", [PHONE, ""], ids=["one phone", "no cookie"])
def test_phone_that_brings_more_than_a_household_is_looked_at(
    secret: str, clerk: Client, open_desk: Any, acting: Any, world: World
) -> None:
    desk = open_desk()
    _send(desk, "C111", secret=secret)
    for number in range(3):
        ticked = re.search(r'name="line" value="[^"]+"[^>]*checked', page := clerk.get(_page(desk)).content.decode())
        assert (ticked is not None, "同一部手机" in page) == (True, False)
        _send(desk, name="李建国", mobile=f"1391111222{number}", secret=secret)
    page = clerk.get(_page(desk)).content.decode()
    assert "同一部手机" in page
    assert re.search(r'name="line" value="[^"]+"[^>]*checked', page) is None
    with acting(CLERK):
        line = desk.arrivals.get(is_sure=True)
    clerk.post(_page(desk), {"line": [str(line.pk)], "remember": "1"})
    with acting(CLERK):
        assert Attendance.objects.filter(activity=desk.activity, member=line.member_id).exists()
    assert devices.people(devices.digest(PHONE)) == []


def test_guest_is_counted_and_stands_on_no_attendance_list(clerk: Client, open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    for _ in range(2):  # who sends once more is no second guest
        _send(desk, name="李建国", mobile="13911112222", secret=PHONE)
        page = clerk.get(_page(desk)).content.decode()
        with acting(CLERK):
            line = desk.arrivals.order_by("arrived_at").first()
        clerk.post(_page(desk), {"guest": str(line.pk)})
    page = clerk.get(_page(desk)).content.decode()
    assert ("来宾1人" in page, "待确认0人" in page) == (True, True)
    with acting(CLERK) as by:
        assert not Attendance.objects.filter(activity=desk.activity).exists()
        assert services.note_guest(arrival=line, by=by) is False
    with acting("community_clerk@C112") as by, pytest.raises(PermissionDenied):
        services.note_guest(arrival=line, by=by)


def test_enter_key_on_the_list_decides_nothing(clerk: Client, open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    _send(desk, "C111", secret=PHONE)
    page = clerk.get(_page(desk)).content.decode()
    assert page.index('name="enter"') < page.index('name="line"')
    with acting(CLERK):
        line = desk.arrivals.get()
    answer = clerk.post(_page(desk), {"enter": "1", "line": [str(line.pk)], f"reason-{line.pk}": "x"}, follow=True)
    assert "没有改动" in answer.content.decode()
    with acting(CLERK):
        line.refresh_from_db()
        assert (line.confirmed_at, line.undone_at) == (None, None)


def test_activities_stand_in_the_order_of_their_days(clerk: Client, acting: Any, world: World) -> None:
    today = timezone.localdate()
    days = {"甲": 40, "乙": 2, "丙": 0, "丁": -3}
    with acting(CLERK):
        for name, ahead in days.items():
            Activity.objects.create(
                organization=world.organization("C111"), title=f"读书会{name}", held_on=today + dt.timedelta(days=ahead)
            )
    page = clerk.get("/admin/checkin/desks/").content.decode()
    places = [page.index(f"读书会{name}") for name in "丙乙甲丁"]
    assert places == sorted(places)


@pytest.mark.parametrize(("opens", "closes", "is_late"), [(1, 2, False), (-1, 1, False), (-2, -1, True)])
def test_who_is_added_before_it_opens_is_not_late(
    opens: int, closes: int, is_late: bool, clerk: Client, open_desk: Any, acting: Any, world: World
) -> None:
    desk = open_desk()
    with acting(CLERK):
        now, member = timezone.now(), world.member("C111").pk
        hours = {"opens_at": now + dt.timedelta(hours=opens), "closes_at": now + dt.timedelta(hours=closes)}
        Desk.objects.filter(pk=desk.pk).update(**hours)
    clerk.post(f"{_page(desk)}names/", {"add": "1", "member": [str(member)]})
    with acting(CLERK):
        assert Attendance.objects.get(activity=desk.activity, member=member).is_late_entry is is_late


def test_nobody_has_come_before_the_day(clerk: Client, open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    with acting(CLERK):
        Activity.objects.filter(pk=desk.activity_id).update(held_on=timezone.localdate() + dt.timedelta(days=1))
        member = world.member("C111").pk
    answer = clerk.post(f"{_page(desk)}names/", {"add": "1", "member": [str(member)]}, follow=True)
    assert "尚未举办" in answer.content.decode()
    with acting(CLERK):
        assert not Attendance.objects.filter(activity=desk.activity).exists()


def test_list_that_is_too_long_says_so_and_shows_who_waits(clerk: Client, open_desk: Any, monkeypatch: Any) -> None:
    desk = open_desk()
    monkeypatch.setattr("checkin.arrivals.lists.MOST_LINES", 2)
    for number in range(3):
        assert "名单最多显示" not in clerk.get(_page(desk)).content.decode()
        _send(desk, name="李建国", mobile=f"1391111222{number}")
    assert "名单最多显示" in clerk.get(_page(desk)).content.decode()
