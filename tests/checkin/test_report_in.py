"""The form beside name and number: home, consent, somebody else's hand, permanent addresses, and the receipt."""

import re
import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin import limits, services
from checkin.codes import make_code, receipt_number
from checkin.models import CheckinPoint, ReportIn, ReportInLink
from checkin.submissions import CONSENT_VERSION
from portal import access
from portal.roles import Purpose
from tests.world import World, canary, mobile

PERSON = {"name": "李建国", "mobile": "13911112222", "consent": "on"}
MORE = {"home": "样例县样例村党支部", "since": "2026年3月", "occupation": "货车司机", "id_tail": "00123x",
        "branch_contact": "韩书记", "branch_phone": "0559-0000001", "sensitive": "on"}  # fmt: skip
PROXY = {"proxy_name": "李小满", "proxy_relation": "女儿", "proxy_phone": "13900009999"}


@pytest.fixture
def url(owner: psycopg.Connection, world: World) -> str:
    found = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " where p.organization_id = %s", [world.organization("C111").pk]
    ).fetchone()  # fmt: skip
    assert found is not None
    return f"/c/{make_code(found[0])}"


@pytest.fixture
def links(acting: Callable, world: World) -> dict[str, ReportInLink]:
    """Addresses of the street S11 and of the community C121."""
    with acting("street_admin@S11"):
        street = ReportInLink.objects.create(
            organization=world.organization("S11"), word="xinghua", contact_phone="0551-1111111"
        )
    with acting("community_clerk@C121"):
        other = ReportInLink.objects.create(organization=world.organization("C121"), word="wuli2")
    return {"street": street, "community": other}


def _rows(world: World) -> list[ReportIn]:
    with access.acting_as(access.system_actor(Purpose.CHECKIN, world.organization("X"))):
        return list(ReportIn.objects.select_related("organization", "point").order_by("submitted_at"))


def _sent(client: Client, url: str, **form: str):  # noqa: ANN202
    return client.post(url, PERSON | {"client_key": str(uuid.uuid4())} | form)


def test_whole_form_is_stored_sealed(url: str, client: Client, world: World) -> None:
    before = len(_rows(world))
    assert _sent(client, url, **MORE).status_code == 200
    row = _rows(world)[-1]
    assert len(_rows(world)) == before + 1
    assert (row.home, row.since, row.occupation, row.id_tail) == ("样例县样例村党支部", "2026-03", "货车司机", "00123X")
    assert (row.branch_contact, row.branch_phone, row.way) == ("韩书记", "0559-0000001", "self")
    assert row.has_sensitive_consent
    assert row.consent_version == CONSENT_VERSION
    with access.acting_as(access.system_actor(Purpose.CHECKIN, world.organization("X"))):
        (stored,) = connection.cursor().execute(
            "select to_jsonb(r)::text || (select string_agg(to_jsonb(e)::text, '') from checkin_reportinevent e"
            " where e.id = r.id) from checkin_reportin r where id = %s", [row.pk]
        ).fetchone()  # fmt: skip
    for secret in ("样例村", "2026-03", "货车", "00123X", "韩书记", "0559", "李建国", "13911112222"):
        assert secret not in stored


def test_form_sent_again_with_the_same_key_is_one_row(url: str, client: Client, world: World) -> None:
    before, key = len(_rows(world)), str(uuid.uuid4())
    answers = {_sent(client, url, client_key=key, **MORE).content for _ in range(3)}
    assert len(answers) == 1
    assert len(_rows(world)) == before + 1
    _sent(client, url, client_key=key, **(MORE | {"home": "样例县样例镇党委"}))  # put right and sent again: not lost
    assert len(_rows(world)) == before + 2


@pytest.mark.parametrize("field", ["home", "id_tail", "branch_contact", "branch_phone"])
def test_sensitive_field_wants_its_own_consent(field: str, url: str, client: Client, world: World) -> None:
    before = len(_rows(world))
    page = _sent(client, url, **{field: MORE[field]}).content.decode()
    assert 'id="sensitive-error"' in page
    assert len(_rows(world)) == before
    assert 'class="receipt"' in _sent(client, url, since="2026", occupation="否").content.decode()
    assert not _rows(world)[-1].has_sensitive_consent


@pytest.mark.parametrize(
    "change",
    [{"since": "去年"}, {"since": "2099-01"}, {"id_tail": "12345"}, {"id_tail": "340103199001011234"},
     {"occupation": "皇帝"}, {"branch_phone": "请问"}, {"home": "村" * 101}, {"home_code": "x" * 50}],
)  # fmt: skip
def test_mistake_in_a_further_field_is_named(change: dict[str, str], url: str, client: Client, world: World) -> None:
    before = len(_rows(world))
    page = _sent(client, url, **(MORE | change)).content.decode()
    assert 'role="alert"' in page
    assert len(_rows(world)) == before


