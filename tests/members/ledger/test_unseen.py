"""Sheets of offices that no rule was written for: what they hold is stored right, or asked about. Synthetic people."""

import datetime
import io
import re
import zipfile
from typing import Any

import pytest

from members.ledger.cell import ASK, ERROR, FIXED, OK
from members.ledger.headers import find_header
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import Interpretation, LedgerRow
from members.ledger.workbook import Sheet, Workbook
from tests.members.ledger.making import HEADER, TODAY, id_number, person, xlsx
from tests.members.ledger.office import files
from tests.members.ledger.office.grid import Grid


def people(result: Interpretation) -> list[LedgerRow]:
    return [row for row in result.rows if row.kind == "data"]


def codes(row: LedgerRow) -> set[str]:
    return {problem.code for problem in row.problems}


def fields_of(*header: list[Any]) -> dict[str, str]:
    """{header: field or status}."""
    found = find_header(Sheet("a", [list(row) for row in header]))
    assert found is not None
    return {column.header: column.field or column.status for column in found.columns}


def one_row(header: list[str], row: list[Any], **sheet: Any) -> LedgerRow:
    book = Workbook("xlsx", [Sheet("Sheet1", [header, row], **sheet)])
    return people(interpret(book, Options(today=TODAY)))[0]


def two_way_form() -> Grid:
    """双向管理汇总表: three rows of titles, who fills in named above, kin and contacts with columns of their own."""
    return Grid(
        "双向管理",
        [
            ["××街道流入党员双向管理情况汇总表"],
            ["填报单位：×× 党工委", None, None, None, "2026.10.8"],
            ["序号", "流出地党组织填写", None, None, None, None, "流入地党组织填写", None, None, None, "家庭主要成员"]
            + [None, None, None, "备注"],
            [None, "基本情况", None, None, "组织情况", None, "流入情况", None, "结对情况", None, "姓名", "与本人关系"]
            + ["工作单位", "联系电话", None],
            [None, "姓名", "公民身份号码", "联系方式", "入党时间", "所属党支部", "何时流入", "现居住详细地址"]
            + ["联系党员", "联系电话", None, None, None, None, None],
            [1, "测甲", id_number("1985-06-12"), "13800000001", "2008.07", "测试镇东村党支部", "2019年3月"]
            + ["杏花路1号2栋", "测联", "13900000001", "测妻", "夫妻", "测试小学", "13700000001", None],
        ],
        merged=[
            (0, 0, 0, 14), (2, 0, 4, 0), (2, 1, 2, 5), (2, 6, 2, 9), (2, 10, 2, 13), (2, 14, 4, 14), (3, 1, 3, 3),
            (3, 4, 3, 5), (3, 6, 3, 7), (3, 8, 3, 9), (3, 10, 4, 10), (3, 11, 4, 11), (3, 12, 4, 12), (3, 13, 4, 13),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods, files.web])
def test_three_rows_of_titles_keep_the_members_columns_apart(write: Any) -> None:
    rows = people(interpret(read_workbook(write([two_way_form()])), Options(today=TODAY)))
    assert len(rows) == 1
    assert {name: rows[0].value(name) for name in rows[0].cells if rows[0].value(name)} == {
        "name": "测甲", "id_number": id_number("1985-06-12"), "mobile": "13800000001", "join_date": "2008-07",
        "home_organization": "测试镇东村党支部", "started_on": "2019-03", "current_address": "杏花路1号2栋",
        "liaison_name": "测联", "liaison_phone": "13900000001", "family_contact": "测妻", "direction": "inflow",
    }  # fmt: skip


