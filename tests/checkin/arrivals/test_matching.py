"""From scans to the steward's list, and from there to the attendance list."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.models import Attendance
from activities.services import record_attendance
from checkin import devices
from checkin.arrivals import services
from checkin.arrivals.claims import Sent, check_in
from checkin.arrivals.codes import DeskCode
from checkin.arrivals.enums import Assurance
from checkin.arrivals.matching import match_desk, match_waiting
from checkin.arrivals.models import Arrival, Desk
from contacts.models import ContactLog
from portal import access
from tests.security.walls import is_refused
from tests.world import World, canary, device_secret, mobile

CLERK = "community_clerk@C111"
PHONE = "secret-of-a-new-phone".ljust(32, "-")


def _send(desk: Desk, key: str = "", *, by_poster: bool = False, secret: str = "", **more: Any) -> None:
    code = DeskCode(desk.pk, Assurance.POSTER if by_poster else Assurance.SCREEN, 0)
    sent = {"client_key": uuid.uuid4(), "name": canary(key), "mobile": mobile(key)} if key else {}
    check_in(code, Sent(**({"client_key": uuid.uuid4()} | sent | more)), devices.digest(secret))


def _lines(desk: Desk) -> list[tuple[bool, bool, str]]:
    """(is sure, confirmed, why taken off) of every line, in their order."""
    return [(line.is_sure, line.confirmed_at is not None, line.reason) for line in desk.arrivals.order_by("arrived_at")]  # type: ignore[attr-defined]


def _known_device(key: str) -> uuid.UUID:
    return devices.people(devices.digest(device_secret(key)))[0].device_id


def test_scan_is_matched_by_name_and_number_in_the_desks_line(open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    _send(desk, "C111")
    _send(desk, "C121")  # a member of elsewhere: nobody here
    _send(desk, name=canary("C111"), mobile="13911112222")
    _send(desk, name="李建国", mobile=mobile("C111"))
    with acting(CLERK) as by:
        assert match_desk(desk=desk, by=by) == 4
        assert match_desk(desk=desk, by=by) == 0
        lines = desk.arrivals.select_related("member").order_by("arrived_at")
        found = [(line.member.name if line.member else None, line.is_sure) for line in lines]
    assert found == [(canary("C111"), True), (None, False), (None, False), (None, False)]
    assert Attendance.objects.filter(activity=desk.activity).count() == 0


def test_task_matches_all_desks_in_a_fixed_number_of_statements(open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    counts = []
    for numbers in (range(1), range(10, 40)):
        for number in numbers:
            _send(desk, name="李建国", mobile=f"139{number:08d}")
        with CaptureQueriesContext(connection) as queries:
            assert match_waiting() == len(numbers)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    with acting(CLERK):
        assert len(_lines(desk)) == 31


def test_same_person_twice_is_one_line(open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    with acting(CLERK) as by:
        for _ in range(3):
            _send(desk, "C111")
            match_desk(desk=desk, by=by)
        _send(desk, name="李建国", mobile="13911112222")
        _send(desk, name="李建国", mobile="13911112222")
        match_desk(desk=desk, by=by)
        assert [reason for _sure, _confirmed, reason in _lines(desk)] == ["", "repeated", "repeated", "", "repeated"]


def test_corrected_number_takes_the_place_of_the_wrong_one(open_desk: Any, acting: Any) -> None:
    desk, key = open_desk(), uuid.uuid4()
    with acting(CLERK) as by:
        _send(desk, name=canary("C111"), mobile="13911112222", client_key=key)
        match_desk(desk=desk, by=by)
        _send(desk, name=canary("C111"), mobile=mobile("C111"), client_key=key)
        _send(desk, name="李建国", mobile=mobile("C111"), client_key=key)  # somebody else on the same page
        match_desk(desk=desk, by=by)
        assert [reason for _sure, _confirmed, reason in _lines(desk)] == ["corrected", "", ""]


def test_known_phone_before_the_screen_needs_no_click_and_by_poster_it_does(open_desk: Any, acting: Any) -> None:
    for by_poster, is_listed in ((False, True), (True, False)):
        desk = open_desk()
        _send(desk, by_poster=by_poster, secret=device_secret("C111"), known=_known_device("C111"))
        match_waiting()
        with acting(CLERK):
            assert _lines(desk) == [(True, is_listed, "")]
            assert Attendance.objects.filter(activity=desk.activity).exists() is is_listed


def test_confirmed_attendance_is_a_contact_and_undone_it_is_none(open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    _send(desk, "C111")
    with acting(CLERK) as by:
        match_desk(desk=desk, by=by)
        line = desk.arrivals.get()
        chosen = {line.pk: line.member_id}
        assert [services.confirm(desk=desk, chosen=chosen, remembers=False, by=by) for _ in range(2)] == [1, 0]
        logged = ContactLog.objects.filter(source="attendance", source_key=desk.activity_id)
        assert (Attendance.objects.filter(activity=desk.activity).count(), logged.count()) == (1, 1)
        with pytest.raises(ValidationError):
            services.undo(arrival=line, reason="  ", by=by)
        assert [services.undo(arrival=line, reason="认错人了", by=by) for _ in range(2)] == [True, False]
        assert (Attendance.objects.filter(activity=desk.activity).count(), logged.count()) == (0, 0)
        line.refresh_from_db()
        assert (line.reason, line.decided_by_id) == ("认错人了", by.user_id)


@pytest.mark.django_db(transaction=True)
def test_tick_that_was_there_before_stays_when_a_line_is_undone(open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    with acting(CLERK) as by:
        member = world.member("C111")
        record_attendance(activity=desk.activity, came={member.pk}, offered={member.pk}, by=by)
    with acting(CLERK) as by:
        services.add_people(desk=desk, members=[member.pk], is_late=False, by=by)
    with acting(CLERK) as by:
        assert services.undo(arrival=desk.arrivals.get(), reason="写错", by=by) is True
        assert Attendance.objects.filter(activity=desk.activity, member=member).count() == 1


def test_unticked_member_is_off_the_desks_list_too(open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    with acting(CLERK) as by:
        member = world.member("C111").pk
        services.add_people(desk=desk, members=[member], is_late=False, by=by)
        record_attendance(activity=desk.activity, came=set(), offered={member}, by=by)
        assert _lines(desk) == [(True, True, "unticked")]


def test_people_added_by_hand_are_marked_when_it_is_late(open_desk: Any, acting: Any, world: World) -> None:
    for is_late, way in ((False, "staff"), (True, "paper")):
        desk = open_desk()
        with acting(CLERK) as by:
            member = world.member("C111").pk
            counts = [services.add_people(desk=desk, members=[member], is_late=is_late, by=by) for _ in range(2)]
            line = desk.arrivals.standing().get()
            listed = Attendance.objects.get(activity=desk.activity)
        assert counts == [1, 0]
        assert (line.way, line.is_late_entry, listed.is_late_entry, listed.recorded_by_id) == (
            way, is_late, is_late, by.user_id,
        )  # fmt: skip


def test_member_of_elsewhere_is_neither_added_nor_confirmed(open_desk: Any, acting: Any, world: World) -> None:
    desk = open_desk()
    with acting("community_clerk@C121"):
        foreign = world.member("C121").pk
    _send(desk, "C121")
    with acting(CLERK) as by:
        match_desk(desk=desk, by=by)
        line = desk.arrivals.get()
        with pytest.raises(PermissionDenied):
            services.add_people(desk=desk, members=[foreign], is_late=False, by=by)
        with pytest.raises(PermissionDenied):
            services.confirm(desk=desk, chosen={line.pk: foreign}, remembers=False, by=by)
        assert _lines(desk) == [(False, False, "")]


@pytest.mark.parametrize("who", ["community_clerk@C112", "street_clerk@S12", "branch_secretary@B111", "visitor@C111"])
def test_desk_of_others_is_run_by_nobody_else(open_desk: Any, acting: Any, world: World, who: str) -> None:
    desk = open_desk()
    _send(desk, "C111")
    with acting(CLERK) as by:
        match_desk(desk=desk, by=by)
        line, member = desk.arrivals.get(), world.member("C111").pk
    with acting(who) as by:
        for refused in (
            lambda: services.add_people(desk=desk, members=[member], is_late=False, by=by),
            lambda: services.undo(arrival=line, reason="x", by=by),
            lambda: services.close_desk(desk=desk, by=by),
            lambda: services.renew_poster(desk=desk, by=by),
        ):
            with pytest.raises(PermissionDenied):
                refused()
        assert is_refused("select portal.confirm_arrivals(%s, %s, %s, true)", [desk.pk, [line.pk], [member]])
        assert is_refused("select portal.undo_arrival(%s, 'x')", [line.pk])
        assert is_refused("select * from portal.checkin_candidates(%s, %s, '{}')", [desk.pk, [canary("C111")]])
        assert Arrival.objects.filter(desk=desk).count() == 0


def test_phone_is_known_after_the_steward_said_so(open_desk: Any, acting: Any, world: World) -> None:
    """Only where it stood before the screen, with the member's own number; taken back, it is not known any more."""
    for more, is_known in (({}, True), ({"by_poster": True}, False), ({"mobile": "13911112222"}, False)):
        desk = open_desk()
        _send(desk, "C111", secret=PHONE, **more)  # type: ignore[arg-type]
        with acting(CLERK) as by:
            match_desk(desk=desk, by=by)
            line, member = desk.arrivals.get(), world.member("C111").pk
            services.confirm(desk=desk, chosen={line.pk: member}, remembers=True, by=by)
            people = [person.name for person in devices.people(devices.digest(PHONE))]
            assert people == ([canary("C111")] if is_known else [])
            services.undo(arrival=line, reason="认错人了", by=by)
        assert devices.people(devices.digest(PHONE)) == []