def test_registration_through_somebody_else_needs_all_about_this_one(url: str, client: Client, world: World) -> None:
    before = len(_rows(world))
    for name in PROXY:
        page = _sent(client, url, **{name: PROXY[name]}).content.decode()
        assert "<details open>" in page
        assert 'aria-invalid="true"' in page
    assert len(_rows(world)) == before
    _sent(client, url, **PROXY)
    row = _rows(world)[-1]
    assert (row.way, row.proxy_name, row.proxy_relation, row.proxy_phone) == ("proxy", "李小满", "女儿", "13900009999")


def test_answer_with_everything_filled_in_is_the_same_for_all_phones(url: str, client: Client) -> None:
    variable = re.compile(r"\b\d{8}\b|(?<=/s/)[\w-]{46}")
    answers, statements = set(), set()
    for phone in (mobile("C111"), mobile("C221"), "13911112222", "13900001115", mobile("C111")):
        with CaptureQueriesContext(connection) as queries:
            response = _sent(client, url, **(MORE | {"mobile": phone}))
        answers.add((response.status_code, len(response.content), variable.sub("*", response.content.decode())))
        statements.add(tuple(query["sql"].split("(")[0] for query in queries))
    assert len(answers) == 1
    assert statements == {("select * from portal.submit_report_in",)}


def test_home_is_found_in_the_tree_and_nothing_typed_is_lost(url: str, client: Client, world: World) -> None:
    before, home = len(_rows(world)), world.organization("B111")
    form = PERSON | PROXY | {"client_key": str(uuid.uuid4()), "step": "find", "home": home.name[:4], "since": "2026-3"}
    with CaptureQueriesContext(connection) as queries:
        page = client.post(url, form).content.decode()
    assert len(queries) == 2
    assert f'value="{home.code}"' in page
    assert page.count("13900009999") == 1
    assert form["client_key"] in page
    assert 'role="alert"' not in page
    assert len(_rows(world)) == before
    _sent(client, url, **(MORE | {"home": home.name[:4], "home_code": home.code}))
    assert _rows(world)[-1].home_code == home.code


def test_search_for_a_home_shows_names_of_organizations_only(url: str, client: Client) -> None:
    for text in ("秘", "没有这样的组织", "李", "%", "__", ""):
        page = client.post(url, PERSON | {"step": "find", "home": text, "client_key": "x"}).content.decode()
        assert 'name="home_code"' not in page
    found = client.post(url, {"step": "find", "home": "样例"}).content.decode()
    assert 1 < found.count('name="home_code"') <= 9
    assert not any(canary(key) in found for key in ("C112", "C121", "C211"))


def test_permanent_address_leads_to_the_queue_of_the_community_chosen(
    links: dict[str, ReportInLink], client: Client, world: World
) -> None:
    page = client.get("/bd/xinghua").content.decode()
    addresses = re.findall(r'href="(/bd/xinghua/\w+)"', page)
    assert addresses == [f"/bd/xinghua/{world.organization(key).code}" for key in ("C111", "C112", "S11")]
    for address, key in zip(addresses, ("C111", "C112", "S11"), strict=True):
        form = client.get(address).content.decode()
        assert "0551-1111111" in form
        form_key = uuid.uuid4()
        with CaptureQueriesContext(connection) as queries:
            assert 'class="receipt"' in _sent(client, address, client_key=str(form_key), **MORE).content.decode()
        assert len(queries) == 1
        (row,) = [row for row in _rows(world) if row.client_key == form_key]
        assert (row.organization, row.point) == (world.organization(key), None)


def test_permanent_address_reaches_no_other_office(
    links: dict[str, ReportInLink], client: Client, world: World
) -> None:
    before = len(_rows(world))
    foreign = [f"/bd/xinghua/{world.organization(key).code}" for key in ("C121", "B111", "D1", "S12")]
    for address in [*foreign, "/bd/xinghua/1", "/bd/nobody", "/bd/nobody/990101", "/bd/XINGHUA", "/bd/a'b/1"]:
        assert client.get(address).status_code == 404
    for address in [*foreign, "/bd/nobody/990101"]:
        assert _sent(client, address).status_code == 404
    assert len(_rows(world)) == before


def test_permanent_address_out_of_use_says_so(
    links: dict[str, ReportInLink], client: Client, world: World, acting: Callable
) -> None:
    with acting("street_admin@S11"):
        ReportInLink.objects.filter(word="xinghua").update(is_active=False)
    before, address = len(_rows(world)), f"/bd/xinghua/{world.organization('C111').code}"
    assert client.get("/bd/xinghua").status_code == 404
    assert client.get(address).status_code == _sent(client, address).status_code == 410
    assert len(_rows(world)) == before


