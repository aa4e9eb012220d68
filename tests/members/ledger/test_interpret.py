"""Rows of people, and what is no row of a person; problems of a row all at once."""

from typing import Any

import pytest

from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import LedgerRow
from members.ledger.workbook import LedgerRefused, Sheet, Workbook
from tests.members.ledger.making import HEADER, TODAY, id_number, person


def rows_of(*rows: list[Any], name: str = "Sheet1", kind: str = "xlsx", **options: Any) -> list[LedgerRow]:
    book = Workbook(kind, [Sheet(name, [list(row) for row in rows])])
    return interpret(book, Options(today=TODAY, **options)).rows


def codes(row: LedgerRow) -> set[str]:
    return {problem.code for problem in row.problems}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([], "blank"),
        ([" ", "\u3000", "\u200b"], "blank"),
        (["合计", "共5人"], "total"),
        (["小 计", "", "", 3], "total"),
        (["合计", "三人"], "total"),
        (HEADER, "repeated_header"),
        ([7], "numbered_empty"),
        ([7, "", "", "", "", "", "", "五里社区"], "numbered_empty"),
        (["注：1.本表由社区填报；2.每季度末前报街道党工委。"], "note"),
        (["填表人：测试甲", "", "", "审核人：测试乙", "", "2025年3月31日"], "note"),
        (["", "填表人：测试甲"], "note"),
        (["红色字段为必填，导入前请删除"], "note"),
        (["例", "测甲", "男", "", "", id_number(), "13800000001"], "sample"),
        ([1, "示例：测甲", "男", "", "", id_number(), "13800000001"], "sample"),
        (["(1)", "(2)", "(3)", "(4)", "(5)"], "note"),
        (["五里社区（2人）"], "section"),
        (["", "第一党支部"], "section"),
        (["二", "五里社区"], "section"),
        (["联系人", "测联络", "", "", "", "", "13900000000"], "note"),
        (["第1页 共3页"], "note"),
    ],
)
def test_row_that_is_no_person_is_skipped_with_its_reason(row: list[Any], reason: str) -> None:
    found = rows_of(HEADER, person(1), row, person(2))
    assert [(item.row, item.kind, item.reason) for item in found] == [
        (2, "data", None),
        (3, "skip", reason),
        (4, "data", None),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"姓名": "测例"},
        {"姓名": "总计划", "身份证号码": ""},
        {"序号": "", "所属社区": ""},
        {"姓名": "", "联系电话": "13800000001"},
        {"备注": "注：材料待补"},
        {"身份证号码": "3.40103E+17"},
    ],
)
def test_person_is_never_skipped(changes: dict[str, Any]) -> None:
    assert [row.kind for row in rows_of(HEADER, person(1), person(2, **changes))] == ["data", "data"]


def test_all_problems_of_a_row_come_at_once() -> None:
    row = rows_of(
        HEADER,
        person(
            1,
            性别="女",
            出生日期="1970-02-01",
            身份证号码=id_number(),
            联系电话="1380000",
            入党时间="2085-01-01",
            民族="甲族",
        ),
    )[0]
    assert codes(row) == {
        "gender_differs_from_id",
        "birth_differs_from_id",
        "mobile_format",
        "date_future",
        "choice_unknown",
    }
    assert row.blocked is None, "questions on values do not stop the row"
    assert [row.value(name) for name in ("gender", "birth_date", "mobile", "join_date", "ethnicity")] == [None] * 5
    assert row.value("id_number") == id_number()


def test_error_stops_the_row_only() -> None:
    bad, good = rows_of(HEADER, person(1, 身份证号码=6.3e17), person(2))
    assert (bad.blocked, good.blocked) == ("error", None)
    assert codes(bad) == {"id_precision_lost"}


@pytest.mark.parametrize(
    ("joined", "full", "kind", "found"),
    [
        ("1960-01-01", "", "正式", {"join_before_birth"}),
        ("1986-01-01", "", "正式", {"join_before_18"}),
        ("1995-01-01", "1994-01-01", "正式", {"full_before_join"}),
        ("1995-01-01", "1995-01-01", "正式", {"full_equals_join"}),
        ("1995-01-01", "1996-01-01", "预备", {"full_of_probationary"}),
        ("1995", "1995-06", "正式", set()),
    ],
)
def test_dates_are_checked_against_each_other(joined: str, full: str, kind: str, found: set[str]) -> None:
    row = rows_of(["姓名", "身份证号", "入党时间", "转正时间", "人员类别"], ["测甲", id_number(), joined, full, kind])[
        0
    ]
    assert codes(row) == found


def test_no_probation_from_1969_to_1977() -> None:
    header = ["姓名", "身份证号", "入党时间", "转正时间"]
    assert not rows_of(header, ["测甲", id_number("1950-01-01"), "1972-05-01", "1972-05-01"])[0].problems


