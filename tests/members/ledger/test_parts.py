"""A date in columns for year, month and day, and a word with a column for each tick, are one value."""

import pytest

from members.ledger.columns import columns_of
from members.ledger.interpret import Options, interpret
from members.ledger.parts import part_of
from members.ledger.reading import read_workbook
from tests.members.ledger.making import TODAY, id_number, xlsx

WHO = ["姓名", "身份证号码", "联系电话"]
DAY = ["入党时间/年", "入党时间/月", "入党时间/日"]


def meant(*titles: str) -> list[str]:
    """Field or status of the columns after WHO."""
    return [column.field or column.status for column in columns_of([[*WHO, *titles]], [])][len(WHO) :]


@pytest.mark.parametrize(
    ("titles", "field"),
    [
        (DAY, "join_date"),
        (["出生年", "出生月"], "birth_date"),
        (["出生年份", "出生月份", "出生日"], "birth_date"),
        (["流出时间（年）", "流出时间（月）"], "started_on"),
        (["性别/男", "性别/女"], "gender"),
        (["人员类别/正式党员", "人员类别/预备党员"], "member_type"),
        (["流动类型/流出", "流动类型/流入"], "direction"),
        (["流动类型/跨省", "流动类型/省内跨市"], "movement_scope"),
        (["是否失联/是", "是否失联/否"], "lost_contact"),
    ],
)
def test_columns_that_hold_one_value(titles: list[str], field: str) -> None:
    assert meant(*titles) == [field] * len(titles)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["年", "月", "日"], ["unknown"] * 3),  # of what?
        (["入党时间", *DAY], ["join_date", *["unknown"] * 3]),  # the field has its own column
        (["入党时间/月", "入党时间/日"], ["unknown"] * 2),  # no year
        (["性别/男", "性别/身高"], ["unknown"] * 2),
        (["性别/男", "备注", "性别/女"], ["unknown", "remark", "unknown"]),
        (["性别", "性别/男", "性别/女"], ["gender", "unknown", "unknown"]),
        (["男", "女"], ["unknown"] * 2),
    ],
)
def test_nothing_is_guessed(titles: list[str], expected: list[str]) -> None:
    assert meant(*titles) == expected


def cell_of(field: str, titles: list[str], cells: list[object]) -> tuple[str | None, str | None, str, str | None]:
    """(raw, value, severity, rule) of the field in a row with these cells."""
    rows = [[*WHO, *titles], ["测甲", id_number(), "13800000001", *cells]]
    cell = interpret(read_workbook(xlsx({"流入": rows})), Options(today=TODAY)).rows[-1].cells[field]
    return cell.raw, cell.value, cell.severity, cell.rule


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1995", "7", "1"], ("1995-7-1", "1995-07-01", "fixed", "date_text")),
        ([1995.0, 10.0, None], ("1995-10", "1995-10", "ok", None)),
        (["1995年", "7月", "1日"], ("1995-7-1", "1995-07-01", "fixed", "date_text")),
        (["1995", "", ""], ("1995", "1995", "ok", None)),
        (["1995-07-01", "", ""], ("1995-07-01", "1995-07-01", "ok", None)),
        (["", "7", "1"], ("7 1", None, "ask", "date_format")),
        (["1995", "", "1"], ("1995 1", None, "ask", "date_format")),
        (["1995-07-01", "7", "1"], ("1995-07-01 7 1", None, "ask", "date_format")),
        (["1995", "13", "1"], ("1995-13-1", None, "ask", "date_impossible")),
        (["1995", "7", "初一"], ("1995-7-初一", None, "ask", "date_remark")),
        (["无", "无", "无"], ("无", None, "fixed", "null_word")),
        (["", "", ""], (None, None, "ok", None)),
    ],
)
def test_parts_of_a_date(cells: list[object], expected: tuple[str | None, ...]) -> None:
    assert cell_of("join_date", DAY, cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["√", ""], ("√", "男", "fixed", "ticked")),
        ([1, 0], ("1", "男", "fixed", "ticked")),
        (["√", "×"], ("√", "男", "fixed", "ticked")),
        (["男", ""], ("男", "男", "ok", None)),
        (["√", "√"], ("√", None, "ask", "two_values")),
        (["女", ""], ("女", None, "ask", "two_values")),
        (["看情况", ""], ("看情况", None, "ask", "choice_unknown")),
        (["", ""], (None, None, "ok", None)),
        (["×", "×"], (None, None, "ok", None)),
    ],
)
def test_ticks(cells: list[object], expected: tuple[str | None, ...]) -> None:
    assert cell_of("gender", ["性别/男", "性别/女"], cells) == expected


def test_value_goes_out_in_its_columns() -> None:
    columns = columns_of([[*WHO, *DAY, "性别/男", "性别/女"]], [])[len(WHO) :]
    assert [part_of("1995-07-01", column, columns) for column in columns[:3]] == ["1995", "7", "1"]
    assert [part_of("1995", column, columns) for column in columns[:3]] == ["1995", "", ""]
    assert [part_of("", column, columns) for column in columns[:3]] == ["", "", ""]
    assert [part_of("女", column, columns) for column in columns[3:]] == ["", "√"]
