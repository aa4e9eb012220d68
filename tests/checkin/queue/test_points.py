"""Points: their history, a code that moves with its posters, counts by point and hour, addresses without a poster."""

import datetime as dt
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin import services
from checkin.codes import make_code
from checkin.models import CheckinPoint, ReportIn, ReportInLink
from checkin.queue.points import count_report_ins, point_history
from checkin.submissions import Door, submit_report_in
from tests.world import World, canary

CLERK, NEIGHBOUR, STREET = "community_clerk@C111", "community_clerk@C112", "street_clerk@S11"
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def second(world: World, acting: Callable) -> CheckinPoint:
    with acting(CLERK) as by:
        return services.create_point(
            organization=world.organization("C111"), name="北门驿站", by=by, address="样例路2号", kind="station"
        )


def _first(world: World, key: str = "C111") -> CheckinPoint:
    return CheckinPoint.objects.select_related("organization").get(
        organization=world.organization(key), name=f"报到点{canary(key)}"
    )


def _sent(code: uuid.UUID, at: dt.datetime, state: str = "waiting") -> None:
    key = uuid.uuid4()
    given = {"name": "赵不同", "mobile": "13911112222"}
    submit_report_in(door=Door(code), client_key=key, given=given)
    ReportIn.objects.filter(client_key=key).update(submitted_at=at, state=state)


def test_code_moves_with_its_posters_and_leaves_the_past_behind(
    world: World, acting: Callable, client: Client, second: CheckinPoint
) -> None:
    with acting(CLERK) as by:
        first = _first(world)
        code, replaced = first.code_in_force, second.code_in_force
        _sent(code.pk, timezone.now())
        before = first.report_ins.count()
        services.move_code(code=code, point=second, by=by)
        assert "北门驿站" in client.get(f"/c/{make_code(code.pk)}").content.decode()
        assert client.get(f"/c/{make_code(replaced.pk)}").status_code == 410
        assert first.report_ins.count() == before
        _sent(code.pk, timezone.now())
        assert second.report_ins.count() == 1
        assert [second.codes.filter(revoked_at=None).count(), first.codes.filter(revoked_at=None).count()] == [1, 0]


def test_code_moves_within_the_own_points_only(
    world: World, acting: Callable, login: Callable, second: CheckinPoint
) -> None:
    with acting(STREET):
        foreign = _first(world, "C112")
        foreign_code = foreign.code_in_force
    with acting(CLERK) as by:
        first = _first(world)
        code = first.code_in_force
        for moved, target in ((code, foreign), (foreign_code, second)):
            with pytest.raises(PermissionDenied):
                services.move_code(code=moved, point=target, by=by)
        services.revoke_code(code=second.code_in_force, by=by)
        with pytest.raises(ValidationError):
            services.move_code(code=second.codes.get(), point=first, by=by)
    url = f"/admin/checkin/points/{first.pk}/move-code"
    assert login(CLERK).post(url, {"point": str(foreign.pk)}).status_code == 200
    assert canary("C112") not in login(CLERK).get(url).content.decode()
    assert login(CLERK).post(url, {"point": str(second.pk)}).status_code == 302
    assert login(NEIGHBOUR).get(url).status_code == 404


def test_history_tells_what_became_of_a_point_and_its_codes(
    world: World, acting: Callable, login: Callable, second: CheckinPoint
) -> None:
    with acting(CLERK) as by:
        first = _first(world)
        first.address = "样例路99号"
        first.save()
        services.renew_code(point=first, by=by)
        services.move_code(code=first.codes.get(revoked_at=None), point=second, by=by)
        told = [event.what for event in point_history(first)]
        assert any("样例路99号" in line for line in told)
        assert len(told) >= 4
        assert {event.who for event in point_history(second)} == {str(world.user(CLERK))}
        gone, come = {"The code went to another point."}, {"A code came here from another point."}
    from django.utils.translation import gettext

    page = login(CLERK).get(f"/admin/checkin/points/{first.pk}/history").content.decode()
    assert gettext(gone.pop()) in page
    assert gettext(come.pop()) in login(CLERK).get(f"/admin/checkin/points/{second.pk}/history").content.decode()
    assert login(NEIGHBOUR).get(f"/admin/checkin/points/{first.pk}/history").status_code == 404


