"""The phone pages of a desk: one row for a form, one answer for everybody, nothing for a code that opens nothing."""

import datetime as dt
import gzip
import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.contrib.staticfiles import finders
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin import devices, limits
from checkin.arrivals import services
from checkin.arrivals.codes import SPAN_SECONDS, make_code, screen_code
from checkin.arrivals.enums import Assurance
from checkin.arrivals.matching import match_desk
from checkin.arrivals.models import Desk, Scan
from portal import access
from tests.checkin.arrivals.conftest import Phone
from tests.world import World, canary, device_secret, mobile

KNOWN, ELSEWHERE, UNKNOWN = mobile("C111"), mobile("C221"), "13911112222"
COUNT = "select count(*) from checkin_scan where desk_id = %s"


def _code(desk: Desk) -> str:
    return screen_code(desk.pk, time.time())


def _count(desk: Desk) -> int:
    with access.acting_as(access.system_actor("checkin", desk.organization_id)):
        return Scan.objects.filter(desk=desk).count()


def _typed(phone: str = UNKNOWN, name: str = "李建国") -> dict[str, str]:
    return {"name": name, "mobile": phone}


def test_page_read_stores_nothing_and_shows_nothing_but_the_activity(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    with CaptureQueriesContext(connection) as queries:
        page = client.scan(_code(desk))
    assert (page.status_code, len(queries), _count(desk)) == (200, 1, 0)
    text = page.content.decode()
    assert "冬季大扫除" in text
    assert "<title>社区服务</title>" in text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["form-action"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "script-src" not in policy
    assert "<script" not in text
    assert "style=" not in text
    assert set(page.cookies) == {"member-device"}
    assert not client.scan(_code(desk)).cookies  # the phone has its own already


def test_first_page_is_light_and_asks_nobody_else(open_desk: Any, phone: Any) -> None:
    text = phone().scan(_code(open_desk())).content.decode()
    assert re.findall(r"https?://", text) == []
    parts = [text.encode()]
    for name in re.findall(r'(?:src|href)="/static/([^"?]+)"', text):
        found = finders.find(name)
        assert isinstance(found, str)
        with open(found, "rb") as file:
            parts.append(file.read())
    assert len(parts) == 2
    assert sum(len(gzip.compress(part)) for part in parts) < 30 * 1024


def test_form_sent_makes_one_scan_by_one_statement(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    with CaptureQueriesContext(connection) as queries:
        answer = client.send(**_typed("+86 139-1111 2222", " 李 建国 "))
    assert (answer.status_code, len(queries)) == (200, 1)
    with access.acting_as(access.system_actor("checkin", desk.organization_id)):
        scan = Scan.objects.get(desk=desk)
    assert (scan.name, scan.mobile, scan.assurance, scan.member_id) == ("李 建国", UNKNOWN, "screen", None)
    assert scan.device_digest is not None


def test_form_sent_again_changes_nothing_and_answers_the_same(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    answers = {(answer.status_code, answer.content) for answer in (client.send(**_typed()) for _ in range(4))}
    assert (len(answers), _count(desk)) == (1, 1)


def test_answer_for_known_unknown_elsewhere_and_repeated_is_the_same(
    open_desk: Any, phone: Any, acting: Callable[[str], Any], renamed: Callable[[str, str], None]
) -> None:
    desk, answers, statements = open_desk("S11"), set(), set()
    renamed("C111", "程栩宁")
    renamed("C112", "丁昀例")
    with acting("street_clerk@S11") as by:  # somebody who is on the list already
        services.add_people(desk=desk, members=[World().member("C112").pk], is_late=False, by=by)
    for name, number in (
        ("程栩宁", KNOWN), ("李建国", UNKNOWN), ("李建国", ELSEWHERE), ("丁昀例", mobile("C112")), ("程栩宁", KNOWN),
    ):  # fmt: skip
        client = phone()
        client.scan(_code(desk))
        with CaptureQueriesContext(connection) as queries:
            answer = client.send(**_typed(number, name))
        answers.add((answer.status_code, answer.content, tuple(sorted(answer.headers.items()))))
        statements.add(tuple(re.sub(r"'[^']*'", "?", query["sql"]) for query in queries))
        assert not answer.cookies
    assert len({status for status, _content, _headers in answers}) == 1
    assert len({content for _status, content, _headers in answers}) == 1
    assert len({headers for _status, _content, headers in answers}) == 1
    assert {len(group) for group in statements} == {1}
    content = answers.pop()[1].decode()
    assert KNOWN not in content
    assert "程栩宁" not in content
    assert _count(desk) == 5


def test_name_is_never_shown_for_a_typed_number(
    open_desk: Any, phone: Any, acting: Callable[[str], Any], renamed: Callable[[str, str], None]
) -> None:
    desk, client = open_desk(), phone()
    renamed("C111", "程栩宁")
    client.scan(_code(desk))
    client.send(**_typed(KNOWN, "程栩宁"))
    with acting("community_clerk@C111") as by:
        match_desk(desk=desk, by=by)
        assert desk.arrivals.get().is_sure is True  # type: ignore[attr-defined]
    assert "程栩宁" not in client.scan(_code(desk)).content.decode()


def test_known_phone_is_greeted_and_types_nothing(open_desk: Any, phone: Any, world: World) -> None:
    desk, client = open_desk(), phone(device_secret("C111"))
    page = client.scan(_code(desk))
    ((device, name),) = page.context["people"]
    assert name == canary("C111")
    with CaptureQueriesContext(connection) as queries:
        answer = client.send(known=device)
    assert (answer.status_code, len(queries)) == (200, 1)
    assert canary("C111") in answer.content.decode()
    with access.acting_as(access.system_actor("checkin", desk.organization_id)):
        assert [scan.mobile for scan in Scan.objects.filter(desk=desk).exclude(member=None)] == [""]


def test_phone_of_a_member_of_elsewhere_types_like_any_other(open_desk: Any, phone: Any, world: World) -> None:
    desk, here, elsewhere = open_desk(), phone(device_secret("C111")), phone(device_secret("C112"))
    assert len(here.scan(_code(desk)).context["people"]) == 1
    assert elsewhere.scan(_code(desk)).context["people"] == []
    foreign = devices.people(devices.digest(device_secret("C112")))[0].device_id
    elsewhere.send(known=str(foreign))
    assert _count(desk) == 0
    assert len(elsewhere.scan(_code(open_desk("S11"))).context["people"]) == 1


def test_phone_that_is_not_known_stands_for_nobody(open_desk: Any, phone: Any, world: World) -> None:
    desk, known, other = open_desk(), phone(device_secret("C111")), phone()
    ((device, _name),) = known.scan(_code(desk)).context["people"]
    other.scan(_code(desk))
    answer = other.send(known=device)
    assert canary("C111") not in answer.content.decode()
    assert ('name="mobile"' in answer.content.decode(), _count(desk)) == (True, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ("closed_at = now()", 410, "签到已结束"),
        ("closes_at = now() - interval '1 minute'", 410, "签到已结束"),
        ("opens_at = now() + interval '1 hour'", 403, "签到还没有开始"),
        ("poster_number = poster_number + 1", 410, "此码已停用"),
    ],
)
def test_desk_that_is_not_open_says_so_and_takes_nothing(
    change: str, status: int, word: str, open_desk: Any, phone: Any, owner: psycopg.Connection
) -> None:
    desk, client = open_desk(), phone()
    code = make_code(desk.pk, Assurance.POSTER, 0)
    assert client.scan(code).status_code == 200
    owner.execute(f"update checkin_desk set {change} where id = %s", [desk.pk])  # type: ignore[arg-type]
    for answer in (client.send(**_typed()), client.scan(code)):
        assert answer.status_code == status
        assert "<form" not in answer.content.decode()
        assert word in answer.content.decode() or "h1" in answer.content.decode()
    assert _count(desk) == 0


def test_stale_code_opens_no_page_but_a_ticket_in_hand_counts(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    old = screen_code(desk.pk, time.time() - 3 * SPAN_SECONDS)
    assert phone().scan(old).status_code == 410
    client.scan(_code(desk))
    fresh = client.form
    client.code = old  # a photographed code with a ticket of another
    assert client.send(**_typed()).status_code == 410
    assert client.client.post(f"/a/{old}", _typed() | {"client_key": str(uuid.uuid4())}).status_code == 410
    client.code, client.form = client.page.wsgi_request.path.rpartition("/")[2], fresh
    assert client.send(**_typed()).status_code == 200
    assert _count(desk) == 1


def test_ticket_is_not_renewed_by_mistakes_and_is_used_up_by_three_people(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    assert client.send(mobile="1").context["entry"].ticket == client.form["ticket"]
    answers = [client.send(**_typed(f"1391111{number:04d}")) for number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 410]
    again = client.send(**_typed("13911110000"))  # the first one's form, sent again
    assert (again.status_code, _count(desk)) == (200, 3)


def test_forged_and_unknown_codes_are_one_page_and_ask_nothing(open_desk: Any, db: None) -> None:
    desk = open_desk()
    genuine = _code(desk)
    forged = [genuine[:20] + ("A" if genuine[20] != "A" else "B") + genuine[21:], "x", "x" * 300]
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        answers = {client.get(f"/a/{code}").content for code in forged} | {
            client.post(f"/a/{code}", _typed()).content for code in forged
        }
    assert (len(answers), len(queries)) == (1, 0)
    unknown = Client().get(f"/a/{screen_code(uuid.uuid4(), time.time())}")
    assert (unknown.status_code, unknown.content) == (404, answers.pop())


@pytest.mark.parametrize(
    "typed",
    [{"name": ""}, {"name": "李"}, {"name": "<b>李</b>"}, {"mobile": "1391111222"}, {"mobile": ""}, {"name": "李\0建"},
     {"name": "李" * 51}],
)  # fmt: skip
def test_form_with_a_mistake_is_shown_again_with_its_key(typed: dict[str, str], open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    answer = client.send(**(_typed() | typed))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'role="alert"' in page
    assert client.form["client_key"] in page
    assert _count(desk) == 0


def test_typed_values_come_back_escaped(open_desk: Any, phone: Any) -> None:
    client, nasty = phone(), '"><script>alert(1)</script>'
    client.scan(_code(open_desk()))
    page = client.send(name=nasty, mobile=nasty).content.decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_form_too_long_or_of_another_method_is_refused(open_desk: Any, phone: Any) -> None:
    client = phone()
    client.scan(_code(open_desk()))
    assert client.send(name="a" * 9000).status_code == 413
    assert client.client.put(f"/a/{client.code}").status_code == 405


def test_eight_digits_lead_to_the_poster_of_the_desk(open_desk: Any, acting: Any, client: Client) -> None:
    desk = open_desk()
    assert client.post("/a/", {"digits": desk.typed_code}).status_code == 200  # no poster was made yet
    with acting("community_clerk@C111") as by:
        services.renew_poster(desk=desk, by=by)
    answer = client.post("/a/", {"digits": f"{desk.typed_code[:4]} {desk.typed_code[4:]}"})
    assert (answer.status_code, answer["Location"]) == (303, f"/a/{make_code(desk.pk, Assurance.POSTER, 1)}")
    for wrong in ("", "1234567", "000000000", "abcdefgh"):
        assert client.post("/a/", {"digits": wrong}).status_code == 200
    with acting("community_clerk@C111") as by:
        services.renew_poster(desk=desk, by=by)
    assert client.get(answer["Location"]).status_code == 410


def test_one_phone_sends_a_few_forms_a_minute(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    answers = [client.send(**_typed()) for _ in range(2 * limits.PER_PHONE + 1)]  # a new minute may begin meanwhile
    assert {answer.status_code for answer in answers} == {200, 429}
    text = answers[-1].content.decode()
    for typed in (*_typed().values(), client.form["client_key"], client.form["ticket"]):
        assert f'value="{typed}"' in text
    assert re.search(r"\b\d\d:\d\d\b", text)
    assert text.count(">签到</button>") == 1
    leaving = client.send(**_typed(), leaving="1").content.decode()
    assert ('name="leaving" value="1">签退<' in leaving, ">签到</button>" in leaving) == (True, False)
    other = phone()
    other.scan(_code(desk))
    assert other.send(**_typed()).status_code == 200


def test_portal_as_a_whole_takes_so_many_scans_a_minute(open_desk: Any, phone: Any, settings: Any) -> None:
    desk, settings.CHECKINS_PER_MINUTE = open_desk(), 0
    client = phone()
    client.scan(_code(desk))
    assert (client.send(**_typed()).status_code, _count(desk)) == (429, 0)
    typed = client.client.post("/a/", {"digits": "1234 5678"})
    assert (typed.status_code, 'value="1234 5678"' in typed.content.decode()) == (429, True)


def test_answer_beyond_the_limit_is_the_same_for_every_phone(
    open_desk: Any, phone: Any, renamed: Any, settings: Any
) -> None:
    desk, answers = open_desk(), set()
    renamed("C111", "程栩宁")
    client = phone()
    client.scan(_code(desk))
    settings.CHECKINS_PER_MINUTE = 0
    for name, number in (("程栩宁", KNOWN), ("李建国", UNKNOWN), ("方珩拟", ELSEWHERE)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.send(**_typed(number, name))
        text = answer.content.decode().replace(name, "*").replace(number, "*")
        answers.add((answer.status_code, re.sub(r"\b\d\d:\d\d\b", "*", text), tuple(sorted(answer.headers.items()))))
        assert len(queries) == 0
    assert len(answers) == 1


def test_known_phone_beyond_the_limit_presses_the_same_button_again(open_desk: Any, phone: Any, settings: Any) -> None:
    desk, client = open_desk(), phone(device_secret("C111"))
    known = re.search('name="known" value="([^"]+)"', client.scan(_code(desk)).content.decode())[1]  # type: ignore[index]
    settings.CHECKINS_PER_MINUTE = 0
    refused = client.send(known=known)
    assert (refused.status_code, f'name="known" value="{known}"' in refused.content.decode()) == (429, True)
    assert canary("C111") not in refused.content.decode()
    settings.CHECKINS_PER_MINUTE = 10**6
    assert (client.send(known=known).status_code, _count(desk)) == (200, 1)


@pytest.mark.django_db(transaction=True)
def test_database_away_keeps_the_form_and_its_key(open_desk: Any, phone: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    settings, name = connection.settings_dict, connection.settings_dict["NAME"]
    connection.close()
    settings["NAME"] = f"{name}_away"
    try:
        answer = client.send(**_typed())
        assert client.client.get(f"/a/{client.code}").status_code == 503
    finally:
        connection.close()
        settings["NAME"] = name
    assert answer.status_code == 503
    shown = answer.context["entry"]
    assert (str(shown.key), shown.name) == (client.form["client_key"], "李建国")
    client.form["ticket"] = shown.ticket
    assert (client.send(**_typed()).status_code, _count(desk)) == (200, 1)


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_a_hundred_times_at_once_is_one_scan(open_desk: Any, phone: Any, monkeypatch: Any) -> None:
    desk, client = open_desk(), phone()
    client.scan(_code(desk))
    monkeypatch.setattr(limits, "PER_PHONE", 1000)
    statuses = _at_once(100, lambda _number: client.send(**_typed()).status_code)
    assert (set(statuses), _count(desk)) == ({200}, 1)


@pytest.mark.django_db(transaction=True)
def test_closing_while_phones_check_in_loses_none_that_was_told_so(open_desk: Any, acting: Any) -> None:
    desk = open_desk()
    code = make_code(desk.pk, Assurance.POSTER, 0)

    def one(number: int) -> int:
        if number == 20:
            with acting("community_clerk@C111") as by:
                services.close_desk(desk=desk, by=by)
            return 0
        phone = Phone()
        if phone.scan(code).status_code != 200:
            return 410
        return phone.send(**_typed(f"1391112{number:04d}")).status_code

    statuses = _at_once(40, one)
    assert set(statuses) <= {0, 200, 410}
    assert _count(desk) == statuses.count(200)
    assert Client().get(f"/a/{code}").status_code == 410


def _at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    def closing(number: int) -> Any:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(closing, range(count)))


def test_page_of_a_cancelled_activity_is_closed(open_desk: Any, phone: Any, acting: Any) -> None:
    desk = open_desk()
    with acting("community_clerk@C111"):
        desk.activity.is_cancelled = True
        desk.activity.save()
    assert phone().scan(_code(desk)).status_code == 410
    assert desk.state_at(timezone.now() + dt.timedelta(minutes=1)) == "closed"
