"""省, 市 and 县 in columns of their own are one place, and go out in the same columns."""

import pytest

from members.ledger.columns import columns_of
from members.ledger.interpret import Options, interpret
from members.ledger.place_parts import split
from members.ledger.reading import read_workbook
from tests.members.ledger.making import TODAY, id_number, xlsx

WHO = ["姓名", "身份证号码", "联系电话"]


def meant(*levels: list[str]) -> list[tuple[str | None, int]]:
    """(field or status, level) of the columns after WHO."""
    filled = [[*WHO, *levels[0]], *([*[""] * len(WHO), *one] for one in levels[1:])]
    return [(column.field or column.status, column.level) for column in columns_of(filled, [])][len(WHO) :]


@pytest.mark.parametrize(
    ("titles", "field"),
    [
        ([["流入地", "流入地", "流入地"], ["省", "市", "县（区）"]], "destination"),
        ([["流向地区", "流向地区", "流向地区"], ["省（区、市）", "市（州）", "县（市、区）"]], "destination"),
        ([["流出省份", "流出城市", "流出区县"]], "destination"),
        ([["流动去向（省）", "流动去向（市）", "流动去向（县）"]], "destination"),
        ([["现居住地省", "现居住地市", "现居住地详细地址"]], "current_address"),
        ([["户籍地/省", "户籍地/市", "户籍地/县"]], "household_address"),
        ([["籍贯省", "籍贯市", "籍贯县"]], "native_place"),
    ],
)
def test_neighbours_from_coarse_to_fine_are_one_place(titles: list[list[str]], field: str) -> None:
    found = meant(*titles)
    assert [name for name, _level in found] == [field] * 3
    assert [level for _name, level in found] == sorted({level for _name, level in found})


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["省", "市", "县"], ["unknown"] * 3),  # of what?
        (["流入地", "流入地省", "流入地市"], ["destination", "unknown", "unknown"]),  # the field has its own column
        (["流入地县", "流入地市"], ["unknown"] * 2),  # not from coarse to fine
        (["流出地省", "流出地市"], ["unknown"] * 2),  # where somebody left from is no field of its own
        (["流入省", "流入市", "备注", "外出省", "外出市"], ["unknown", "unknown", "remark", "unknown", "unknown"]),
        (["流出省份", "备注", "流出城市"], ["destination", "remark", "unknown"]),
    ],
)
def test_nothing_is_guessed(titles: list[str], expected: list[str]) -> None:
    assert meant(titles) == [(name, 0) for name in expected]


def place_of(*parts: str, below: tuple[str, ...] = ()) -> tuple[str | None, str | None, str, str | None]:
    """(raw, value, severity, rule) of the destination in a row with these parts; `below`: of a second row."""
    header = [*WHO, "流入地省", "流入地市", "流入地县"]
    rows = [["测甲乙", id_number(), "13800000001", *parts]]
    if below:
        rows.append(["测丙丁", id_number("1971-01-01"), "13800000002", *below])
    result = interpret(read_workbook(xlsx({"流入党员": [header, *rows]})), Options(today=TODAY))
    cell = result.rows[-1].cells["destination"]
    return cell.raw, cell.value, cell.severity, cell.rule


@pytest.mark.parametrize(
    ("parts", "text", "is_plain"),
    [
        (("安徽省", "合肥市", "肥西县"), "安徽省合肥市肥西县", True),
        (("安徽", "合肥", "肥西"), "安徽合肥肥西", True),
        (("安徽省", "", "肥西县"), "安徽省肥西县", True),
        (("", "合肥市", ""), "合肥市", True),
        # what is said twice, or says nothing, is told as a correction
        (("上海市", "上海市", "浦东新区"), "上海市浦东新区", False),
        (("上海市", "市辖区", "浦东新区"), "上海市浦东新区", False),
        (("安徽省", "安徽省合肥市", "安徽省合肥市肥西县"), "安徽省合肥市肥西县", False),
        (("安徽省", "合肥市", "无"), "安徽省合肥市", False),
    ],
)
def test_parts_become_one_text(parts: tuple[str, ...], text: str, is_plain: bool) -> None:  # noqa: FBT001
    raw, *rest = place_of(*parts)
    assert rest == ([text, "ok", None] if is_plain else [text, "fixed", "place_joined"])
    assert raw is not None
    assert raw.replace(" ", "") == "".join(parts)


def test_part_of_another_kind_is_asked_and_none_is_lost() -> None:
    assert place_of("安徽省", "13800138000", "肥西县") == ("安徽省 13800138000 肥西县", None, "ask", "other_kind")


def test_as_above_is_taken_over_part_by_part() -> None:
    found = place_of("安徽省", "合肥市", "肥西县", below=("同上", "同上", "肥东县"))
    assert found == ("同上 同上 肥东县", "安徽省合肥市肥东县", "fixed", "place_joined")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("安徽省合肥市肥西县", ["安徽省", "合肥市", "肥西县"]),
        ("广西壮族自治区百色市田阳区", ["广西壮族自治区", "百色市", "田阳区"]),
        ("四川省凉山彝族自治州西昌市", ["四川省", "凉山彝族自治州", "西昌市"]),
        ("上海市浦东新区", ["上海市", "", "浦东新区"]),
        ("合肥市肥西县", ["", "合肥市", "肥西县"]),
        ("深圳", ["", "", "深圳"]),
        ("", ["", "", ""]),
    ],
)
def test_parts_of_a_text_are_the_text(text: str, parts: list[str]) -> None:
    assert split(text, [1, 2, 3]) == parts
    assert "".join(parts) == text