@pytest.mark.django_db(transaction=True)
def test_phone_stands_for_three_people_at_most(world: World, owner: Any) -> None:
    """By the function that the steward's confirmation calls, as the owner: the world has two members in one line."""
    members = [row[0] for row in owner.execute("select id from members_member order by id limit 4").fetchall()]
    node, device = world.organization("C111").pk, devices.digest(PHONE)
    asked = "select portal.add_device(%s, %s, %s)"
    stands = [owner.execute(asked, [device, member, node]).fetchone()[0] for member in [*members, members[0]]]
    assert stands == [True, True, True, False, True]
    assert len(devices.people(device)) == 3


def test_check_out_by_phone_and_by_the_steward(open_desk: Any, acting: Any) -> None:
    desk = open_desk(has_check_out=True)
    _send(desk, "C111")
    match_waiting()
    _send(desk, "C111", is_leaving=True)
    match_waiting()
    with acting(CLERK) as by:
        line = desk.arrivals.get()
        assert line.left_at is not None
        left = line.left_at
        assert services.check_out(desk=desk, arrivals=[line.pk], by=by) == 0
        _send(desk, name="李建国", mobile="13911112222")
        match_desk(desk=desk, by=by)
        other = desk.arrivals.exclude(pk=line.pk).get()
        assert services.check_out(desk=desk, arrivals=[other.pk], by=by) == 1
        line.refresh_from_db()
        assert line.left_at == left


def test_old_scans_are_forgotten_and_who_came_is_not(open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    _send(desk, "C111")
    _send(desk, name="李建国", mobile="13911112222")
    with acting(CLERK) as by:
        match_desk(desk=desk, by=by)
        line = desk.arrivals.get(is_sure=True)
        services.confirm(desk=desk, chosen={line.pk: line.member_id}, remembers=False, by=by)
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_scans()")
        assert cursor.fetchone() == (0,)
    with access.acting_as(access.system_actor("checkin", desk.organization_id)):
        assert desk.scans.count() == 2  # type: ignore[attr-defined]
