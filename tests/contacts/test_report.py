"""联系服务统计: every number is the list behind it, at every level; superiors who see no member read counts alone."""

import datetime as dt
import re
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.reports.figures import KEYS, period_named
from contacts.services import assign_many, create_liaison
from portal.models import AuditEntry
from tests.contacts.conftest import log
from tests.world import canary

CLERK = "street_clerk@S11"
PAGE = "/admin/contacts/report/"
TODAY = timezone.localdate()

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(acting, make_member, world, live_since):
    """In C111 five people, in C112 one, in the street itself one; in C121 of another street three more."""
    ago = dt.timedelta(days=1)
    with acting(CLERK) as actor:
        live_since(TODAY - dt.timedelta(days=300))
        liaison = create_liaison(organization=world.organization("C111"), name="甲", by=actor)
        members = [make_member(name=f"人{number}") for number in range(5)]
        assign_many(members=members[:3], liaison=liaison, by=actor)
        make_member("C112", name="邻", direction="inflow", home=world.organization("C111"))
        make_member("S11", name="街")
        log(members[0], TODAY)
        log(members[0], TODAY - 121 * ago)
        log(members[1], TODAY, direction="from_member")
        log(members[1], TODAY - 120 * ago)
        log(members[2], TODAY - 200 * ago)
        log(members[3], TODAY, outcome="no_answer")
    with acting("street_clerk@S12"):
        for number in range(3):
            log(make_member("C121", name=f"远{number}"), TODAY)
    return liaison, members


def links(page):
    return re.findall(
        r'href="(/admin/contacts/report/list/[^"]+)">(\d+)</a>', page.content.decode().replace("&amp;", "&")
    )


@pytest.mark.parametrize("who", [CLERK, "street_admin@S11", "community_clerk@C111", "district_admin@D1"])
@pytest.mark.parametrize("period", ["month", "last_month", "year"])
def test_every_number_is_the_list_behind_it(office, login, who, period):
    client = login(who)
    page = client.get(PAGE, {"period": period})
    found = links(page)
    assert len(found) > 8
    for url, number in found:
        rows = client.get(url)
        assert (rows.context["count"], len(rows.context["rows"])) == (int(number), int(number)), url


def test_counts_of_a_community(office, login):
    report = login("community_clerk@C111").get(PAGE, {"period": "year"}).context
    own = next(line.counts for line, _cells in report["lines"] if line.organization == report["node"])
    assert own["eligible", ""] == 6  # five and the world's own
    assert own["with_liaison", ""] == 4
    assert own["duties", "home"] == 6  # and the home side of the neighbour's
    third = int((TODAY - dt.timedelta(days=200)).year == TODAY.year)
    assert own["contacted", "home"] == 2 + third
    assert own["on_time", "home"] == 1 + third  # 121 days between two contacts of the first: too late under 120
    assert own["overdue", "home"] == 1
    assert own["from_member", ""] == 1
    assert ("unaccounted", "") not in own
    liaison = {line.title: line.counts for line, _cells in report["liaisons"]}["甲"]
    assert (liaison["with_liaison", ""], liaison["duties", ""], liaison["contacted", ""]) == (3, 3, 2 + third)
    assert liaison["overdue", ""] == 1


def test_street_adds_up_its_communities_in_their_order(office, login):
    report = login(CLERK).get(PAGE).context
    lines = [line for line, _cells in report["lines"]]
    codes = [line.organization.code for line in lines[:-1]]
    assert codes == sorted(codes)
    assert lines[-1].organization == report["node"]
    eligible = [line.counts.get(("eligible", ""), 0) for line in lines]
    assert eligible == [6, 2, 1]
    assert [cell.number for cell in report["total"]][0] == 9


@pytest.mark.parametrize("who", ["city_viewer@X", "district_viewer@D1", "city_admin@X"])
def test_superior_without_members_reads_counts_and_no_name(office, login, who):
    client = login(who)
    page = client.get(PAGE)
    text = page.content.decode()
    assert page.context["total"][0].number >= 10
    assert links(page) == []
    assert page.context["liaisons"] == []
    for name in ("人0", "甲（", canary("C111")):
        assert name not in text
    url = f"{PAGE}list/?organization={page.context['node'].code}&part={page.context['lines'][0][0].organization.code}"
    assert client.get(f"{url}&figure=eligible&side=").status_code == 404


@pytest.mark.parametrize("key", ["C121", "S12", "D1", "X", "C211"])
def test_organization_out_of_reach_is_absent(office, login, world, key):
    code = world.organization(key).code
    client = login("community_clerk@C111")
    assert client.get(PAGE, {"organization": code}).status_code == 404
    assert client.post(f"{PAGE}?organization={code}", {"kind": "xlsx"}).status_code == 404
    own = world.organization("C111").code
    wanted = {"organization": own, "part": code, "figure": "eligible", "side": ""}
    assert client.get(f"{PAGE}list/", wanted).status_code == 404


def test_liaison_of_another_street_has_no_rows(office, login, owner, world):
    (foreign,) = owner.execute(
        "select id from contacts_liaison where organization_id = %s limit 1", [world.organization("C121").pk]
    ).fetchone()
    wanted = {"organization": world.organization("S11").code, "figure": "duties", "side": "", "liaison": str(foreign)}
    assert login(CLERK).get(f"{PAGE}list/", wanted).status_code == 404