def test_sheet_of_the_whole_street_repeats_the_sheets_of_its_communities() -> None:
    """Called 总 and standing first: its rows name no community."""
    head, rows = HEADER[:7], [person(number)[:7] for number in range(1, 5)]
    grids = [
        Grid("总", [head, *rows]),
        Grid("五里", [["五里社区流动党员"], head, rows[0], rows[1]]),
        Grid("6.松竹（流入）", [head, rows[2], rows[3]]),
        Grid("填表说明", [["1. 本表按季度填报。"], ["2. 身份证号码请设为文本。"]]),
    ]
    result = interpret(read_workbook(files.xls(grids)), Options(today=TODAY))
    assert [(sheet.name, sheet.used) for sheet in result.sheets] == [
        ("总", False), ("五里", True), ("6.松竹（流入）", True), ("填表说明", False),
    ]  # fmt: skip
    assert [(row.value("name"), row.community_hint) for row in people(result)] == [
        (rows[0][1], "五里"), (rows[1][1], "五里"), (rows[2][1], "松竹"), (rows[3][1], "松竹"),
    ]  # fmt: skip


def test_sheets_about_the_same_people_are_no_summary_of_each_other() -> None:
    part = [person(1)[:7], person(2)[:7]]
    more = [["姓名", "身份证号码", "工作单位"], [part[0][1], part[0][5], "甲公司"], [part[1][1], part[1][5], "乙公司"]]
    book = Workbook("xlsx", [Sheet("基本", [HEADER[:7], *part]), Sheet("单位", more), Sheet("单位2", more)])
    assert [sheet.used for sheet in interpret(book, Options(today=TODAY)).sheets] == [True, True, True]


def test_csv_of_an_old_system_in_wide_digits() -> None:
    number = id_number("1962-11-03")
    wide = number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789X"})
    lines = [
        "××街道流动党员花名册,,,,,,,",
        "序号,姓　名,身份证号码,联系电话,出生年月,入党时间,外出时间,现住址",
        f'１,测　甲,{wide},１３８００００００１１,１９６２．１１,二〇〇一年十月,２０１９－０３,"测试路１号，２栋"',
        f'2,="测乙",="{id_number(sequence="993")}",="13800000012",1970.1,1995年,2020.10,',
        "3,测丙,,０５５１－６２８１２３４５,１９７５年五月,８５．０６,,".replace("，", ","),
        "合　计,３人,,,,,,",
    ]
    data = "\r\n".join(lines).encode("gb18030")
    first, second, third = people(interpret(read_workbook(data), Options(today=TODAY)))
    assert [first.value(key) for key in ("name", "id_number", "mobile", "birth_date", "join_date", "started_on")] == [
        "测甲", number, "13800000011", "1962-11", "2001-10", "2019-03",
    ]  # fmt: skip
    assert first.value("current_address") == "测试路１号，２栋"
    assert [second.value(key) for key in ("name", "id_number", "mobile", "join_date", "started_on")] == [
        "测乙", id_number(sequence="993"), "13800000012", "1995", "2020-10",
    ]  # fmt: skip
    # 1970.1 in a file of plain text may have been 1970.10
    assert (second.value("birth_date"), second.cells["birth_date"].severity) == (None, ASK)
    assert (third.value("mobile"), third.cells["mobile"].severity) == (None, ASK)
    assert third.value("birth_date") in (None, "1975-05")
    assert third.value("join_date") == "1985-06"


DATES: list[tuple[Any, str | None]] = [
    ("1985.06.12", "1985-06-12"),
    ("1985. 6 .12", "1985-06-12"),
    ("85年6月", "1985-06"),
    ("1985年06月12日生", None),
    ("1985.6.31", None),
    ("2018年底", None),
    ("2019年春", None),
    ("2020上半年", None),
    ("农历1985年五月初六", None),
    ("民国七十四年", None),
    ("85.06.12", "1985-06-12"),
    ("12.06.85", None),
    ("1985年", "1985"),
    ("1985/6", "1985-06"),
    ("19850631", None),
    ("1985-06-12T00:00:00Z", "1985-06-12"),
    ("1985-06-11T16:00:00.000Z", None),
    ("1985-06-12T08:00:00+08:00", "1985-06-12"),
    ("1985年6月（档案1984年5月）", None),
    ("1985.06(41岁)", None),
]


