"""Headers are found under titles, over several rows, and mapped by name alone."""

from typing import Any

import pytest

from members.ledger.aliases import ALIASES, label_of
from members.ledger.folding import fold_header
from members.ledger.headers import find_header
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.workbook import LedgerRefused, Sheet
from tests.members.ledger.making import HEADER, TODAY, read_rows, somebody, xlsx


def columns(*rows: list[Any], merged: list[tuple[int, int, int, int]] | None = None) -> dict[str, str | None]:
    """{header: field or status} of the header found in rows."""
    header = find_header(Sheet("Sheet1", [list(row) for row in rows], merged=merged or []))
    assert header is not None
    return {column.header: column.field or column.status for column in header.columns}


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("姓  名", "name"),
        ("*姓名（必填）", "name"),
        ("身份证\n号码", "id_number"),
        ("公民身份证号（18位）", "id_number"),
        ("身份證號碼", "id_number"),
        ("出生年月(岁)", "birth_date"),
        ("入党时间（格式：1990-01-01）", "join_date"),
        ("村（社区）", "community"),
        ("是否持有《中国共产党流动党员活动证》", "certificate_number"),
        ("聯繫電話", "mobile"),
        ("手机号码★", "mobile"),
        ("备  注：", "remark"),
    ],
)
def test_header_is_folded_before_it_is_looked_up(written: str, field: str) -> None:
    assert ALIASES[fold_header(written)] == field


def test_header_is_found_below_titles_and_needs_a_name() -> None:
    header = find_header(Sheet("a", [["台账"], ["单位："], [], ["序号", "姓名", "手机号"], [1, "测甲", "13800000001"]]))
    assert header is not None
    assert (header.first, header.last, header.titles) == (3, 3, ["台账", "单位："])
    assert find_header(Sheet("a", [["序号", "手机号", "性别"]])) is None
    assert find_header(Sheet("a", [["测甲", "男", "汉族"]])) is None


def test_first_of_two_headers_wins() -> None:
    """Taking the richer one below would lose the people of the first table."""
    rows = [["姓名", "手机号", "性别"], ["测甲", "1", "男"], ["姓名", "手机号", "性别", "民族", "备注"]]
    header = find_header(Sheet("a", rows))
    assert header is not None
    assert header.first == 0


def test_second_phone_after_a_contact_person_is_not_the_members() -> None:
    found = find_header(Sheet("a", [["姓名", "联系电话", "身份证号", "紧急联系人", "联系电话"]]))
    assert found is not None
    assert [column.field for column in found.columns] == ["name", "mobile", "id_number", "family_contact", None]


def test_only_phone_after_an_unknown_contact_is_asked() -> None:
    assert columns(["姓名", "身份证号", "联系人", "联系电话"]) == {
        "姓名": "name",
        "身份证号": "id_number",
        "联系人": "ask",
        "联系电话": "ask",
    }


@pytest.mark.parametrize("merged", [None, [(1, 3, 1, 4), (1, 5, 1, 6), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2)]])
def test_two_rows_join_and_other_peoples_phones_stay_theirs(merged: list[tuple[int, int, int, int]] | None) -> None:
    found = columns(
        ["姓名", "身份证号", "联系电话", "流出地", "", "家属", ""],
        ["", "", "", "联系人", "电话", "姓名", "联系电话"],
        ["测甲", "1", "13800000001", "测乙", "13800000002", "测丙", "13800000003"],
        merged=merged,
    )
    assert found["联系电话"] == "mobile"
    assert found["流出地/联系人"] == "counterpart_contact_name"
    assert found["流出地/电话"] == "counterpart_contact_phone"
    assert found["家属/姓名"] == "family_contact"
    assert found["家属/联系电话"] == "duplicate"


def test_headers_of_several_meanings_are_settled_by_the_words_below() -> None:
    base = ["姓名", "身份证号", "手机号"]
    assert columns([*base, "流动类型"], ["测甲", "", "", "流出"])["流动类型"] == "direction"
    assert columns([*base, "流动类型"], ["测甲", "", "", "跨省"])["流动类型"] == "movement_scope"
    assert columns([*base, "流动类型"], ["测甲", "", "", "甲乙丙"])["流动类型"] == "ask"
    assert columns([*base, "党籍状态"], ["测甲", "", "", "预备党员"])["党籍状态"] == "member_type"
    assert columns([*base, "外出流向"], ["测甲", "", "", "浙江杭州"])["外出流向"] == "ask"


