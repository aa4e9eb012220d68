"""Sheets that are no tables: forms of one person each, several on a sheet, other people in them, and turned tables."""

import pytest

from members.importing.values import unknown_texts
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.workbook import LedgerRefused
from tests.members.ledger.making import HEADER, TODAY, id_number, somebody, xlsx
from tests.members.ledger.office import files, papers
from tests.members.ledger.office.judging import read_here

Rows = list[list[object]]


def people(rows: Rows) -> list[dict[str, str | None]]:
    """The values of every person of a sheet 流出."""
    found = interpret(read_workbook(xlsx({"流出": rows})), Options(today=TODAY))
    return [{name: cell.value for name, cell in row.cells.items()} for row in found.rows if row.kind == "data"]


def form(name: str, number: int, mobile: str) -> Rows:
    return [
        ["姓名", name, "性别", "男", "民族", "汉族"],
        ["身份证号", id_number(f"197{number}-01-01"), "", "入党时间", "1995-07-01", ""],
        ["联系电话", mobile, "", "流出时间", "2019-03", ""],
    ]


FAMILY = [
    ["姓名", "关系", "出生年月", "工作单位", "联系电话", ""],
    ["测妻", "妻子", "1972-01", "某店", "13700000001", ""],
]


@pytest.mark.parametrize("below", [[], FAMILY, [["家庭成员"], *FAMILY], [["称谓", *FAMILY[0]], ["妻", *FAMILY[1]]]])
def test_family_table_below_a_form_makes_nobody(below: Rows) -> None:
    rows = [["信息采集表"], *form("测甲", 1, "13800000001"), *below, *form("测乙", 2, "13800000002"), *below]
    assert [(one["name"], one["mobile"]) for one in people(rows)] == [("测甲", "13800000001"), ("测乙", "13800000002")]


@pytest.mark.parametrize(
    "line",
    [
        ["姓名", "测妻", "联系电话", "13700000001"],
        ["", "姓名", "测妻", "联系电话", "13700000001"],
        ["配偶", "姓名", "测妻", "联系电话", "13700000001"],
    ],
)
def test_somebody_else_in_a_form_gives_the_member_no_phone(line: list[object]) -> None:
    rows = [*form("测甲", 1, ""), line]
    found = people(rows)
    assert [(one["name"], one["mobile"]) for one in found] == [("测甲", None)]
    assert "测妻" not in str({name: value for name, value in found[0].items() if name != "family_contact"})


@pytest.mark.parametrize("gap", [[], [None]])
def test_forms_beside_each_other_are_two_people(gap: list[None]) -> None:
    pairs = zip(form("测甲", 1, "13800000001"), form("测乙", 2, "13800000002"), strict=True)
    below = zip(form("测丙", 3, "13800000003"), form("测丁", 4, "13800000004"), strict=True)
    found = people(
        [*([*left, *gap, *right] for left, right in pairs), *([*left, *gap, *right] for left, right in below)]
    )
    assert [(one["name"], one["mobile"], one["started_on"]) for one in found] == [
        ("测甲", "13800000001", "2019-03"), ("测乙", "13800000002", "2019-03"),
        ("测丙", "13800000003", "2019-03"), ("测丁", "13800000004", "2019-03"),
    ]  # fmt: skip


TURNED: Rows = [
    ["姓名", "测甲", "测乙", "测丙"],
    ["性别", "男", "女", "男"],
    ["身份证号", id_number(), id_number("1971-01-01"), ""],
    ["联系电话", "13800000001", "", "13800000003"],
]


@pytest.mark.parametrize("above", [[], [["流动党员情况"], ["项目", "1", "2", "3"]]])
def test_table_with_a_column_for_each_person_is_refused_whole(above: Rows) -> None:
    """Read as a form it would give the first of them and lose the others."""
    with pytest.raises(LedgerRefused) as refused:
        people([*above, *TURNED])
    assert refused.value.code == "turned"
    book = read_workbook(xlsx({"横表": [*above, *TURNED], "正常": [HEADER, somebody(9)]}))
    found = interpret(book, Options(today=TODAY))
    assert [(sheet.name, sheet.hides_people) for sheet in found.sheets] == [("横表", True), ("正常", False)]
    assert [row.value("name") for row in found.rows if row.kind == "data"] == [somebody(9)[1]]


def test_form_with_unknown_titles_and_notes_is_no_turned_table() -> None:
    rows: Rows = [
        ["姓名", "测甲", "曾用名", "测小甲"],
        ["性别", "男", "身高", "170"],
        ["身份证号", id_number(), "（18位）"],
        ["联系电话", "13800000001", "邮箱", "a@example.invalid"],
    ]
    assert [(one["name"], one["gender"], one["mobile"]) for one in people(rows)] == [("测甲", "男", "13800000001")]


def test_numbers_and_dates_in_a_cell_for_each_sign_are_one_value() -> None:
    rows: Rows = [
        ["姓名", "测甲"],
        ["身份证号", *id_number()],
        ["手机号", *"13800000001", "性别", "男"],
        ["流出时间", "2020", "年", 3, "月"],
    ]
    found = people(rows)
    assert [(one["id_number"], one["mobile"], one["gender"], one["started_on"]) for one in found] == [
        (id_number(), "13800000001", "男", "2020-03")
    ]


def test_second_value_of_a_form_is_kept_beside_the_file() -> None:
    book = read_workbook(
        xlsx({"流出": [*form("测甲", 1, "13800000001"), ["住址", "甲路1号"], ["家庭住址", "乙路2号"]]})
    )
    found = interpret(book, Options(today=TODAY))
    assert found.rows[-1].value("current_address") == "甲路1号"
    assert list(unknown_texts(book, found).values()) == [{"家庭住址": "乙路2号"}]


@pytest.mark.parametrize("start", range(0, 600, 200))
def test_forms_at_random_are_their_people(start: int) -> None:
    for seed in range(start, start + 200):
        grid, everybody, fields = papers.make(seed)
        found = interpret(read_here(files.xlsx([grid])), Options(today=TODAY))
        rows = {row.value("name"): row for row in found.rows if row.kind == "data"}
        assert rows.keys() == {person["name"] for person in everybody}, seed
        for person in everybody:
            row = rows[person["name"]]
            assert {name: row.value(name) or "" for name in fields} == {name: person[name] for name in fields}, seed
