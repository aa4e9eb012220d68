"""A pasted sheet of visits fills the table in, and asks where it is not clear."""

import datetime as dt
import io
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from contacts.logbook.pasting import MOST_LINES, read_file, read_sheet
from contacts.models import ContactLog
from members.ledger.workbook import LedgerRefused
from members.models import Member
from members.services import change_member
from tests.world import canary

TODAY = timezone.localdate()
CLERK = "community_clerk@C111"
PAGE = "/admin/contacts/log/paste/"


@pytest.fixture
def people(acting, make_member):
    with acting(CLERK) as actor:
        found = {
            "one": make_member(name="石评梅"),
            "first": make_member(name="张秀英"),
            "second": make_member(name="张秀英"),
        }
        for key, number in (("one", "13800007001"), ("first", "13800007002"), ("second", "13800007003")):
            change_member(member=found[key], values={"mobile": number}, by=actor)
    return found


def read(acting, text, who=CLERK):
    with acting(who) as actor:
        return read_sheet(text, by=actor)


def test_cells_are_known_by_what_stands_in_them(acting, people):
    text = "序号\t姓名\t手机号\t时间\t方式\t情况\n1\t石评梅\t138 0000 7001\t2026年11月2日\t电话\t近况良好,想学技术\n"
    (line,) = read(acting, text)
    assert [duty.member_id for duty in line.found] == [people["one"].pk]
    assert line.is_clear
    assert line.details == {"contacted_on": dt.date(2026, 11, 2), "method": "phone", "note": "近况良好,想学技术"}


@pytest.mark.parametrize(
    "text", ["石评梅 2026-11-02 走访 在家", "2026.11.2，石评梅，上门，在家", "石评梅\t2026/11/02\t入户走访\t在家"]
)
def test_order_and_signs_do_not_matter(acting, people, text):
    (line,) = read(acting, text)
    assert [duty.member_id for duty in line.found] == [people["one"].pk]
    assert line.details == {"contacted_on": dt.date(2026, 11, 2), "method": "visit", "note": "在家"}


def test_day_without_a_year_is_the_last_one(acting, people):
    tomorrow = TODAY + dt.timedelta(days=1)
    (line,) = read(acting, f"石评梅 {tomorrow.month}月{tomorrow.day}日")
    assert line.details["contacted_on"] == tomorrow.replace(year=tomorrow.year - 1)


def test_name_of_two_asks_and_a_number_tells_them_apart(acting, people):
    alone, with_number = read(acting, "张秀英 2026-11-02\n张秀英 13800007003 2026-11-02")
    assert {duty.member_id for duty in alone.found} == {people["first"].pk, people["second"].pk}
    assert not alone.is_clear
    assert [duty.member_id for duty in with_number.found] == [people["second"].pk]
    assert with_number.is_clear


def test_former_number_still_finds_the_person(acting, people):
    with acting(CLERK) as actor:
        change_member(member=Member.objects.get(pk=people["one"].pk), values={"mobile": "13800007009"}, by=actor)
    (line,) = read(acting, "13800007001 2026-11-02")
    assert [duty.member_id for duty in line.found] == [people["one"].pk]
    assert line.is_clear


def test_name_beside_the_number_of_another_is_not_clear(acting, people):
    (line,) = read(acting, "石评梅 13800007002")
    assert [duty.member_id for duty in line.found] == [people["one"].pk]
    assert not line.is_clear


def test_people_of_others_are_not_found(acting, people):
    for line in read(acting, f"{canary('C112')}\n{canary('C211')}\n没有这个人"):
        assert line.found == []
    assert [len(line.found) for line in read(acting, "石评梅", who="community_clerk@C112")] == [0]


@pytest.mark.parametrize(
    ("text", "code"), [("\n \n", "empty"), ("123\n", "empty"), ("甲乙\n" * (MOST_LINES + 1), "too_many_rows")]
)
def test_sheet_without_people_or_too_long(acting, people, text, code):
    with pytest.raises(LedgerRefused) as refused:
        read(acting, text)
    assert refused.value.code == code


