"""Column sets that are in use (design/ledgers.md, section 2, F1 to F10): what each column means, clean and dirtied."""

import random
from typing import Any

import pytest

from members.ledger.cell import FIXED, OK
from members.ledger.headers import find_header
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.workbook import LedgerRefused, Sheet
from tests.members.ledger.making import TODAY
from tests.members.ledger.office import dirt, files
from tests.members.ledger.office.grid import Grid
from tests.members.ledger.office.people import Person, people

# Header → field; "" for one that is known and not imported, "?" for one that is asked, "-" for one nobody knows.
FORMS: dict[str, dict[str, str]] = {
    "F1": {
        "序号": "", "姓名": "name", "所在党支部": "home_organization", "公民身份证号": "id_number", "性别": "gender",
        "民族": "ethnicity", "出生日期": "birth_date", "学历": "education", "人员类别": "member_type",
        "加入党组织日期": "join_date", "转为正式党员日期": "full_member_date", "工作岗位": "occupation",
        "手机号": "mobile", "固定电话": "landline", "家庭住址": "current_address", "党籍状态": "?",
        "是否为失联党员": "lost_contact", "失去联系日期": "lost_since", "是否为流动党员": "floating", "外出流向": "?",
    },
    "F3": {
        "姓名": "name", "性别": "gender", "公民身份号码": "id_number", "民族": "ethnicity", "出生日期": "birth_date",
        "学历": "education", "人员类别": "member_type", "学位": "degree", "所在党支部": "home_organization",
        "手机号码": "mobile", "入党日期": "join_date", "转正日期": "full_member_date", "党龄": "", "党龄校正值": "-",
        "新社会阶层类型": "-", "工作岗位": "occupation", "是否农民工": "-", "现居住地": "current_address",
        "户籍所在地": "household_address", "是否失联党员": "lost_contact", "是否流动党员": "floating", "入党类型": "-",
        "转正情况": "-", "入党时所在支部": "-", "延长预备期时间": "-",
    },
    "F4": {
        "姓名": "name", "公民身份号码": "id_number", "手机号码": "mobile", "籍贯": "native_place", "年龄": "",
        "毕业院校": "-", "专业": "-", "联合支部单位名称": "-", "档案所在单位": "-", "失去联系情形": "lost_cause",
        "失去联系日期": "lost_since", "信息完整度": "-",
    },
    "F6 out": {
        "学工号": "-", "姓名": "name", "所在党组织": "home_organization", "原职业": "former_occupation",
        "外出流向": "?", "流出时间": "started_on", "流出省份": "destination", "流出原因": "reason",
        "是否持有《中国共产党流动党员活动证》": "certificate_number", "组织关系状态": "-",
    },
    "F6 in": {
        "学工号": "-", "姓名": "name", "原职业": "former_occupation", "流入前所在省份": "-",
        "是否持有《中国共产党流动党员活动证》": "certificate_number", "流入时间": "started_on", "流入原因": "reason",
        "入党时间": "join_date", "组织关系所在地": "home_organization",
    },
    "F7 out": {
        "姓名": "name", "流动证号": "certificate_number", "性别": "gender", "身份证号码": "id_number",
        "原职业": "former_occupation", "外出原因": "reason", "流动类型": "?", "流出范围": "movement_scope",
        "流出组织名称": "home_organization", "流出日期": "started_on", "流出组织联系人": "counterpart_contact_name",
        "流出组织联系电话": "counterpart_contact_phone", "流入组织名称": "host_organization",
        "流入地址": "current_address", "失联时间": "lost_since", "联系情况": "contact_note", "回归时间": "ended_on",
        "人员类别": "member_type",
    },
    "F7 in": {
        "姓名": "name", "身份证号码": "id_number", "原所在地": "-", "原单位名称": "former_employer",
        "原党组织联系人及联系方式": "counterpart_contact_name",
    },
    "F8": {
        "姓名": "name", "性别": "gender", "年龄": "", "民族": "ethnicity", "原工作单位及职务": "former_employer",
        "入党时间": "join_date", "现居住市县": "current_address", "开始流动时间": "started_on",
        "结束流动时间": "ended_on",
    },
    "F8 list": {
        "姓名": "name", "流动类型": "?", "流向地/单位": "destination", "流出日期": "started_on",
        "预计返回": "expected_end_on", "流动证编号": "certificate_number", "状态": "?", "联系记录": "contact_note",
    },
    "F9": {
        "姓名": "name", "所在支部": "home_organization", "发证时间": "-", "外出原因": "reason",
        "外出地点": "destination", "外出时间": "started_on",
    },
}  # fmt: skip