def test_unknown_columns_are_listed_and_never_mapped_by_place() -> None:
    assert columns(["姓名", "失业保险编号", "身份证号", "手机号"])["失业保险编号"] == "unknown"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ["支部", "书记", "联系电话", "姓名", "身份证号", "电话"],
            ["home_organization", None, None, "name", "id_number", "mobile"],
        ),
        (["包保责任人", "联系电话", "姓名", "本人电话"], ["liaison_name", "liaison_phone", "name", "mobile"]),
        (
            ["姓名", "身份证号", "联系电话", "家属姓名", "手机号"],
            ["name", "id_number", "mobile", "family_contact", None],
        ),
        (
            ["姓名", "流出地党组织", "联系电话", "流入地党组织", "联系电话", "身份证号"],
            ["name", "home_organization", None, "host_organization", None, "id_number"],
        ),
        (["姓名", "所在党支部", "联系电话", "手机号码"], ["name", "home_organization", None, "mobile"]),
        (["姓名", "性别", "流出地党组织", "联系电话"], ["name", "gender", "home_organization", "mobile"]),
        (["姓名", "身份证号", "联系电话（家属）"], ["name", "id_number", "family_contact"]),
        (["姓名", "身份证号", "网格员意见", "联系电话"], ["name", "id_number", None, "mobile"]),
    ],
)
def test_phone_of_somebody_else_is_never_the_members(headers: list[str], expected: list[str | None]) -> None:
    header = find_header(Sheet("a", [headers]))
    assert header is not None
    assert [column.field for column in header.columns] == expected


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("性别（男/女）", "gender"),
        ("9.入党时间", "join_date"),
        ("（三）身份证号", "id_number"),
        ("手机号1", "mobile"),
        ("姓名 Name", "name"),
        ("Phone Number", "mobile"),
        ("党员本人身份证号码", "id_number"),
        ("流出地点\n省-市-区", "destination"),
        ("出生年月\n如1985-06", "birth_date"),
        ("现居住地\n社区", None),
        ("入党\n介绍人", None),
        ("党员信息", None),
        ("电话（单位）", None),
        ("QQ微信", None),
    ],
)
def test_header_in_an_offices_own_words(written: str, field: str | None) -> None:
    assert ALIASES.get(label_of(written)) == field


def test_group_heading_above_the_name_belongs_to_the_header() -> None:
    found = columns(
        ["编号", "入党时间（格式：1990-01-01）", "流出地党组织", None, "个人信息", None],
        [None, None, "党组织", "联系电话", "学历", "*姓名（必填）"],
        [1, "1990-01-01", "甲支部", "13800000002", "高中", "测甲"],
        merged=[(1, 2, 1, 3), (1, 4, 1, 5), (1, 0, 2, 0), (1, 1, 2, 1)],
    )
    assert found["入党时间（格式：1990-01-01）"] == "join_date"
    assert found["个人信息/*姓名（必填）"] == "name"
    assert found["流出地党组织/联系电话"] == "counterpart_contact_phone"


@pytest.mark.parametrize("title", ["联系人电话", "联系人姓名", "联系人及电话", "联系人联系方式"])
def test_contact_person_who_may_be_anybodys_is_asked(title: str) -> None:
    assert columns(["姓名", "身份证号", "手机号", title])[title] == "ask"


@pytest.mark.parametrize("group", ["配偶信息", "家属情况", "紧急联系人"])
def test_family_beside_the_member_is_no_second_table(group: str) -> None:
    titles = ["姓名", "性别", "身份证号码", "电话"]
    row = ["测甲", "男", "340103197001109919", "13800000001", "测妻", "女", "", "13700000001"]
    rows = [["党员信息", *[""] * 3, group, *[""] * 3], [*titles, *titles], row]
    found = interpret(read_workbook(xlsx({"流出": rows}, merged=["A1:D1", "E1:H1"])), Options(today=TODAY))
    (one,) = [row for row in found.rows if row.kind == "data"]
    assert (one.value("name"), one.value("mobile"), one.value("gender")) == ("测甲", "13800000001", "男")


FOUR = ["姓名", "性别", "身份证号码", "联系电话"]


@pytest.mark.parametrize("gap", [[], [None]])
@pytest.mark.parametrize("groups", [None, ["流出党员", "流入党员"]])
def test_two_tables_side_by_side_are_refused(gap: list[None], groups: list[str] | None) -> None:
    """The right one's people would be lost, or their numbers kept with somebody else's file."""
    people = [[somebody(number)[place] for place in (1, 2, 5, 6)] for number in range(4)]
    rows = [[*FOUR, *gap, *FOUR], [*people[0], *gap, *people[1]], [*people[2], *gap, *people[3]]]
    if groups:
        rows.insert(0, [groups[0], None, None, None, *gap, groups[1], None, None, None])
    with pytest.raises(LedgerRefused) as refused:
        read_rows(rows)
    assert refused.value.code == "side_by_side"
    book = read_workbook(xlsx({"并排": rows, "正常": [HEADER, somebody(9)]}))
    found = interpret(book, Options(today=TODAY))
    assert [(sheet.name, sheet.used, sheet.code) for sheet in found.sheets] == [
        ("并排", False, "side_by_side"), ("正常", True, None),
    ]  # fmt: skip
    assert [row.value("name") for row in found.rows if row.kind == "data"] == [somebody(9)[1]]


def test_second_name_of_a_contact_is_no_second_table() -> None:
    rows = [[*HEADER, "联系人", "姓名", "电话"], [*somebody(1), "", "测乙", "13800000002"]]
    assert [row.value("name") for row in read_rows(rows).rows if row.kind == "data"] == [somebody(1)[1]]