@pytest.mark.parametrize("write", [files.xls, files.xlsx, files.ods])
def test_dates_as_text_are_the_truth_or_a_question(write: Any) -> None:
    rows = [["姓名", "手机号", "入党时间"]]
    rows += [[f"测{chr(0x4E00 + place)}", f"138000001{place:02}", value] for place, (value, _) in enumerate(DATES)]
    found = people(interpret(read_workbook(write([Grid("台账", rows)])), Options(today=TODAY)))
    assert [(value, row.value("join_date")) for (value, _), row in zip(DATES, found, strict=True)] == DATES
    for row in found:
        cell = row.cells["join_date"]
        assert cell.value is not None or (cell.severity, bool(cell.rule)) == (ASK, True)


def test_second_row_of_titles_among_hints_how_to_fill_in() -> None:
    rows = [
        [None, None, "杏花村街道五里社区流动党员登记表"],
        [],
        [None, "№", "党员姓名", "公民身份证号码", "所在党支部", "外出情况", None, "留守家属", None],
        [None, None, None, "(18位)", "（全称）", "时间", "地点", "姓名", "电话"],
        [None, 1, "测甲", id_number(), "测试镇党支部", "2019.3", "浙江省杭州市", "测妻", "13700000001"],
    ]
    book = Workbook("xlsx", [Sheet("五里", rows, merged=[(3, 5, 3, 6), (3, 7, 3, 8)])])
    result = interpret(book, Options(today=TODAY))
    assert [row.row for row in people(result)] == [5]
    row = people(result)[0]
    assert {name: row.value(name) for name in row.cells if row.value(name) and name != "direction"} == {
        "name": "测甲", "id_number": id_number(), "home_organization": "测试镇党支部", "destination": "浙江省杭州市",
        "family_contact": "测妻", "started_on": "2019-03",
    }  # fmt: skip
    assert row.direction == "outflow"


# --- whose data a column holds


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ["姓名", "性别", "家属姓名", "与党员关系", "联系电话"],
            ["name", "gender", "family_contact", "", ""],
        ),
        (
            ["姓名", "身份证号", "手机号", "包联责任人", "职务", "联系电话"],
            ["name", "id_number", "mobile", "liaison_name", "?", "liaison_phone"],
        ),
        (["姓名", "身份证号", "联络人", "联系电话"], ["name", "id_number", "", "?"]),
        (["姓名", "身份证号", "片区协管员姓名", "电话"], ["name", "id_number", "", "?"]),
        (["姓名", "身份证号", "职务", "联系电话"], ["name", "id_number", "occupation", "mobile"]),
        (["姓名", "身份证号", "是否退役军人", "联系电话"], ["name", "id_number", "", "mobile"]),
    ],
)
def test_what_stands_beside_somebody_else_is_theirs(headers: list[str], expected: list[str]) -> None:
    found = find_header(Sheet("a", [headers]))
    assert found is not None
    meant = [column.field or {"ask": "?"}.get(column.status, "") for column in found.columns]
    assert meant == expected


@pytest.mark.parametrize("parent", ["家属", "家庭主要成员", "主要社会关系", "结对帮扶"])
@pytest.mark.parametrize("label", ["住址", "工作单位", "职务", "政治面貌", "学历", "身份证号", "出生年月", "性别"])
def test_facts_below_another_persons_heading_are_never_the_members(parent: str, label: str) -> None:
    below = ["姓名", "身份证号", "手机号", "姓名", label]
    book = Sheet("a", [["党员", None, None, parent, None], below], merged=[(1, 0, 1, 2), (1, 3, 1, 4)])
    found = find_header(book)
    assert found is not None
    assert found.columns[4].field is None


def test_phone_below_the_place_alone_is_asked() -> None:
    rows = [["姓名", "身份证号", "流入地", None], [None, None, "详细地址", "联系电话"]]
    sheet = Sheet("a", rows, merged=[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)])
    found = find_header(sheet)
    assert found is not None
    assert [column.field for column in found.columns] == ["name", "id_number", "current_address", None]
    assert found.columns[3].status == "ask"


