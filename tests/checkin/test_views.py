"""The public page: one row for a form, one answer for everybody, nothing for a code that is not in force."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin import limits, services
from checkin.codes import make_code, receipt_number
from checkin.models import CheckinCode, ReportIn, random_code_id
from portal import access
from portal.roles import Purpose
from tests.world import World, mobile

KNOWN, ELSEWHERE = mobile("C111"), mobile("C221")
UNKNOWN, WAITING = "13911112222", "13900001115"
MINUTE = dt.timedelta(minutes=1)
VARIABLE = re.compile(r"\b\d{8}\b|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/s/)[\w-]{46}")


@pytest.fixture
def code_id(owner: psycopg.Connection) -> uuid.UUID:
    return _code_of(owner, "样例C111")


def _code_of(owner: psycopg.Connection, short_name: str) -> uuid.UUID:
    row = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " join portal_organization o on o.id = p.organization_id where o.short_name = %s",
        [short_name],
    ).fetchone()
    assert row is not None
    return row[0]


def _form(phone: str = UNKNOWN, name: str = "李建国", key: uuid.UUID | None = None) -> dict[str, str]:
    return {"name": name, "mobile": phone, "consent": "on", "client_key": str(key or uuid.uuid4())}


@pytest.fixture
def all_rows(world: World) -> Callable[[], list[ReportIn]]:
    """Every report-in of the world, as the check-in purpose sees them from the top of the tree."""

    def rows() -> list[ReportIn]:
        with access.acting_as(access.system_actor(Purpose.CHECKIN, world.organization("X"))):
            return list(ReportIn.objects.select_related("organization"))

    return rows


def test_page_read_writes_nothing_and_is_kept_nowhere(code_id: uuid.UUID, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/c/{make_code(code_id)}")
    assert response.status_code == 200
    assert [query["sql"].split("(")[0] for query in queries] == ["select * from portal.checkin_point"]
    page = response.content.decode()
    assert "报到点秘C111秘" in page
    assert "样例S11" in page
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "<script" not in page
    assert "style=" not in page


def test_form_sent_makes_one_row_in_that_queue_by_one_statement(
    code_id: uuid.UUID, client: Client, world: World, all_rows: Callable[[], list[ReportIn]]
) -> None:
    before = {row.pk for row in all_rows()}
    form = _form("+86 139-1111 2222", " 李 建国 ")
    with CaptureQueriesContext(connection) as queries:
        response = client.post(f"/c/{make_code(code_id)}", form)
    assert len(queries) == 1
    assert response.status_code == 200
    assert receipt_number(uuid.UUID(form["client_key"])) in response.content.decode()
    assert not response.cookies
    (row,) = [row for row in all_rows() if row.pk not in before]
    assert row.organization == world.organization("C111")
    assert (row.name, row.mobile, row.state) == ("李 建国", UNKNOWN, "waiting")
    assert row.consent_version


def test_form_sent_again_changes_nothing_and_answers_the_same(
    code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]]
) -> None:
    before, form = len(all_rows()), _form()
    answers = [client.post(f"/c/{make_code(code_id)}", form) for _ in range(3)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len(all_rows()) == before + 1


def test_form_corrected_and_sent_again_is_not_lost(
    code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]]
) -> None:
    before, key = len(all_rows()), uuid.uuid4()
    client.post(f"/c/{make_code(code_id)}", _form("13911112223", key=key))
    client.post(f"/c/{make_code(code_id)}", _form("13911112222", key=key))
    assert len(all_rows()) == before + 2


def test_answer_for_known_unknown_elsewhere_and_waiting_phone_is_the_same(code_id: uuid.UUID, client: Client) -> None:
    answers, statements = set(), set()
    for phone in (KNOWN, UNKNOWN, ELSEWHERE, WAITING, KNOWN):
        with CaptureQueriesContext(connection) as queries:
            response = client.post(f"/c/{make_code(code_id)}", _form(phone))
        headers = tuple(sorted(response.headers.items()))
        answers.add((response.status_code, VARIABLE.sub("*", response.content.decode()), headers))
        statements.add(tuple(re.sub(r"'[^']*'", "?", query["sql"]) for query in queries))
        assert phone not in response.content.decode()
    assert len(answers) == 1
    assert len({len(group) for group in statements}) == 1


def test_revoked_code_says_so_and_takes_nothing(
    code_id: uuid.UUID, client: Client, acting: Callable, all_rows: Callable[[], list[ReportIn]]
) -> None:
    with acting("community_clerk@C111") as by:
        services.revoke_code(code=CheckinCode.objects.select_related("point").get(pk=code_id), by=by)
    before = len(all_rows())
    for response in (client.get(f"/c/{make_code(code_id)}"), client.post(f"/c/{make_code(code_id)}", _form())):
        assert response.status_code == 410
        assert "<form" not in response.content.decode()
        assert "样例C111" in response.content.decode()
    assert len(all_rows()) == before


def test_renewed_code_works_and_the_old_one_does_not(code_id: uuid.UUID, client: Client, acting: Callable) -> None:
    with acting("community_clerk@C111") as by:
        point = CheckinCode.objects.select_related("point__organization").get(pk=code_id).point
        fresh = services.renew_code(point=point, by=by)
        services.renew_code(point=point, by=by)
        assert point.codes.filter(revoked_at=None).count() == 1
        fresh = point.codes.get(revoked_at=None)
    assert client.get(f"/c/{make_code(code_id)}").status_code == 410
    assert client.get(f"/c/{make_code(fresh.pk)}").status_code == 200


def test_forged_and_unknown_code_are_the_same_page(
    code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]]
) -> None:
    before, genuine = len(all_rows()), make_code(code_id)
    forged = genuine[:10] + ("A" if genuine[10] != "A" else "B") + genuine[11:]
    codes = [forged, make_code(random_code_id()), make_code(code_id, purpose="activity"), "x", "x" * 400]
    answers = {(r.status_code, r.content) for code in codes for r in [client.get(f"/c/{code}")]}
    answers |= {(r.status_code, r.content) for code in codes for r in [client.post(f"/c/{code}", _form())]}
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert len(all_rows()) == before


def test_forged_code_asks_the_database_nothing(db: None, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.post(f"/c/{'A' * 46}", _form())
    assert len(queries) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"name": "李"}, {"name": "李" * 51}, {"name": "<b>李</b>"}, {"name": "李建国13911112222"},
        {"mobile": ""}, {"mobile": "1391111222"}, {"mobile": "12911112222"}, {"mobile": "139111122223"},
        {"consent": ""}, {"client_key": "1"}, {"name": "李\0建国"},
    ],
)  # fmt: skip
def test_form_with_a_mistake_is_shown_again_and_takes_nothing(
    change: dict[str, str], code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]]
) -> None:
    before, form = len(all_rows()), _form() | change
    with CaptureQueriesContext(connection) as queries:
        response = client.post(f"/c/{make_code(code_id)}", form)
    assert len(queries) == 1
    page = response.content.decode()
    assert response.status_code == 200
    assert "<form" in page
    assert 'role="alert"' in page
    assert len(all_rows()) == before


def test_typed_values_come_back_escaped(code_id: uuid.UUID, client: Client) -> None:
    nasty = '"><script>alert(1)</script>'
    form = _form(phone=nasty, name=nasty) | {"client_key": nasty}
    page = client.post(f"/c/{make_code(code_id)}", form).content.decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


@pytest.mark.parametrize("typed", ["１３９１１１１２２２２", "139 1111 2222", "+8613911112222", "0086-139-1111-2222"])
def test_mobile_is_taken_however_it_was_typed(
    typed: str, code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]]
) -> None:
    client.post(f"/c/{make_code(code_id)}", _form(typed))
    assert UNKNOWN in {row.mobile for row in all_rows()}


@pytest.mark.parametrize("name", ["欧阳建国", "阿依古丽·买买提", "Anna-Maria O'Neil", "㐂〇"])
def test_name_of_any_people_is_taken(name: str, code_id: uuid.UUID, client: Client) -> None:
    assert "receipt" in client.post(f"/c/{make_code(code_id)}", _form(name=name)).content.decode()


def test_form_that_is_too_long_is_refused_unread(code_id: uuid.UUID, client: Client) -> None:
    body = "name=" + "a" * 9000
    response = client.post(f"/c/{make_code(code_id)}", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413


def test_other_methods_are_refused(code_id: uuid.UUID, client: Client) -> None:
    url = f"/c/{make_code(code_id)}"
    assert client.head(url).status_code == 200
    assert client.options(url).status_code == 204
    for response in (client.put(url), client.delete(url), client.patch(url)):
        assert response.status_code == 405
        assert "POST" in response.headers["Allow"]


def test_form_beyond_the_limit_comes_back_as_typed_and_says_when(
    code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_CODE", 1)
    url, before = f"/c/{make_code(code_id)}", len(all_rows())
    for step in ("", "find"):
        for _ in range(4):  # a new minute may begin meanwhile
            form = _form() | {"home": "样例支部", "home_code": "340103005001", "since": "2026-03", "step": step}
            with CaptureQueriesContext(connection) as queries:
                response = client.post(url, form)
            if response.status_code != 200:
                break
        page = response.content.decode()
        assert (response.status_code, len(queries)) == (429, 0)
        assert f"{limits.next_window():%H:%M}" in page or f"{limits.next_window() - MINUTE:%H:%M}" in page
        for typed in ("李建国", UNKNOWN, "样例支部", "340103005001", "2026-03", form["client_key"]):
            assert f'value="{typed}"' in page
        assert page.count("checked") == 1
        assert "aria-invalid" not in page
    assert len(all_rows()) <= before + 2


def test_portal_as_a_whole_takes_so_many_report_ins_a_minute(
    code_id: uuid.UUID, client: Client, all_rows: Callable[[], list[ReportIn]], settings: Any
) -> None:
    before, settings.REPORT_INS_PER_MINUTE = len(all_rows()), 0
    assert client.post(f"/c/{make_code(code_id)}", _form()).status_code == 429
    assert len(all_rows()) == before


def test_answer_beyond_the_limit_is_the_same_for_every_phone(
    code_id: uuid.UUID, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_CODE", 0)
    key, answers = uuid.uuid4(), set()
    for phone in (KNOWN, UNKNOWN, ELSEWHERE, WAITING):
        answer = client.post(f"/c/{make_code(code_id)}", _form(phone, key=key))
        text = re.sub(r"\b\d\d:\d\d\b", "*", answer.content.decode().replace(phone, "*"))
        answers.add((answer.status_code, text, tuple(sorted(answer.headers.items()))))
    assert {status for status, _text, _headers in answers} == {429}
    assert len({text for _status, text, _headers in answers}) == 1


def test_limits_of_all_processes_meet_in_redis(db: None) -> None:
    for _ in range(3):  # again where a new minute began meanwhile
        name, one, other = f"test:{uuid.uuid4()}", limits._Counters(), limits._Counters()
        for _ in range(50):
            one.count(name)
        counts = [other.count(name) for _ in range(limits.SHARE_EVERY)]
        if one.window == other.window:
            break
    assert counts[0] == 1
    assert counts[-1] == 50 + limits.SHARE_EVERY


def test_one_address_does_not_use_up_a_poster(code_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", 1)
    monkeypatch.setattr(limits, "PER_CODE", 3)
    url, flooding, other = f"/c/{make_code(code_id)}", Client(), Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(2):  # again where a new minute began meanwhile
        before = limits.next_window()
        statuses = [flooding.post(url, _form()).status_code for _ in range(5)]
        elsewhere = other.post(url, _form()).status_code
        if before == limits.next_window():
            break
    assert (statuses[-1], elsewhere) == (429, 200)
