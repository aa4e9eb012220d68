"""Decisions in the queue: what a report-in becomes, several at once, and what a person has to look at."""

import re
import threading
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin import services
from checkin.matching import suggest_members
from checkin.models import CheckinPoint, ReportIn
from checkin.queue.decisions import decide_many
from checkin.submissions import Door, submit_report_in
from members.models import Member, Phone
from portal import access
from portal.models import AuditEntry
from tests.world import World, id_number, mobile

CLERK, NEIGHBOUR, STREET = "community_clerk@C111", "community_clerk@C112", "street_clerk@S11"
QUEUE = "/admin/checkin/reportin/"
MORE = {"home": "样例县样例村党支部", "since": "2026-03", "occupation": "货车司机", "branch_contact": "韩书记",
        "branch_phone": "0559-0000001", "sensitive": True}  # fmt: skip
PROXY = {"proxy_name": "李小满", "proxy_relation": "女儿", "proxy_phone": "13900009999"}


@pytest.fixture
def sent(world: World) -> Callable[..., ReportIn]:
    """One more submission at the community's point, as the public page makes it."""

    def submit(name: str = "赵不同", phone: str = "13911112222", key: str = "C111", **more: Any) -> ReportIn:
        point, form_key = CheckinPoint.objects.get(organization=world.organization(key)), uuid.uuid4()
        given = {"name": name, "mobile": phone, **more}
        submit_report_in(door=Door(point.code_in_force.pk), client_key=form_key, given=given)
        return ReportIn.objects.select_related("organization").get(client_key=form_key)

    return submit