def test_ditto_is_filled_down_in_group_columns_only() -> None:
    header = ["姓名", "身份证号", "手机号", "所属社区", "现居住地"]
    second = rows_of(
        header,
        ["测甲", id_number(), "13800000001", "五里社区", "甲路1号"],
        ["测乙", id_number(sequence="993"), "同上", "〃", "同上"],
    )[1]
    assert second.value("community") == "五里社区"
    assert second.cells["community"].rule == "inherited"
    assert (second.value("mobile"), second.value("current_address")) == (None, None)
    assert [problem.code for problem in second.problems] == ["ditto", "ditto"]


def test_merged_community_reaches_the_rows_that_it_covers() -> None:
    rows = [["姓名", "身份证号", "所属社区"]]
    rows += [
        ["测甲", id_number(), "五里社区"],
        ["测乙", id_number(sequence="993"), ""],
        ["测丙", id_number(sequence="995"), ""],
    ]
    book = Workbook("xlsx", [Sheet("Sheet1", rows, merged=[(2, 2, 3, 2)])])
    found = interpret(book, Options(today=TODAY)).rows
    assert [row.value("community") for row in found] == ["五里社区", "五里社区", None]


def test_two_tables_in_one_sheet_keep_their_columns_and_directions() -> None:
    found = rows_of(
        ["一、流出党员"],
        ["姓名", "身份证号", "手机号", "流出时间"],
        ["测甲", id_number(), "13800000001", "2020-01"],
        ["合计", "1人"],
        ["二、流入党员"],
        ["序号", "姓名", "手机号", "身份证号", "民族", "流入时间"],
        [1, "测乙", "13800000002", id_number(sequence="993"), "汉", "2021-01"],
    )
    people = [row for row in found if row.kind == "data"]
    assert [(row.row, row.value("mobile"), row.direction) for row in people] == [
        (3, "13800000001", "outflow"),
        (7, "13800000002", "inflow"),
    ]
    assert [row.row for row in found] == [3, 4, 5, 6, 7]


def test_summary_sheet_that_repeats_the_others_is_left_out() -> None:
    part = [HEADER, person(1), person(2)]
    book = Workbook("xlsx", [Sheet("汇总表", [HEADER, person(1), person(2)]), Sheet("五里", part)])
    result = interpret(book, Options(today=TODAY))
    assert [(sheet.name, sheet.rows, sheet.used) for sheet in result.sheets] == [
        ("汇总表", 2, False),
        ("五里", 2, True),
    ]
    book.sheets[0].rows.append(person(3))
    assert [sheet.used for sheet in interpret(book, Options(today=TODAY)).sheets] == [True, True]


def test_same_person_twice_points_to_the_first_row() -> None:
    found = rows_of(HEADER, person(1), person(2), person(1))
    assert found[2].duplicate_of == ("Sheet1", 2)
    assert codes(found[2]) == {"duplicate_row"}


def test_one_id_number_with_two_names_waits() -> None:
    found = rows_of(HEADER, person(1), person(2, 身份证号码=person(1)[5]))
    assert [row.blocked for row in found] == ["ask", "ask"]


def test_name_alone_is_no_duplicate() -> None:
    found = rows_of(
        HEADER, person(1, 姓名="测甲"), person(2, 姓名="测甲"), person(3, 姓名="测甲", 身份证号码="", 联系电话="")
    )
    assert [row.duplicate_of for row in found] == [None, None, None]


@pytest.mark.parametrize(
    ("sheet", "title", "header", "option", "direction"),
    [
        ("Sheet1", "流出党员名册", "入党时间", None, "outflow"),
        ("流入", "台账", "入党时间", None, "inflow"),
        ("Sheet1", "台账", "流出时间", None, "outflow"),
        ("Sheet1", "台账", "何时外出务工", None, "outflow"),
        ("Sheet1", "台账", "流入社区时间", None, "inflow"),
        ("Sheet1", "台账", "入党时间", None, None),
        ("Sheet1", "流入流出党员台账", "入党时间", "inflow", "inflow"),
        ("Sheet1", "流出地党组织台账", "入党时间", None, None),
        ("Sheet1", "台账", "流入时间", "outflow", "outflow"),
    ],
)
def test_direction(sheet: str, title: str, header: str, option: str | None, direction: str | None) -> None:
    row = rows_of(
        [title], ["姓名", "身份证号", header], ["测甲", id_number(), "2020-01"], name=sheet, direction=option
    )[0]
    assert row.direction == direction
    assert "direction_conflict" not in codes(row)


