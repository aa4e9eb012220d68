"""Ledgers of single desks: every value was judged by hand, none is stored under another field."""

from typing import Any

import pytest

from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import LedgerRow
from tests.members.ledger.making import TODAY
from tests.members.ledger.office import files
from tests.members.ledger.office.desks import DESKS, born, form

EXPECTED: dict[str, dict[tuple[str, int], dict[str, Any]]] = {
    "inflow_book": {
        ("流入党员台账", 7): {
            "name": "欧阳测", "gender": "女", "id_number": born(1981, 3, 2, "982"), "started_on": "2020-05",
            "reason": "务工经商", "current_address": "测试路8号2栋", "mobile": "13811110001", "remark": "夫妻均为党员",
            "home_organization": "阜阳市颍上县测试镇东村党支部", "direction": "inflow", "": "五里社区",
        },
        ("流入党员台账", 8): {"name": "吐尔逊·测提", "started_on": "2019-10", "mobile": "13811110002"},
        ("流入党员台账", 9): {"name": "测晏", "started_on": "2021-07-01", "mobile": "13811110003", "remark": None},
    },
    "roster_of_branches": {
        ("五里第一党支部", 3): {
            "name": "高测丁", "ethnicity": "汉族", "birth_date": "1966-05-01", "education": "初中", "": "五里",
            "join_date": "1990-07-01", "started_on": "2015-03", "destination": "浙江温州", "reason": "务工经商",
            "mobile": "13711110001", "family_contact": "13611110001（妻）", "direction": "outflow",
        },
        ("五里第一党支部", 4): {"name": "何样", "started_on": "2018-10", "reason": "随迁", "mobile": "13711110002"},
        ("五里第二党支部", 3): {"name": "罗测岚", "started_on": "2022", "ethnicity": "土家族", "family_contact": None},
    },
    "forms": {
        ("测祺", 2): {
            "name": "郭测祺", "gender": "男", "birth_date": "1978-09", "id_number": born(1978, 9, 3),
            "mobile": "13511110001", "join_date": "2005-07-01", "full_member_date": "2006-07-01",
            "current_address": "测试路12号3栋401室", "employer": "测试物业有限公司", "started_on": "2022-03",
            "home_organization": "六安市金寨县样例乡党总支", "member_type": "正式", "remark": "愿意参加志愿服务",
        },
        ("林样", 2): {"name": "林样", "gender": "女", "mobile": "13511110002"},
    },
    "export_of_a_system": {
        ("Sheet1", 2): {
            "name": "周测屿", "gender": "男", "mobile": "13311110001", "ethnicity": "汉族", "birth_date": "1969-04-05",
            "join_date": "1991-07-01", "member_type": "正式", "home_organization": "五里社区第一党支部",
        },
        ("Sheet1", 3): {"name": "司马样", "gender": "女", "mobile": "13311110002", "member_type": "预备"},
    },
    "contacts_first": {
        ("台账", 3): {
            "name": "孙测", "mobile": "13211110001", "liaison_name": "网格测甲", "liaison_phone": "13011110001",
            "direction": "inflow", "last_contact_on": "2025-06-01", "needs": "无",
        },
        ("台账", 4): {"name": "朱样丁", "mobile": "13211110002", "liaison_phone": "13011110001"},
        ("台账", 5): {"mobile": "13211110003", "direction": "outflow", "last_contact_on": None, "needs": None},
    },
    "pieces": {
        ("名单", 4): {
            "name": "马测", "mobile": "13111110001", "join_date": "2001-06", "counterpart_contact_name": "测联络",
            "counterpart_contact_phone": "13911112222", "": "五里社区", "direction": "outflow",
        },
        ("名单", 5): {"name": "沈样测", "mobile": "13111110002", "counterpart_contact_phone": "0558-7654321"},
        ("名单", 7): {"name": "韩测", "mobile": "13111110003", "join_date": "1985-06", "": "林店社区"},
    },
}  # fmt: skip


def people_of(data: bytes) -> dict[tuple[str, int], LedgerRow]:
    result = interpret(read_workbook(data), Options(today=TODAY))
    return {(row.sheet, row.row): row for row in result.rows if row.kind == "data"}


@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods])
@pytest.mark.parametrize("name", DESKS)
def test_every_value_is_under_its_own_field(name: str, write: Any) -> None:
    found = people_of(write(DESKS[name]()))
    assert found.keys() == EXPECTED[name].keys()
    for place, values in EXPECTED[name].items():
        row = found[place]
        assert row.blocked is None
        read = {key: row.value(key) if key else row.community_hint for key in values}
        assert read == values


def test_empty_form_is_nobody() -> None:
    blank = form("空白", born(1978, 9, 3), "13511110001")
    for row, column in ((1, 1), (1, 3), (2, 1), (3, 1), (3, 5)):
        blank.rows[row][column] = None
    rows = people_of(files.xlsx([blank, *DESKS["forms"]()]))
    assert [row.blocked for row in rows.values()] == ["error", None, None]