def test_file_and_movement_hold_what_the_form_said(world: World, acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        row = sent(**MORE)
        member = services.confirm_report_in(report_in=row, proof="national_system", by=by)
        (movement,) = member.movements.all()
        assert (member.new_employment, member.reported_on) == ("货车司机", row.submitted_on.isoformat())
        assert (movement.started_on, movement.home_text) == ("2026-03", "样例县样例村党支部")
        assert (movement.counterpart_contact, movement.counterpart_phone) == ("韩书记", "0559-0000001")
        assert movement.host_organization == world.organization("C111")


@pytest.mark.parametrize(("key", "linked"), [("C112", False), ("B111", True), ("C111", False)])
def test_home_from_the_tree_is_linked_within_reach_and_named_elsewhere(
    key: str, linked: bool, world: World, acting: Callable, sent: Callable
) -> None:
    with acting(CLERK) as by:
        home = world.organization(key)
        row = sent(home=home.name[:2], home_code=home.code, sensitive=True)
        (movement,) = services.confirm_report_in(report_in=row, proof="letter", by=by).movements.all()
        assert movement.home_organization == (home if linked else None)
        assert movement.home_text == ("" if linked else home.formal_name)


def test_linked_file_gets_what_is_missing_and_keeps_what_stands(world: World, acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        member = world.member("C111")
        member.movements.update(started_on="2020", home_text="", home_organization=None)
        services.link_report_in(report_in=sent(**MORE), member=member, proof="letter", by=by)
        movement = member.movements.get(ended_on="", direction="inflow")
        assert (movement.started_on, movement.home_text) == ("2020", "样例县样例村党支部")
        assert movement.counterpart_contact == "韩书记"


def test_registration_through_somebody_else_waits_for_a_call(acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        files, row = Member.objects.count(), sent(**PROXY)
        for decide in (
            lambda: services.confirm_report_in(report_in=row, proof="letter", by=by),
            lambda: services.link_report_in(report_in=row, member=Member.objects.first(), proof="letter", by=by),
        ):
            with pytest.raises(ValidationError):
                decide()
        assert Member.objects.count() == files
        services.confirm_report_in(report_in=row, proof="letter", by=by, has_called=True)
        assert Member.objects.count() == files + 1


def test_page_wants_the_call_and_then_asks_for_a_liaison(login: Callable, acting: Callable, sent: Callable) -> None:
    with acting(CLERK):
        row = sent(**PROXY)
    client, url = login(CLERK), f"{QUEUE}{row.pk}/change/"
    page = client.get(url)
    assert "李小满" in page.content.decode()
    assert "13900009999" not in page.content.decode()
    assert "13900009999" in client.post(url, {"reveal": "mobile"}).content.decode()
    form = {"decision": "confirm", "proof": "letter", "target": ""}
    form["shown_version"] = page.context["form"]["shown_version"].value()
    assert client.post(url, form).context["form"].errors.keys() == {"has_called"}
    after = client.post(url, form | {"has_called": "on"})
    with acting(CLERK):
        member = ReportIn.objects.get(pk=row.pk).member
    assert after.headers["Location"] == f"/admin/contacts/assign/{member.pk}/"


def test_member_is_taken_into_a_branch(world: World, acting: Callable, login: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        row = sent()
        member = services.confirm_report_in(report_in=row, proof="letter", by=by)
    client, url = login(CLERK), f"{QUEUE}{row.pk}/change/"
    form = {"decision": "join", "branch": str(world.organization("B111").pk), "joined_on": "2026-11-01"}
    assert "样例B111" in client.get(url).content.decode()
    assert client.post(url, form | {"joined_on": "2099-01-01"}).status_code == 200
    assert client.post(url, form | {"branch": str(world.organization("C112").pk)}).status_code == 200
    assert client.post(url, form).status_code == 302
    with acting(CLERK) as by:
        row.refresh_from_db()
        movement = member.movements.get(ended_on="")
        assert (row.state, row.proof) == ("joined", "letter")
        assert (movement.host_organization, movement.joined_host_on) == (world.organization("B111"), "2026-11-01")
        with pytest.raises(ValidationError):
            services.join_branch(report_in=row, branch=world.organization("B111"), on=date(2026, 11, 1), by=by)


def test_waiting_report_in_joins_no_branch(world: World, acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by, pytest.raises(ValidationError):
        services.join_branch(report_in=sent(), branch=world.organization("B111"), on=date(2026, 11, 1), by=by)


@pytest.mark.parametrize(("decision", "state"), [("duplicate", "duplicate"), ("mistaken", "mistaken"),
                                                 ("return", "returned")])  # fmt: skip
def test_several_are_closed_at_once_within_reach_only(
    decision: str, state: str, acting: Callable, sent: Callable
) -> None:
    with acting(STREET):
        own = [sent(phone=f"1391111000{n}") for n in range(3)]
        foreign = sent(key="C112")
    with acting(CLERK) as by:
        services.close_mistaken(report_in=own[0], by=by)
        keys = [row.pk for row in (*own, foreign)]
        with CaptureQueriesContext(connection) as queries:
            assert decide_many(keys=keys, given={"decision": decision}, by=by) == (2, 2)
        assert sum("update" in query["sql"].lower()[:10] for query in queries) == 1
        assert set(ReportIn.objects.filter(pk__in=keys[1:3]).values_list("state", flat=True)) == {state}
    with acting("street_admin@S11"):
        assert ReportIn.objects.get(pk=foreign.pk).is_open
        assert AuditEntry.objects.filter(action=f"report_in_{state}", object_id__in=keys[1:]).count() == 2


def test_several_are_referred_at_once(world: World, acting: Callable, sent: Callable) -> None:
    with acting(STREET) as by:
        rows = [sent(phone=f"1391111000{n}") for n in range(2)] + [sent(key="C112")]
        given = {"decision": "refer", "organization": world.organization("C112")}
        assert decide_many(keys=[row.pk for row in rows], given=given, by=by) == (2, 1)
    with acting(CLERK) as by:
        assert not ReportIn.objects.filter(pk__in=[row.pk for row in rows]).exists()


def test_several_are_confirmed_but_for_those_in_doubt(world: World, acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        known = world.member("C111")
        clear = [sent(name="新来甲", phone="13911110001"), sent(name="新来乙", phone="13911110002")]
        twice = sent(name="新来甲", phone="13911110001")
        doubtful = [sent(phone=mobile("C111")), sent(name=known.name), sent(**PROXY), twice]
        files = Member.objects.count()
        keys = [row.pk for row in (*clear, *doubtful)]
        assert decide_many(keys=keys, given={"decision": "confirm", "proof": "national_system"}, by=by) == (2, 4)
        assert Member.objects.count() == files + 2


def test_list_asks_before_it_decides(login: Callable, acting: Callable, sent: Callable) -> None:
    with acting(CLERK):
        rows = [sent(phone=f"1391111000{n}") for n in range(2)]
    client = login(CLERK)
    ticked = {"action": "decide_action", "_selected_action": [str(row.pk) for row in rows]}
    asked = client.post(QUEUE, ticked)
    assert asked.status_code == 200
    assert all(row.masked_mobile in asked.content.decode() for row in rows)
    assert client.post(QUEUE, ticked | {"decision": "confirm", "proof": ""}).status_code == 200
    assert client.post(QUEUE, ticked | {"decision": "mistaken"}).status_code == 302
    with acting(CLERK):
        states = set(ReportIn.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True))
    assert states == {"mistaken"}


def test_suggestion_knows_former_numbers_and_the_end_of_the_id_number(
    world: World, acting: Callable, sent: Callable
) -> None:
    with acting(CLERK) as by:
        member = world.member("C111")
        former = Phone(member=member, use="own", until_on="2025")
        former.number = "13911117777"
        former.save(force_insert=True)
        by_former = sent(phone="13911117777", id_tail=id_number("C111")[-6:])
        by_name = sent(name=member.name, id_tail="00000X")
        plain = sent(name=member.name, phone=mobile("C111"))
        found = suggest_members([by_former, by_name, plain], by)
        (match,) = found[by_former.pk]
        assert (match.member, match.has_mobile, match.is_former, match.has_tail) == (member, True, True, True)
        assert [match.has_tail for match in found[by_name.pk]] == [False]
        assert [match.has_tail for match in found[plain.pk]] == [None]


def test_those_that_wait_for_more_than_a_day_are_marked_and_listed(
    login: Callable, acting: Callable, sent: Callable
) -> None:
    with acting(CLERK):
        old, fresh = sent(name="等候已久"), sent(name="刚刚提交", phone="13911110001")
        for row, hours in ((old, 25), (fresh, 23)):
            ReportIn.objects.filter(pk=row.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
        ReportIn.objects.exclude(pk__in=[old.pk, fresh.pk]).update(submitted_at=timezone.now())
    client = login(CLERK)
    page = client.get(QUEUE + "?queue=late").content.decode()
    assert "等候已久" in page
    assert "刚刚提交" not in page
    tiles = {tile["link"]: tile["count"] for tile in client.get("/admin/").context["tiles"]}
    assert tiles[QUEUE + "?queue=late"] == 1


def test_decision_for_several_needs_the_actor(acting: Callable, sent: Callable) -> None:
    with acting(STREET) as by:
        row = sent()
    with acting("branch_secretary@B111") as reader:
        assert decide_many(keys=[row.pk], given={"decision": "duplicate"}, by=reader) == (0, 1)
        with pytest.raises(access.NoActor):
            decide_many(keys=[row.pk], given={"decision": "duplicate"}, by=by)
        with pytest.raises(PermissionDenied):
            services.mark_duplicate(report_in=row, by=reader)


def test_who_waits_longest_comes_first(login: Callable, acting: Callable, sent: Callable) -> None:
    with acting(CLERK) as by:
        rows = [sent(name) for name in ("赵最早", "钱稍晚", "孙已办")]
        for row, days in zip(rows, (3, 2, 4), strict=True):
            ReportIn.objects.filter(pk=row.pk).update(submitted_at=timezone.now() - timedelta(days=days))
        services.close_mistaken(report_in=rows[2], by=by)
    page = login(CLERK).get(QUEUE).content.decode()
    places = [page.index(name) for name in ("赵最早", "钱稍晚", "孙已办")]
    assert places == sorted(places)


def test_more_than_a_hundred_ticked_are_said_to_be_left(
    login: Callable, acting: Callable, sent: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkin.queue.batch.MOST", 2)
    with acting(CLERK):
        keys = [str(sent(name).pk) for name in ("赵一", "赵二", "赵三")]
    client = login(CLERK)
    ticked = {"action": "decide_action", "_selected_action": keys}
    assert "等待最久的 2 条" in client.post(QUEUE, ticked).content.decode()
    assert "等待最久的" not in client.post(QUEUE, ticked | {"_selected_action": keys[:2]}).content.decode()


def test_clerk_chooses_where_only_the_number_is_the_files(
    login: Callable, acting: Callable, sent: Callable, world: World
) -> None:
    """A wife's form from the family's phone is not linked to the husband's file by pressing a button."""
    with acting(CLERK):
        row, files = sent("李家属", mobile("C111")), Member.objects.count()
    client, url = login(CLERK), f"{QUEUE}{row.pk}/change/"
    page = client.get(url).content.decode()
    assert re.findall(r'name="target"[^>]*checked', page) == []
    version = re.search('name="shown_version" value="([^"]*)"', page)[1]  # type: ignore[index]
    form = {"decision": "confirm", "proof": "letter", "shown_version": version}
    answer = client.post(url, form)
    assert (answer.status_code, "请选择：" in answer.content.decode()) == (200, True)
    assert client.post(url, form | {"target": ""}).status_code == 302
    with acting(CLERK):
        assert Member.objects.count() == files + 1


@pytest.mark.django_db(transaction=True)
def test_two_forms_of_one_person_confirmed_at_once_make_one_file(acting: Callable, sent: Callable) -> None:
    with acting(CLERK):
        rows, files = [sent("赵不同"), sent("赵不同")], Member.objects.count()
    together, told = threading.Barrier(2), []

    def confirm(row: ReportIn) -> None:
        try:
            with acting(CLERK) as by:
                together.wait(30)
                services.confirm_report_in(report_in=row, proof="letter", by=by)
                time.sleep(0.3)  # the file is made, and not yet there for others
            told.append("made")
        except ValidationError:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["made", "refused"]
    with acting(CLERK):
        assert Member.objects.count() == files + 1