def test_receipt_tells_how_far_it_has_got_and_no_more(url: str, client: Client, acting: Callable, world: World) -> None:
    key = uuid.uuid4()
    code = make_code(key, "receipt")
    sent = _sent(client, url, client_key=str(key), **(MORE | PROXY)).content.decode()
    assert f"/s/{code}" in sent
    assert client.get(f"/s/{code}.png").headers["Content-Type"] == "image/png"
    told = []
    with acting("community_clerk@C111") as by:
        row = ReportIn.objects.get(client_key=key)
        for state in ("waiting", "referred", "returned", "duplicate", "mistaken"):
            ReportIn.objects.filter(pk=row.pk).update(state=state)
            told.append(client.get(f"/s/{code}").content.decode())
        ReportIn.objects.filter(pk=row.pk).update(state="waiting")
        services.confirm_report_in(report_in=row, proof="letter", by=by, has_called=True)
        told.append(client.get(f"/s/{code}").content.decode())
    assert told[0] == told[1]
    assert told[3] == told[4] == told[5]
    assert len(set(told)) == 3
    for secret in ("李建国", "李小满", "13911112222", "2222", "样例村", canary("C112")):
        assert not any(secret in page for page in told)


def test_receipt_number_alone_leads_nowhere(url: str, client: Client, world: World) -> None:
    key = uuid.uuid4()
    _sent(client, url, client_key=str(key))
    number = receipt_number(key)
    found = client.post("/s/", {"receipt": number, "tail": "2222"}).content.decode()
    assert "样例C111" in found
    wrong = {client.post("/s/", {"receipt": number, "tail": "2223"}).content.decode().replace("2223", "*"),
             client.post("/s/", {"receipt": number, "tail": "0000"}).content.decode().replace("0000", "*")}  # fmt: skip
    assert len(wrong) == 1
    assert "样例C111" not in wrong.pop()
    for code in (make_code(key), make_code(uuid.uuid4(), "receipt"), make_code(key, "receipt")[:-1] + "!", "x"):
        assert client.get(f"/s/{code}").status_code == 404


def test_tails_of_a_receipt_cannot_be_tried_through(url: str, client: Client) -> None:
    key = uuid.uuid4()
    _sent(client, url, client_key=str(key))
    for _ in range(2):  # again where a new minute began meanwhile
        form = {"receipt": receipt_number(key), "tail": "0001"}
        statuses = [client.post("/s/", form).status_code for _ in range(limits.STATUS_PER_RECEIPT + 1)]
        if statuses[-1] == 429:
            break
    assert statuses[-1] == 429
    answer = client.post("/s/", form | {"tail": "2222"})
    assert answer.status_code == 429
    assert 'value="2222"' in answer.content.decode()
    assert "样例C111" not in answer.content.decode()


def test_pages_are_light(url: str, links: dict[str, ReportInLink], client: Client) -> None:
    import gzip
    from pathlib import Path

    style = gzip.compress(Path("static/checkin/public.css").read_bytes())
    key = str(uuid.uuid4())
    for page in (client.get(url), client.get("/bd/xinghua"), client.get("/s/"), _sent(client, url, client_key=key)):
        assert page.status_code == 200
        assert not page.cookies
        assert len(gzip.compress(page.content)) + len(style) < 30 * 1024
        assert b"<script" not in page.content
        assert b"style=" not in page.content


def test_state_names_a_phone_without_a_poster_and_after_a_referral(
    url: str, links: dict[str, ReportInLink], client: Client, acting: Callable, world: World
) -> None:
    """Who is told to call is told the number: of the office that has the form now."""
    by_link, by_point = str(uuid.uuid4()), str(uuid.uuid4())
    _sent(client, f"/bd/xinghua/{world.organization('C111').code}", client_key=by_link)
    _sent(client, url, client_key=by_point)
    with acting("street_clerk@S11") as by:
        CheckinPoint.objects.filter(organization=world.organization("C112")).update(contact_phone="0551-0000112")
        CheckinPoint.objects.filter(organization=world.organization("C111")).update(contact_phone="")
        ReportInLink.objects.filter(organization=world.organization("C111")).update(contact_phone="")
        ReportInLink.objects.filter(word="xinghua").update(contact_phone="0551-0000011")
        row = ReportIn.objects.select_related("organization").get(client_key=by_point)
        services.refer_report_in(report_in=row, organization=world.organization("C112"), by=by)
    pages = [client.get(f"/s/{make_code(uuid.UUID(key), 'receipt')}").content.decode() for key in (by_link, by_point)]
    assert ["0551-0000011" in pages[0], "0551-0000112" in pages[1]] == [True, True]