@pytest.mark.parametrize(
    ("headers", "field", "chosen", "other"),
    [
        (["家庭住址", "现居住地"], "current_address", "现居住地", "duplicate"),
        (["现居住地", "家庭住址"], "current_address", "现居住地", "duplicate"),
        (["工作单位", "现工作单位"], "employer", "现工作单位", "duplicate"),
        (["所在党支部", "流出地党组织"], "home_organization", "流出地党组织", "ask"),
        (["是否持证", "活动证号码"], "certificate_number", "活动证号码", "duplicate"),
        (["是否报到", "报到时间"], "reported_on", "报到时间", "duplicate"),
    ],
)
def test_column_whose_title_says_more_is_taken(headers: list[str], field: str, chosen: str, other: str) -> None:
    found = fields_of(["姓名", "身份证号", *headers])
    assert found[chosen] == field
    assert found[next(header for header in headers if header != chosen)] == other


# --- cells


@pytest.mark.parametrize(
    "text", ["本科在读", "高中以下", "大学肄业", "老年大学", "大专-本科", "未上过大学", "函授大学"]
)
def test_education_that_was_not_reached_is_asked(text: str) -> None:
    cell = one_row(["姓名", "手机号", "学历"], ["测甲", "13800000001", text]).cells["education"]
    assert (cell.value, cell.severity) == (None, ASK)


@pytest.mark.parametrize("text", ["群众", "共青团员", "入党积极分子", "发展对象"])
def test_somebody_who_is_no_party_member_waits(text: str) -> None:
    row = one_row(["姓名", "手机号", "政治面貌"], ["测甲", "13800000001", text])
    assert (row.blocked, codes(row)) == ("ask", {"not_a_member"})


@pytest.mark.parametrize(
    ("text", "value", "severity"),
    [
        ("13800000001（妻13900000001）", None, ASK),
        ("13800000001 女", None, ASK),
        ("13800000001/8001", "13800000001", FIXED),
        ("138-0000-0001", "13800000001", FIXED),
        ("13800000001 0551-62812345", "13800000001", FIXED),
    ],
)
def test_mobile_beside_something_else(text: str, value: str | None, severity: str) -> None:
    row = one_row(["姓名", "身份证号", "联系电话"], ["测甲", id_number(), text])
    cell = row.cells["mobile"]
    assert (cell.value, cell.severity) == (value, severity)
    assert row.value("landline") == ("0551-62812345" if "62812345" in text else None)
    if "8001" in text or "62812345" in text:
        assert cell.rule == "mobile_several"


@pytest.mark.parametrize("remark", ["已故", "已转出", "失联", "2019年去世"])
def test_name_with_a_remark_about_leaving_waits(remark: str) -> None:
    row = one_row(["姓名", "手机号", "备注"], [f"测甲（{remark}）", "13800000001", "原有"])
    assert (row.value("name"), row.blocked) == ("测甲", "ask")
    assert row.value("remark") == f"原有；{remark}"


def test_other_remark_beside_a_name_is_kept() -> None:
    row = one_row(["姓名", "手机号"], ["测甲(组长)", "13800000001"])
    assert (row.value("name"), row.value("remark"), row.blocked) == ("测甲", "组长", None)
    assert one_row(["姓名", "手机号"], ["测甲（男）", "13800000001"]).value("remark") is None


@pytest.mark.parametrize("value", ["同上", "〃"])
def test_same_as_above_is_nobodys_name(value: str) -> None:
    assert one_row(["姓名", "手机号"], [value, "13800000001"]).blocked == ERROR


def test_first_fifteen_digits_of_a_number_are_no_old_number() -> None:
    """340103200102031 reads as a number of somebody born in 1920."""
    for born in ("2001-02-03", "1911-02-03"):
        cell = one_row(["姓名", "身份证号"], ["测甲", id_number(born)[:15]]).cells["id_number"]
        assert (cell.value, cell.severity) == (None, ERROR)