@pytest.mark.parametrize("wrong", [{"period": "ever"}, {"organization": "\0"}, {"organization": "nowhere"}])
def test_unknown_words_in_the_address_are_absent(login, wrong):
    assert login(CLERK).get(PAGE, wrong).status_code == 404


def test_contact_counts_from_the_first_day_to_the_last(acting, make_member, login, world):
    first = TODAY.replace(day=1)
    with acting(CLERK):
        before, on = make_member(name="前"), make_member(name="当")
        log(before, first - dt.timedelta(days=1))
        log(on, first)
    client = login("community_clerk@C111")
    wanted = {"organization": (code := world.organization("C111").code), "part": code, "figure": "contacted",
              "side": "home"}  # fmt: skip

    def names(period):
        return {row.member.name for row in client.get(f"{PAGE}list/", wanted | {"period": period}).context["rows"]}

    assert names("month") == {"当"}
    assert names("last_month") == {"前"}


@pytest.mark.parametrize(
    ("name", "day", "first", "last"),
    [
        ("month", "2028-02-29", "2028-02-01", "2028-02-29"),
        ("last_month", "2026-01-01", "2025-12-01", "2025-12-31"),
        ("quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-02-28", "2025-10-01", "2025-12-31"),
        ("last_quarter", "2026-04-01", "2026-01-01", "2026-03-31"),
        ("year", "2026-11-22", "2026-01-01", "2026-12-31"),
    ],
)
def test_periods_end_with_their_months(name, day, first, last):
    period = period_named(name, dt.date.fromisoformat(day))
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


def test_file_holds_what_the_page_shows_and_is_recorded(office, login, acting):
    client = login(CLERK)
    shown = client.get(PAGE, {"period": "year"}).context
    answer = client.post(f"{PAGE}?period=year", {"kind": "xlsx"})
    book = openpyxl.load_workbook(BytesIO(answer.content))
    rows = [[str(cell) for cell in row if cell is not None] for row in book.worksheets[0].iter_rows(values_only=True)]
    total = rows[-1]
    assert total[1] == str(shown["total"][0].number)
    assert len(rows) == 3 + len(shown["lines"]) + 1
    assert any("甲" in str(row[0]) for row in book.worksheets[1].iter_rows(values_only=True))
    assert "no-store" in answer["Cache-Control"]
    with acting("street_admin@S11"):
        entry = AuditEntry.objects.get(action="export_report")
        assert entry.detail["format"] == "xlsx"
    assert client.post(PAGE, {"kind": "exe"}).status_code == 404


def test_file_of_a_superior_names_no_liaison(office, login):
    book = openpyxl.load_workbook(BytesIO(login("city_viewer@X").post(PAGE, {"kind": "xlsx"}).content))
    assert len(book.worksheets) == 1


def test_page_costs_the_same_however_many_people(office, acting, make_member, login):
    client, counts = login(CLERK), []
    for _turn in range(2):
        client.get(PAGE)
        with CaptureQueriesContext(connection) as sent:
            client.get(PAGE)
        counts.append(len(sent))
        with acting(CLERK):
            make_member(name="又一")
    assert counts[0] == counts[1]


def test_all_numbers_are_asked_for_by_a_known_word():
    assert ("eligible", "") in KEYS
    assert ("eligible", "home") not in KEYS


def test_side_outside_the_portal_is_in_no_number(office, login):
    """Everybody of C111 has a host outside: a row without dates, and no task of anybody."""
    report = login("community_clerk@C111").get(PAGE, {"period": "year"}).context
    own = next(line.counts for line, _cells in report["lines"] if line.organization == report["node"])
    assert own["duties", "host"] == 1  # the world's own member, who is incoming


def test_people_out_of_reach_are_counted_for_everybody_who_reads_totals(acting, make_member, login, world, office):
    """The other side's contact counts for the number as for the list, though its records are its own."""
    with acting(CLERK):
        out = [make_member(name="查无"), make_member("C112", name="查无二")]
        met = make_member(name="对方联系上", host=world.organization("C121"))
        for member in (*out, met):
            for days, method in ((40, "phone"), (20, "wechat"), (5, "phone")):
                log(member, TODAY - dt.timedelta(days=days), outcome="no_answer", method=method)
    with acting("community_clerk@C121"):
        log(met, TODAY, organization_id=world.organization("C121").pk, side="host")
    numbers = {}
    for who in (CLERK, "street_admin@S11", "city_viewer@X", "district_admin@D1"):
        page = login(who).get(PAGE, {"organization": world.organization("S11").code})
        numbers[who] = [line.counts.get(("unreachable", ""), 0) for line, _cells in page.context["lines"]]
    assert set(map(tuple, numbers.values())) == {(1, 1, 0)}
    own = world.organization("C111").code
    wanted = {"organization": own, "part": own, "figure": "unreachable", "side": ""}
    rows = login("community_clerk@C111").get(f"{PAGE}list/", wanted).context
    assert [row.member.name for row in rows["rows"]] == ["查无"]