def test_report_ins_are_counted_by_point_and_hour_of_china(
    world: World, acting: Callable, second: CheckinPoint
) -> None:
    day = dt.datetime(2026, 5, 4, 23, 30, tzinfo=dt.UTC)  # half past seven of the fifth in China
    with acting(STREET) as by:
        ReportIn.objects.update(submitted_at=day - dt.timedelta(days=400))
        code = second.code_in_force.pk
        _sent(code, day)
        _sent(code, day.replace(minute=59), "duplicate")
        _sent(code, day.replace(hour=1))
        ReportInLink.objects.create(organization=world.organization("S11"), word="xinghua")
        key = uuid.uuid4()
        submit_report_in(door=Door(word="xinghua", community=world.organization("C112").code), client_key=key,
                         given={"name": "赵不同", "mobile": "13911112222"})  # fmt: skip
        ReportIn.objects.filter(client_key=key).update(submitted_at=day)
        lines = {(line.name, line.organization): line for line in count_report_ins(dt.date(2026, 5, 1), by)}
        north = lines[("北门驿站", "样例C111")]
        assert (north.total, north.waiting, north.confirmed, north.closed) == (3, 2, 0, 1)
        assert dict(north.hours) == {7: 2, 9: 1}
        assert lines[(f"报到点{canary('C111')}", "样例C111")].total == 0
        (without,) = [
            line for (name, _office), line in lines.items() if not name.startswith("报到点") and name != "北门驿站"
        ]
        assert (without.organization, without.total) == ("样例C112", 1)
        assert day.astimezone(CHINA).hour == 7
    with acting(NEIGHBOUR) as by:
        assert sum(line.total for line in count_report_ins(dt.date(2026, 5, 1), by)) == 1


def test_counts_take_as_many_questions_for_one_point_as_for_many(
    world: World, acting: Callable, second: CheckinPoint
) -> None:
    counts = []
    for name in (NEIGHBOUR, STREET):
        with acting(name) as by:
            count_report_ins(None, by)
            with CaptureQueriesContext(connection) as queries:
                count_report_ins(None, by)
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_of_counts_is_for_who_runs_check_in(login: Callable) -> None:
    page = login(STREET).get("/admin/checkin/statistics?period=year")
    assert page.status_code == 200
    assert canary("C111") in page.content.decode()
    assert canary("C112") not in login(CLERK).get("/admin/checkin/statistics?period=all").content.decode()
    assert login(STREET).get("/admin/checkin/statistics?period=x").status_code == 404
    for name in ("district_admin@D1", "branch_secretary@B111", "auditor@S11"):
        assert login(name).get("/admin/checkin/statistics").status_code == 403


def test_address_is_made_for_the_own_office_and_is_said_once(login: Callable, world: World, acting: Callable) -> None:
    client, add = login(STREET), "/admin/checkin/reportinlink/add/"
    form = {"organization": str(world.organization("S11").pk), "word": "xinghua", "is_active": "on"}
    for wrong in ({"word": "Xing Hua"}, {"word": "xi"}, {"organization": str(world.organization("C121").pk)},
                  {"organization": str(world.organization("B111").pk)}):  # fmt: skip
        assert client.post(add, form | wrong).status_code == 200
    assert client.post(add, form).status_code == 302
    assert "/bd/xinghua" in client.get("/admin/checkin/reportinlink/").content.decode()
    taken = login("street_clerk@S12").post(add, form | {"organization": str(world.organization("C121").pk)})
    assert taken.status_code == 200
    with acting(STREET):
        assert ReportInLink.objects.filter(word="xinghua").count() == 1