def test_table_is_filled_in_and_saved(login, acting, people):
    client = login(CLERK)
    page = client.post(PAGE, {"sheet": "石评梅 2026-11-02 走访 在家\n张秀英 2026-11-03\n没有这个人 2026-11-03"})
    assert page.status_code == 200
    lines = {line.duty.member_id: line for line in page.context["lines"]}
    assert [lines[people[key].pk].is_ticked for key in ("one", "first", "second")] == [True, False, False]
    assert lines[people["first"].pk].hint
    assert [one.name for one, _why in page.context["unplaced"]] == ["没有这个人"]
    assert page.content.decode().count("没有这个人") == 1
    with acting(CLERK):
        assert not ContactLog.objects.filter(member=people["one"]).exists()  # nothing before the save
    duty = lines[people["one"].pk].duty
    sent = {"key": str(uuid.uuid4()), "row": [str(duty.pk)]} | {
        f"{duty.pk}-{name}": lines[people["one"].pk].form[name].value()
        for name in ("contacted_on", "method", "outcome", "note")
    }
    assert client.post("/admin/contacts/log/", sent).status_code == 302
    with acting(CLERK):
        row = ContactLog.objects.get(member=people["one"])
        assert (row.contacted_on, row.method, row.note) == (dt.date(2026, 11, 2), "visit", "在家")


def test_one_person_twice_is_said(login, people):
    page = login(CLERK).post(PAGE, {"sheet": "石评梅 2026-11-02\n石评梅 2026-11-03"})
    assert len(page.context["lines"]) == 1
    assert len(page.context["unplaced"]) == 1


def test_page_costs_the_same_for_many_rows(login, people, django_assert_max_num_queries):
    client, counts = login(CLERK), []
    for sheet in ("13800007001", "石评梅\n张秀英\n13800007002\n甲\n乙\n丙"):
        with django_assert_max_num_queries(40) as sent:
            client.post(PAGE, {"sheet": sheet})
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_empty_sheet_is_said(login, people):
    answer = login(CLERK).post(PAGE, {"sheet": ""})
    assert answer.status_code == 200
    assert answer.context["form"].errors["sheet"]


def book(*rows, hidden=()):
    made = openpyxl.Workbook()
    made.active.title = "说明"
    sheet = made.create_sheet("走访")
    for row in rows:
        sheet.append(row)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    made["说明"].sheet_state = "hidden"
    made["说明"].append(["张秀英", "13800007002"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_file_is_read_like_what_is_pasted(acting, people):
    """A title above, heads, a real date and a number as a number, a hidden row, a hidden sheet."""
    data = book(
        ["某社区2026年第四季度走访记录表"], ["序号", "姓名", "手机号", "走访时间", "情况"],
        [1, "石评梅", 13800007001, dt.date(2026, 11, 2), "近况良好"], [2, "张秀英", 13800007003, "2026.11.3", "在家"],
        [3, "张秀英", 13800007002, "2026.11.3", "藏起来的"], hidden=[5],
    )  # fmt: skip
    with acting(CLERK) as actor:
        first, second = read_file(data, by=actor)
    assert [duty.member_id for duty in first.found] == [people["one"].pk]
    assert first.details == {"contacted_on": dt.date(2026, 11, 2), "method": "visit", "note": "近况良好"}
    assert [duty.member_id for duty in second.found] == [people["second"].pk]


def test_file_fills_the_table_and_is_stored_once_saved(login, acting, people):
    client = login(CLERK)
    file = SimpleUploadedFile("走访.xlsx", book(["姓名", "时间"], ["石评梅", "2026-11-02"]))
    page = client.post(PAGE, {"file": file})
    (line,) = page.context["lines"]
    assert (line.is_ticked, line.duty.member_id) == (True, people["one"].pk)
    with acting(CLERK):
        assert not ContactLog.objects.filter(member=people["one"]).exists()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "姓名"),
        (b"PK\x03\x04 not a book", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "损坏"),
        (("姓名,时间\n" + "石评梅,2026-11-02\n" * (MOST_LINES + 1)).encode(), str(MOST_LINES)),
        (b"x" * (2 * 1024 * 1024 + 1), "太大"),
        (book(["姓名", "时间"]), "没有"),
    ],
)
def test_file_that_cannot_be_read_says_so_and_stores_nothing(login, acting, people, data, told):
    page = login(CLERK).post(PAGE, {"file": SimpleUploadedFile("走访.xlsx", data)})
    assert page.status_code == 200
    (error,) = page.context["form"].errors["file"]
    assert told in error
    with acting(CLERK):
        assert not ContactLog.objects.filter(member__in=list(people.values())).exists()