@pytest.mark.parametrize(
    ("sheet", "title", "header", "option"),
    [
        ("流出", "台账", "流入时间", None),
        ("Sheet1", "流出党员名册", "流入时间", None),
        ("流入", "流出党员名册", "入党时间", None),
        ("流入", "台账", "入党时间", "outflow"),
    ],
)
def test_contradictory_direction_is_asked(sheet: str, title: str, header: str, option: str | None) -> None:
    row = rows_of(
        [title], ["姓名", "身份证号", header], ["测甲", id_number(), "2020-01"], name=sheet, direction=option
    )[0]
    assert row.direction is None
    assert row.cells["direction"].value is None
    assert codes(row) == {"direction_conflict"}


def test_community_hint_comes_from_cell_section_sheet_or_title() -> None:
    header = ["姓名", "身份证号", "手机号"]
    line = ["测甲", id_number(), "13800000001"]
    assert rows_of(HEADER, person(1), name="松竹")[0].community_hint == "五里社区"
    section = rows_of(header, ["一、林店社区（1人）"], line, name="松竹")[1]
    assert (section.community_hint, section.community_origin) == ("林店社区", "section")
    sheet = rows_of(header, line, name="6.松竹社区")[0]
    assert (sheet.community_hint, sheet.community_origin) == ("松竹社区", "sheet")
    title = rows_of(["2025年度五里社区流动党员台账"], header, line)[0]
    assert (title.community_hint, title.community_origin) == ("五里社区", "title")
    assert rows_of(["杏花村街道各社区流动党员台账"], header, line)[0].community_hint is None


def test_person_who_is_not_floating_waits() -> None:
    row = rows_of(["姓名", "身份证号", "是否流动党员"], ["测甲", id_number(), "否"])[0]
    assert (row.blocked, codes(row)) == ("ask", {"not_floating"})


def test_shifted_row_waits() -> None:
    row = rows_of(
        HEADER, person(1), [2, "测乙", "汉族", "1970-01-01", id_number(sequence="993"), "13800000002", "五里社区"]
    )[1]
    assert "shifted_row" in codes(row)
    assert row.blocked == "error"


def test_hidden_rows_and_sheets_are_left_out_and_counted() -> None:
    sheet = Sheet("Sheet1", [HEADER, person(1), person(2)], hidden_rows=frozenset({3}))
    book = Workbook("xlsx", [sheet, Sheet("旧", [HEADER, person(3)], visible=False)])
    result = interpret(book, Options(today=TODAY))
    assert [(row.row, row.reason) for row in result.rows] == [(2, None), (3, "hidden_row")]
    assert [item.used for item in result.sheets] == [True, False]
    everything = interpret(book, Options(today=TODAY, hidden_rows=True, hidden_sheets=True))
    assert sum(row.kind == "data" for row in everything.rows) == 3


def test_file_without_header_is_refused() -> None:
    with pytest.raises(LedgerRefused) as refusal:
        interpret(read_workbook("测甲,男\n测乙,女\n".encode()))
    assert refusal.value.code == "no_header"


def test_only_wanted_fields_are_read_and_the_others_named() -> None:
    book = Workbook("xlsx", [Sheet("Sheet1", [["姓名", "身份证号", "微信号"], ["测甲", id_number(), "wx1"]])])
    result = interpret(book, Options(today=TODAY, fields=frozenset({"name", "id_number"})))
    assert set(result.rows[0].cells) == {"name", "id_number"}
    assert "微信号" in (result.sheets[0].reason or "")


@pytest.mark.parametrize("name", ["测甲 测乙", "测甲和测乙", "测甲、测乙", "测试公司", "五里社区", "测书记支部"])
def test_two_people_or_an_office_are_no_name(name: str) -> None:
    assert rows_of(HEADER, person(1, 姓名=name))[0].blocked == "error"


@pytest.mark.parametrize("name", ["测 甲", "欧阳 测甲", "李和平", "买买提艾力", "阿卜杜拉·测乙·样丙"])
def test_unusual_names_are_names(name: str) -> None:
    assert rows_of(HEADER, person(1, 姓名=name))[0].value("name") == name.replace(" ", "")


@pytest.mark.parametrize(
    ("kind", "number", "severity", "rule"),
    [
        ("护照", "E12345678", "ask", "id_other_document"),
        ("港澳居民来往内地通行证", "H12345678", "ask", "id_other_document"),
        ("居民身份证", "E12345678", "error", "id_format"),
        ("", "E12345678", "error", "id_format"),
        ("护照", id_number(), "ok", None),
    ],
)
def test_number_of_another_document_keeps_nobody_out(kind: str, number: str, severity: str, rule: str | None) -> None:
    row = rows_of(["姓名", "证件类型", "证件号码"], ["测甲", kind, number])[0]
    cell = row.cells["id_number"]
    assert (cell.raw, cell.severity, cell.rule) == (number, severity, rule)


def test_row_of_units_below_the_header_is_nobody() -> None:
    titles, units = ["姓名", "身份证号", "流出时间", "流出地点"], ["", "", "（年/月）", "（省市）"]
    assert [row.reason for row in rows_of(titles, units, ["测甲", id_number(), "", ""])] == ["note", None]
