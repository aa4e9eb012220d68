"""Every mess of the list in design/ledgers.md §3, by its number: what a clerk leaves, and what becomes of it."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import Interpretation, LedgerRow
from tests.members.ledger.making import TODAY, id_number
from tests.members.ledger.office import files
from tests.members.ledger.office.grid import Grid

HEAD = ["序号", "姓名", "身份证号", "手机号", "所属社区", "入党时间", "备注"]


def line(number: int = 1, **changes: Any) -> list[Any]:
    """A clean row below HEAD; changes by header."""
    row = dict(
        zip(
            HEAD,
            [number, "测" + "甲乙丙丁戊己庚辛"[number % 8], id_number(sequence=f"{900 + 2 * number + 1:03}")]
            + [f"138000010{number:02}", "五里社区", "1995-07-01", None],
            strict=True,
        )
    )
    return list((row | changes).values())


def read(
    *rows: list[Any], write: Callable[..., bytes] = files.xlsx, options: Any = None, **grid: Any
) -> Interpretation:
    data = write([Grid(grid.pop("name", "Sheet1"), [list(row) for row in rows], **grid)])
    return interpret(read_workbook(data), Options(today=TODAY, **(options or {})))


def people(result: Interpretation) -> list[LedgerRow]:
    return [row for row in result.rows if row.kind == "data"]


def one(field: str, header: str, value: Any, code: str = "") -> tuple[str | None, str, str | None]:
    """(value, severity, rule) of one cell; `code`: number format of the cell."""
    head = [*HEAD[:4], "所属社区", header, "备注"] if header not in HEAD else HEAD
    row = line(1)
    row[head.index(header)] = value
    formats = {(1, head.index(header)): code} if code else {}
    cell = people(read(head, row, formats=formats))[0].cells[field]
    return cell.value, cell.severity, cell.rule


RIGHT = id_number(sequence="903")
OLD = RIGHT[:6] + RIGHT[8:17]
CELLS: list[tuple[int, str, str, Any, str | None, str]] = [
    (6, "id_number", "身份证号", float(RIGHT[:15] + "000"), None, "error"),
    (6, "id_number", "身份证号", "3.40103E+17", None, "error"),
    (7, "id_number", "身份证号", f"'{RIGHT[:6]} {RIGHT[6:]}\t".lower(), RIGHT, "fixed"),
    (8, "id_number", "身份证号", OLD, RIGHT, "fixed"),
    (9, "id_number", "身份证号", RIGHT[:17] + ("1" if RIGHT[17] != "1" else "2"), None, "error"),
    (10, "id_number", "身份证号", "暂缺", None, "ask"),
    (10, "id_number", "身份证号", 0, None, "ask"),
    (11, "mobile", "手机号", 13800138000.0, "13800138000", "fixed"),
    (11, "mobile", "手机号", "1.38001E+10", None, "ask"),
    (11, "mobile", "手机号", 1380013800.5, None, "ask"),
    (12, "mobile", "手机号", "13800138000/0551-62812345", "13800138000", "fixed"),
    (12, "mobile", "手机号", "13800138000\n13900139000", "13800138000", "fixed"),
    (13, "mobile", "手机号", "+86 138-0013-8000", "13800138000", "fixed"),
    (13, "mobile", "手机号", "１３８００１３８０００转123", "13800138000", "fixed"),
    (15, "join_date", "入党时间", "1985.06", "1985-06", "fixed"),
    (16, "join_date", "入党时间", 1990.1, None, "ask"),
    (17, "join_date", "入党时间", "1995年6月", "1995-06", "fixed"),
    (17, "join_date", "入党时间", 19950601, "1995-06-01", "fixed"),
    (17, "join_date", "入党时间", "95.6", "1995-06", "fixed"),
    (17, "join_date", "入党时间", "18.6", None, "ask"),
    (17, "join_date", "入党时间", "一九九五年六月", "1995-06", "fixed"),
    (18, "join_date", "入党时间", 34851, "1995-06-01", "fixed"),
    (19, "started_on", "流动时间", "2019年至今", "2019", "fixed"),
    (19, "started_on", "流动时间", "2021.3-2023.8", None, "ask"),
    (19, "started_on", "流动时间", "春节后", None, "ask"),
    (20, "join_date", "入党时间", "1995.13", None, "ask"),
    (20, "join_date", "入党时间", "1995年2月30日", None, "ask"),
    (20, "join_date", "入党时间", "2030-01-01", None, "ask"),
    (31, "name", "姓名", "王⻢⼈", "王马人", "fixed"),
    (31, "name", "姓名", "王\ue123", None, "error"),
    (32, "name", "姓名", "\u200b测\u3000甲\ufeff\xa0", "测甲", "fixed"),
    (33, "name", "姓名", "买买提•艾力", "买买提·艾力", "fixed"),
    (34, "mobile", "手机号", "—", None, "fixed"),
    (34, "needs", "存在困难", "无", "无", "ok"),
    (34, "remark", "备注", "无", None, "fixed"),
    (44, "community", "所属社区", "五里社區", "五里社區", "ok"),
]


@pytest.mark.parametrize(("number", "field", "header", "value", "stored", "severity"), CELLS)
def test_mess_of_one_cell(number: int, field: str, header: str, value: Any, stored: str | None, severity: str) -> None:
    assert one(field, header, value)[:2] == (stored, severity), number


def test_16_two_decimals_shown_are_october() -> None:
    assert one("join_date", "入党时间", 1990.1, "0.00")[:2] == ("1990-10", "fixed")


def test_1_2_3_titles_and_two_rows_of_headers() -> None:
    result = read(
        ["杏花村街道流动党员信息台账（2024年9月）"],
        ["序号", "姓  名", "身份证\n号码", "外出务工情况", None],
        [None, None, None, "何时外出", "地点"],
        [1, "测甲", RIGHT, "2020.5", "浙江杭州"],
        merged=[(0, 0, 0, 4), (1, 3, 1, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2)],
    )
    row = people(result)[0]
    assert [row.value(name) for name in ("name", "id_number", "started_on", "destination")] == [
        "测甲", RIGHT, "2020-05", "浙江杭州",
    ]  # fmt: skip


def test_4_summary_repeats_and_sheet_names_the_community() -> None:
    grids = [
        Grid("汇总", [HEAD, line(1), line(2)]),
        Grid("五里", [HEAD[:4], line(1)[:4]]),
        Grid("6.松竹社区", [HEAD[:4], line(2)[:4]]),
    ]
    result = interpret(read_workbook(files.xls(grids)), Options(today=TODAY))
    assert [sheet.used for sheet in result.sheets] == [False, True, True]
    assert [row.community_hint for row in people(result)] == ["五里", "松竹社区"]


@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods])
def test_5_hidden_parts_are_left_out_counted_and_can_be_included(write: Callable[..., bytes]) -> None:
    grids = [
        Grid("台账", [HEAD, line(1), line(2)], hidden_rows={2}, hidden_columns={3}),
        Grid("旧台账", [HEAD, line(3), line(4)], state="hidden"),
    ]
    book = read_workbook(write(grids))
    result = interpret(book, Options(today=TODAY))
    assert [(row.row, row.reason) for row in result.rows] == [(2, None), (3, "hidden_row")]
    assert [(sheet.name, sheet.rows, sheet.used) for sheet in result.sheets] == [
        ("台账", 1, True),
        ("旧台账", 2, False),
    ]
    assert "手机号" in (result.sheets[0].reason or "")
    assert "mobile" not in people(result)[0].cells
    options = Options(today=TODAY, hidden_rows=True, hidden_columns=True, hidden_sheets=True)
    everything = people(interpret(read_workbook(write(grids)), options))
    assert [row.value("mobile") for row in everything] == [line(n)[3] for n in (1, 2, 3, 4)]


def test_14_name_and_phone_in_one_cell() -> None:
    row = people(read(["姓名", "身份证号", "入党时间"], ["测甲 13800138000", RIGHT, "1995-07"]))[0]
    assert (row.value("name"), row.value("mobile")) == ("测甲", "13800138000")


def test_18_date_system_of_1904() -> None:
    day = datetime.date(1995, 6, 1)
    for write in (files.xlsx, files.xls):
        data = write([Grid("a", [HEAD, line(1, 入党时间=day), line(2, 入党时间=34851 - 1462)])], date1904=True)
        rows = people(interpret(read_workbook(data), Options(today=TODAY)))
        assert [row.value("join_date") for row in rows] == ["1995-06-01", "1995-06-01"]


@pytest.mark.parametrize(("full", "found"), [("1972-05-01", False), ("1995-05-01", True)])
def test_21_joining_and_full_membership_on_one_day(full: str, found: bool) -> None:
    row = people(read(["姓名", "身份证号", "入党时间", "转正时间"], ["测甲", id_number("1950-01-01"), full, full]))[0]
    assert any(problem.code == "full_equals_join" for problem in row.problems) is found


@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods])
def test_27_rows_below_200_empty_ones_are_told_and_not_read(write: Callable[..., bytes]) -> None:
    gap: list[list[Any]] = [[]] * 200
    near = read(HEAD, line(1), *gap, line(2), write=write)
    assert [row.row for row in people(near)] == [2, 203]
    far = read(HEAD, line(1), *gap, [], line(2), [], line(3), write=write)
    assert [row.row for row in people(far)] == [2]
    assert [row.row for row in far.rows if row.reason == "below_gap"] == [204, 206]
    assert (far.sheets[0].rows, far.sheets[0].below_gap) == (1, 2)
    assert far.sheets[0].below_gap_text
    # with nobody above them they are told, too
    alone = read(HEAD, *gap, [], line(2), write=write)
    assert (people(alone), [row.row for row in alone.rows if row.reason == "below_gap"]) == ([], [203])
    assert alone.sheets[0].below_gap == 1


@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods])
def test_22_23_values_reach_down_in_group_columns_only(write: Callable[..., bytes]) -> None:
    rows = people(
        read(
            HEAD, line(1), line(2, 所属社区=None, 手机号=None), line(3, 所属社区="〃", 手机号="同上"),
            write=write, merged=[(1, 4, 2, 4), (1, 3, 2, 3)],
        )
    )  # fmt: skip
    assert [row.value("community") for row in rows] == ["五里社区"] * 3
    assert [row.cells["community"].rule for row in rows[1:]] == ["inherited", "inherited"]
    assert [row.value("mobile") for row in rows[1:]] == [None, None]
    assert [problem.code for problem in rows[2].problems] == ["ditto"]


def test_24_to_27_rows_that_are_nobody() -> None:
    result = read(
        HEAD, ["例", "张三", RIGHT, "13800000000"], line(1), [], HEAD, line(2), ["小计", None, 2], ["合计：", "2人"],
        ["填表人：测甲", None, None, "审核人：测乙", None, "2025年3月31日"], ["红色字段为必填，导入前请删除"],
    )  # fmt: skip
    assert [row.reason for row in result.rows] == [
        "sample", None, "blank", "repeated_header", None, "total", "total", "note", "note",
    ]  # fmt: skip


def test_35_pens_and_notes() -> None:
    rows = people(
        read(
            HEAD, line(1), line(2), line(3), line(4, 备注="原有"), line(5), line(6),
            struck={(1, 1), (2, 3)}, red={(3, 1)}, comments={(4, 1): "5月去世"},
        )
    )  # fmt: skip
    codes = [[problem.code for problem in row.problems] for row in rows]
    assert codes == [["row_struck"], ["cell_struck"], ["row_red"], [], [], []]
    assert [row.blocked for row in rows] == ["ask", None, None, None, None, None]
    assert rows[1].value("mobile") is None
    assert "5月去世" in (rows[3].value("remark") or "")
    assert (rows[3].value("remark") or "").startswith("原有")


def test_35_red_everywhere_says_nothing() -> None:
    rows = people(read(HEAD, line(1), line(2), red={(1, 1), (2, 1)}))
    assert [row.problems for row in rows] == [[], []]


def test_36_formulas_without_a_value_and_errors_are_empty_and_told() -> None:
    rows = people(read(HEAD, line(1, 入党时间="=DATE(1995,7,1)"), line(2, 手机号="#REF!"), line(3, 姓名="#N/A")))
    assert rows[0].cells["join_date"].rule == "cell_error"
    assert rows[1].cells["mobile"].rule == "cell_error"
    assert rows[2].blocked == "error"


def test_37_38_same_person_and_namesakes() -> None:
    rows = people(read(HEAD, line(1), line(1, 序号=2, 备注="又一次"), line(3, 姓名="测乙"), line(4, 姓名="测乙")))
    assert [row.duplicate_of for row in rows] == [None, ("Sheet1", 2), None, None]


def test_40_row_with_a_deleted_cell_waits() -> None:
    shifted = line(2)
    del shifted[2]
    assert [row.blocked is not None for row in people(read(HEAD, line(1), [*shifted, None], line(3)))] == [
        False,
        True,
        False,
    ]
