"""That another organization holds somebody's ID number is told by nothing: no byte, no status, no statement more."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin.models import ReportIn
from members.models import Member
from members.same_people import services
from members.services import create_member
from portal import access
from tests.members.ledger.making import HEADER, person, xlsx
from tests.members.pairs import HOME, HOST, NUMBER, SUPERIOR, as_user, file, found, pair, step
from tests.security.walls import is_refused

CLERK = "community_clerk@C111"
KEY = uuid.UUID(int=77, version=4)
MASKED = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"  # keys
    # tokens, moments, and the first due date, which is spread by the file's own key
    r"|name=\"csrfmiddlewaretoken\" value=\"\w+|csrfToken\W+\w+|nonce[=-]['\"]?[\w+/=-]+|csrftoken=\w+|sessionid=\w+"
    r"|\d{4}-\d\d-\d\dT?[ ]?\d\d:\d\d(:\d\d)?|expires=[^;]+"
    r"|联系日期 [\d-]{10}|\w+, \d\d \w+ \d{4} [\d:]{8} GMT|value=\"\d+\.\d+\""
)


def _answer(response: Any, statements: int) -> tuple[Any, ...]:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = MASKED.sub("*", body.decode())
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}  # the text's
    return response.status_code, text, MASKED.sub("*", str(sorted(headers.items()))), statements


def _told(client: Client, method: str, path: str, data: Any = None) -> tuple[Any, tuple[Any, ...]]:
    with CaptureQueriesContext(connection) as asked:
        response = getattr(client, method)(path, data)
    return response, _answer(response, len(asked))


def _worlds(world: Any, act: Callable[[], list[Any]]) -> list[list[Any]]:
    """What `act` is told without a twin, with a hidden one, and with one whose case is open. All is undone."""
    told: list[list[Any]] = []
    for state in ("warm", "alone", "twin", "case"):
        with transaction.atomic():
            if state in ("twin", "case"):
                file(world, "C121", "inflow", name="双示例")
            if state == "case":  # of two strangers with this very number
                file(world, "C211", "outflow", name="双示例")
                assert services.find_same_people() == 1
            made = act()
            if state != "warm":
                told.append(made)
            transaction.set_rollback(True)
    return told


def _same(told: list[list[Any]]) -> None:
    alone, *others = told
    for other in others:
        assert len(other) == len(alone)
        for number, (one, two) in enumerate(zip(alone, other, strict=True)):
            assert one[0] == two[0], number
            assert one[1] == two[1], number
            assert one[2] == two[2], number
            assert one[3] == two[3], (number, one[3], two[3])


def test_saving_a_number_that_others_hold_tells_nothing(
    world: Any, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login(CLERK)
    values = {
        "name": "双示例", "organization": str(world.organization("C111").pk), "new_id_number": NUMBER,
        "new_mobile": "13800138001", "direction": "outflow", "started_on": "2026-01", "host_text": "外地",
    }  # fmt: skip

    def act() -> list[Any]:
        with monkeypatch.context() as patched:  # the first due date of a new file follows from its key
            patched.setattr(Member._meta.pk, "_get_default", lambda: KEY)
            response, told = _told(client, "post", "/admin/members/member/add/", values)
        assert response.status_code == 302, response.context["adminform"].form.errors
        assert str(KEY) in response.url
        answers = [told, _told(client, "get", response.url)[1]]
        refused = _told(client, "post", "/admin/members/member/add/", values | {"started_on": "wrong"})[1]
        lists = [_told(client, "get", path)[1] for path in ("/admin/members/member/", "/admin/")]
        return [*answers, refused, *lists]

    told = _worlds(world, act)
    assert "双示例" in told[0][1][1]
    _same(told)


def test_importing_a_number_that_others_hold_tells_nothing(world: Any, login: Any) -> None:
    client = login(CLERK)
    row = person(1, 姓名="双示例", 身份证号码=NUMBER, 出生日期="1949-12-31", 所属社区="样例C111居委会", 入党时间="")
    data = xlsx({"Sheet1": [HEADER, row]})

    def act() -> list[Any]:
        sent = {"file": SimpleUploadedFile("台账.xlsx", data), "organization": str(world.organization("C111").pk),
                "direction": ""}  # fmt: skip
        response, told = _told(client, "post", "/admin/members/ledgerimport/", sent)
        preview = _told(client, "get", response.url)[1]
        done = _told(client, "post", response.url, {"confirm": "1"})[1]
        with as_user(world, CLERK):
            assert Member.objects.filter(name="双示例").count() == 1
        return [told, preview, done, _told(client, "get", response.url)[1]]

    _same(_worlds(world, act))


def test_confirming_a_report_in_of_somebody_whom_others_hold_tells_nothing(world: Any, login: Any) -> None:
    client = login(CLERK)
    with as_user(world, CLERK):
        waiting = ReportIn.objects.get(organization=world.organization("C111"))
        name, mobile = waiting.name, waiting.mobile
    page = f"/admin/checkin/reportin/{waiting.pk}/change/"

    def act() -> list[Any]:
        shown, first = _told(client, "get", page)
        sent = {"decision": "confirm", "proof": "letter", "target": ""}
        sent["shown_version"] = shown.context["form"]["shown_version"].value()
        done = _told(client, "post", page, sent)[1]
        assert done[0] == 302
        return [first, done, _told(client, "get", page)[1]]

    def world_with(twin: bool) -> list[Any]:
        with transaction.atomic():
            if twin:
                file(world, "C121", "inflow", name=name, mobile=mobile)
            answers = act()
            transaction.set_rollback(True)
        return answers

    world_with(False)
    _same([world_with(False), world_with(True)])


SUPERIORS_ONLY = ("link_same_person('{case}')", "ask_same_person('{case}')", "undo_same_person('{case}')",
                  "dismiss_same_person('{case}', 'other_person')")  # fmt: skip


@pytest.mark.parametrize(
    "who", [None, HOME, HOST, "street_admin@S11", "street_admin@S12", "district_admin@D2", "city_viewer@X",
            "operator@X", "liaison@C111", "auditor@S11"],
)  # fmt: skip
def test_definers_are_refused_without_the_right(world: Any, who: str | None) -> None:
    home, _host = pair(world)
    case = found(world)
    calls = [f"select portal.{call.format(case=case.pk)}" for call in SUPERIORS_ONLY]
    calls += [f"select portal.{call.format(case=uuid.uuid4())}" for call in SUPERIORS_ONLY]  # absent: the same
    calls.append(f"select portal.find_same_people('{world.organization('D1').pk}')")
    # nobody is asked yet, so that not even the own side may answer
    calls.append(f"select portal.answer_same_person('{case.pk}', '{home.pk}', true, '')")
    if who is None:
        assert all(is_refused(call) for call in calls)
        return
    with as_user(world, who):
        assert [call for call in calls if not is_refused(call)] == []


@pytest.mark.parametrize("who", ["community_clerk@C112", "district_admin@D1", "city_admin@X", "liaison@C111", HOST])
def test_only_the_own_side_answers(world: Any, who: str) -> None:
    home, _host = pair(world)
    case = found(world)
    step(world, "ask_sides", case)
    with as_user(world, who):
        assert is_refused(f"select portal.answer_same_person('{case.pk}', '{home.pk}', true, '')")


def test_questions_and_counts_stay_inside(world: Any) -> None:
    pair(world)
    step(world, "ask_sides", found(world))
    told = {}
    for who in (HOME, HOST, "community_clerk@C112", SUPERIOR, "city_viewer@X", "street_clerk@S11", "liaison@C111"):
        with as_user(world, who), connection.cursor() as cursor:
            cursor.execute("select (select count(*) from portal.same_person_questions()), portal.same_people_counted()")
            told[who] = cursor.fetchone()
    assert told == {
        HOME: (1, 0), HOST: (1, 0), "community_clerk@C112": (0, 0), SUPERIOR: (0, 2), "city_viewer@X": (0, 2),
        "street_clerk@S11": (1, 0), "liaison@C111": (0, 0),
    }  # fmt: skip
    with connection.cursor() as cursor:  # nobody acts
        cursor.execute("select (select count(*) from portal.same_person_questions()), portal.same_people_counted()")
        assert cursor.fetchone() == (0, 0)


def test_app_role_cannot_link_by_hand(world: Any) -> None:
    home, host = pair(world)
    own = f"update members_member set same_as_id = '{home.pk}' where id = '{host.pk}'"
    with as_user(world, HOST):
        assert is_refused(own)
        assert is_refused(f"select portal.join_same_person('{uuid.uuid4()}')")
        assert is_refused(f"select * from portal.same_person_plan('{home.pk}', '{host.pk}')")
    with as_user(world, HOST) as by, pytest.raises(TypeError):
        create_member(
            organization=world.organization("C121"), values={"name": "双乙", "same_as": home}, by=by
        )  # fmt: skip


def test_purpose_of_one_tree_searches_no_other_node(world: Any) -> None:
    with access.acting_as(access.system_actor("duplicates", world.organization("D1"))):
        assert is_refused(f"select portal.find_same_people('{world.organization('X').pk}')")
        assert is_refused(f"select portal.find_same_people('{world.organization('D2').pk}')")
        assert not Member.objects.exists()  # it finds, and sees nobody