@pytest.mark.parametrize(
    "changes",
    [
        {"姓名": "张三（例）"}, {"姓名": "张三(示例)"}, {"备注": "示例"}, {"备注": "此行为示例，请删除"},
        {"备注": "样例行，导入前删除"},
    ],
)  # fmt: skip
def test_sample_is_nobody_wherever_it_says_so(changes: dict[str, Any]) -> None:
    book = Workbook("xlsx", [Sheet("Sheet1", [HEADER, person(1, **changes), person(2, 备注="样例小区业主")])])
    assert [row.reason for row in interpret(book, Options(today=TODAY)).rows] == ["sample", None]


def test_merged_cell_means_its_own_first_row() -> None:
    """The first row of the merged 支部 is an empty number: what stands above it is another branch's."""
    rows = [
        ["序号", "姓名", "手机号", "所在党支部"],
        [1, "测甲", "13800000001", "第一党支部"],
        [2, None, None, "第二党支部"],
        [3, "测乙", "13800000002", None],
        [4, "测丙", "13800000003", "同上"],
    ]
    book = Workbook("xlsx", [Sheet("Sheet1", rows, merged=[(3, 3, 4, 3)])])
    found = people(interpret(book, Options(today=TODAY)))
    assert [row.value("home_organization") for row in found] == ["第一党支部", "第二党支部", "第二党支部"]
    rows[4][3] = None
    rows[3][3] = "同上"
    above = people(interpret(Workbook("xlsx", [Sheet("Sheet1", rows[:3] + rows[4:])]), Options(today=TODAY)))
    assert above[1].cells["home_organization"].severity == OK  # a blank below no merge stays blank
    assert above[1].value("home_organization") is None


def test_text_without_its_zero_is_january_only_beside_an_october() -> None:
    """Programs write a number 1990.10 as the text 1990.1; a column that holds 1990.10 as text was typed as text."""
    rows = [["姓名", "手机号", "入党时间"], ["测甲", "13800000001", "1990.1"], ["测乙", "13800000002", "1991.2"]]
    for last, expected in (("1992.11", [None, "1991-02"]), ("1992.10", ["1990-01", "1991-02"])):
        book = Workbook("xlsx", [Sheet("a", [*rows, ["测丙", "13800000003", last]])])
        found = people(interpret(book, Options(today=TODAY)))
        assert [row.value("join_date") for row in found[:2]] == expected


def test_date_shown_as_text_in_a_date_cell_keeps_its_day() -> None:
    row = one_row(["姓名", "手机号", "入党时间"], ["测甲", "13800000001", datetime.datetime(1995, 7, 1, 8)])  # noqa: DTZ001
    assert row.value("join_date") == "1995-07-01"


def with_struck_part(data: bytes, text: str, *, shared: bool) -> bytes:
    """The workbook with the first eleven signs of a text struck through: in the list of texts, as Excel and WPS write
    it, or in the cell, as programs do."""
    output = io.BytesIO()
    font = '<rPr><strike/><sz val="11"/></rPr>'
    rich = f'<r>{font}<t>{text[:11]}</t></r><r><t xml:space="preserve">{text[11:]}</t></r>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = f'<sst xmlns="{space}" count="2" uniqueCount="2"><si><t>甲</t></si><si>{rich}</si></sst>'
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                cell = re.search(rf' t="inlineStr"><is><t>{text}</t></is>', content)
                assert cell is not None
                struck = ' t="s"><v>1</v>' if shared else f' t="inlineStr"><is>{rich}</is>'
                content = content.replace(cell.group(), struck)
            new.writestr(name, content)
        if shared:
            new.writestr("xl/sharedStrings.xml", texts)
    return output.getvalue()


@pytest.mark.parametrize("shared", [True, False])
def test_number_struck_through_beside_its_new_one_is_asked(shared: bool) -> None:
    """Read as plain text the old number would be the first, and so the one that is called."""
    text = "13800000001 13900000001"
    data = with_struck_part(xlsx({"台账": [HEADER, person(1, 联系电话=text), person(2)]}), text, shared=shared)
    first, second = people(interpret(read_workbook(data), Options(today=TODAY)))
    assert (first.cells["mobile"].raw, first.value("mobile"), first.cells["mobile"].rule) == (text, None, "cell_struck")
    assert second.value("mobile") == "13800000002"