def meaning(column: Any) -> str:
    if column.field and column.status == "mapped":
        return column.field
    return {"ignored": "", "ask": "?", "unknown": "-"}.get(column.status, column.status)


@pytest.mark.parametrize("name", FORMS)
def test_columns_mean_what_the_form_says(name: str) -> None:
    header = find_header(Sheet("a", [["题目"], list(FORMS[name]), ["测甲"]]))
    assert header is not None
    assert {column.header: meaning(column) for column in header.columns} == FORMS[name]


@pytest.mark.parametrize("variant", ["out", "in"])
@pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods, files.web])
def test_f5_two_rows_of_headers(variant: str, write: Any) -> None:
    """流出党员名册, 流入党员名册: title, time of making, group headings, a bare 与党组织联系方式 that is asked."""
    out = variant == "out"
    group, below = ("外出务工情况", ["何时外出", "地点", "从事职业及年收入"])
    if not out:
        group, below = "流入务工情况", ["何时流入", "组织关系所在地", "从事职业及年收入"]
    grid = Grid(
        "Sheet1",
        [
            ["流出党员名册" if out else "流入党员名册"],
            ["生成时间：2025-01-01"],
            ["序号", "姓  名", "性别", "年龄", "文化程度", "家庭人口", group, None, None]
            + ["与党组织联系方式", "思想状况", "备注"],
            [None, None, None, None, None, None, *below, None, None, None],
            [1, "测甲", "男", 45, "高中", 4, "2015.3", "浙江温州" if out else "测试镇党支部", "瓦工"]
            + ["电话", "稳定", None],
        ],
        merged=[(0, 0, 0, 11), (2, 6, 2, 8), *((2, c, 3, c) for c in (0, 1, 2, 3, 4, 5, 9, 10, 11))],
    )  # fmt: skip
    result = interpret(read_workbook(write([grid])), Options(today=TODAY))
    row = next(row for row in result.rows if row.kind == "data")
    place = "destination" if out else "home_organization"
    assert row.row == 5
    assert row.direction == ("outflow" if out else "inflow")
    assert {key: row.value(key) for key in ("name", "gender", "education", "started_on", place, "occupation")} == {
        "name": "测甲", "gender": "男", "education": "高中", "started_on": "2015-03",
        place: "浙江温州" if out else "测试镇党支部", "occupation": "瓦工",
    }  # fmt: skip
    assert "与党组织联系方式" in (result.sheets[0].reason or "")
    assert "mobile" not in row.cells


def test_f10_grid_of_figures_is_nobodys_ledger() -> None:
    grid = Grid(
        "统计",
        [["流动党员情况（二）"], ["项目", "合计", "公有经济", "非公"], ["跨省流动", 12, 4, 8], ["省内跨市", 3, 1, 2]],
    )
    with pytest.raises(LedgerRefused) as refusal:
        interpret(read_workbook(files.xlsx([grid])), Options(today=TODAY))
    assert refusal.value.code == "no_header"


def dirtied(form: dict[str, str], someone: Person, rng: random.Random) -> tuple[list[Any], dict[str, tuple[str, bool]]]:
    cells, truth = [], {}
    for field in form.values():
        right = someone.get(field, "")
        value, expected, must = (right or None, right, True) if rng.random() < 0.6 else dirt.mess(rng, field, right)
        cells.append(value if right else None)
        if right:
            truth[field] = (expected, must)
    return cells, truth


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", [name for name in FORMS if name not in ("F7 in",)])
def test_dirtied_form_is_the_truth_or_a_question(name: str, seed: int) -> None:
    rng = random.Random(f"{name} {seed}")
    form, rows, truths = FORMS[name], [["附件：" + name], list(FORMS[name])], []
    for someone in people(rng, 8):
        cells, truth = dirtied(form, someone, rng)
        rows.append(cells)
        truths.append(truth)
    write = (files.xlsx, files.xls, files.ods, files.web)[seed]
    result = interpret(read_workbook(write([Grid("Sheet1", rows)])), Options(today=TODAY))
    found = {row.row: row for row in result.rows if row.kind == "data"}
    assert list(found) == list(range(3, 11))
    for number, truth in enumerate(truths, 3):
        row = found[number]
        for field, (expected, must) in truth.items():
            cell = row.cells[field]
            if cell.value is not None and cell.severity in (OK, FIXED):
                assert cell.value == expected, (field, cell)
            else:
                assert not (must and expected and row.blocked is None), (field, cell)
