"""A ledger fills every field of the file: further facts, further phones, episodes that do not contradict each other."""

import pytest
from openpyxl import load_workbook

from members.exporting import ExportWish, export_members
from members.models import Member
from tests.members.ledger.making import HEADER
from tests.members.test_imports import bring_in, codes, of_row, row, wide

FACTS = {
    "微信号": "wx-yangli", "户籍所在地": "样例省样例市样例路5号", "证件类型": "身份证", "原职业": "农民",
    "流动范围": "省外", "新就业群体": "外卖员", "家属联系人": "样例甲 13700001111", "报到时间": "2026.3",
    "是否入群": "√",
    "联系情况": "每月通话", "思想状况": "稳定", "关爱类别": "独居", "活动证编号": "A001", "外出去向类别": "个体户",
}  # fmt: skip


@pytest.fixture
def clerk(acting):
    with acting("street_clerk@S11") as actor:
        yield actor


def facts_row(**changes):
    return [*row(), "流出", *(FACTS | changes).values()]


def bring_facts(world, clerk, **changes):
    return bring_in(world, clerk, facts_row(**changes), header=[*HEADER, "流动方向", *FACTS])


def test_every_column_reaches_its_field(world, clerk):
    report, outcomes = bring_facts(world, clerk)
    assert outcomes == ["new"], report["rows"][0]["problems"]
    member = of_row()
    assert (member.wechat_id, member.household_address) == ("wx-yangli", "样例省样例市样例路5号")
    assert (member.id_type, member.former_occupation, member.new_employment) == ("居民身份证", "农牧渔民", "网约配送员")
    assert (member.family_contact, member.reported_on, member.in_group) == ("样例甲 13700001111", "2026-03", "是")
    assert (member.contact_note, member.certificate_number) == ("每月通话", "A001")
    movement = member.movements.get()
    assert (movement.scope, movement.destination_kind) == ("跨省", "个体工商户")


def test_what_needs_consent_is_not_stored_by_an_import(world, clerk):
    bring_facts(world, clerk)
    member = of_row()
    assert (member.thought_note, member.care_tags) == ("", "")
    assert "稳定" not in member.ledger_extra
    assert "独居" not in member.ledger_extra


def test_same_ledger_again_changes_nothing_and_one_cell_changes_one_field(world, clerk):
    bring_facts(world, clerk)
    before = bytes(of_row().details_sealed)
    assert bring_facts(world, clerk)[1] == ["unchanged"]
    assert bytes(of_row().details_sealed) == before
    report, outcomes = bring_facts(world, clerk, 微信号="wx-new", 家属联系人="")
    assert outcomes == ["changed"]
    member = of_row()
    assert (member.wechat_id, member.family_contact) == ("wx-new", "样例甲 13700001111")  # blank never overwrites


def test_export_brings_the_same_facts_back_and_masks_them_by_default(world, clerk, tmp_path):
    bring_facts(world, clerk)
    for unmasked in (True, False):
        rows = Member.objects.filter(pk=of_row().pk)
        made = export_members(members=rows, by=clerk, wish=ExportWish(unmasked=unmasked, reason="check"))
        path = tmp_path / "out.xlsx"
        path.write_bytes(made.content)
        sheet = list(load_workbook(path).worksheets[0].values)
        at = next(number for number, cells in enumerate(sheet) if "姓名" in cells)
        header, values = sheet[at : at + 2]
        line = dict(zip(header, values, strict=True))
        assert line["原职业"] == "农牧渔民"
        assert (line["微信号"] == "wx-yangli") is unmasked
        assert (line["家属联系人"] == "样例甲 13700001111") is unmasked
        assert "13700001111" in str(line) or not unmasked
        assert not line["思想状况"]


def test_masked_text_that_comes_back_is_asked_about(world, clerk):
    bring_facts(world, clerk)
    report, outcomes = bring_facts(world, clerk, 户籍所在地="样例省****", 微信号="w****")
    assert outcomes == ["unchanged"]
    assert "text_masked" in codes(report)
    member = of_row()
    assert (member.household_address, member.wechat_id) == ("样例省样例市样例路5号", "wx-yangli")
    assert "****" not in member.ledger_extra


def test_further_mobile_of_a_cell_is_noted_once(world, clerk):
    _report, outcomes = bring_in(world, clerk, row(联系电话="13812345678 / 13912345678"), header=HEADER)
    assert outcomes == ["new"]
    member = of_row()
    assert (member.mobile, [phone.number for phone in member.phones.all()]) == ("13812345678", ["13912345678"])
    assert bring_in(world, clerk, row(联系电话="13812345678 / 13912345678"), header=HEADER)[1] == ["unchanged"]
    assert member.phones.count() == 1


def test_replaced_mobile_stays_and_still_matches(world, clerk):
    bring_in(world, clerk, row(), header=HEADER)
    member = of_row()
    former = member.mobile
    assert bring_in(world, clerk, row(联系电话="13912345678"))[1] == ["changed"]
    assert [phone.number for phone in member.phones.all()] == [former]
    report, _outcomes = bring_in(world, clerk, row(身份证号码="", 出生日期=""))  # an older ledger
    assert report["rows"][0]["member"] == str(member.pk)


@pytest.mark.parametrize("started", ["2021-03", "2020"])
def test_overlapping_episode_is_kept_as_a_note_and_asked(world, clerk, started):
    assert bring_in(world, clerk, wide(started="2019-01", ended="2023-06"))[1] == ["new"]
    report, _outcomes = bring_in(world, clerk, wide(started=started))
    assert "episodes_overlap" in codes(report)
    member = of_row()
    assert member.movements.count() == 1
    assert started[:4] in member.ledger_extra


def test_second_home_is_asked_and_not_stored(world, clerk):
    header = [*HEADER, "流动方向", "流入时间", "所在党支部"]
    assert bring_in(world, clerk, wide(started="2019-01"))[1] == ["new"]
    report, _outcomes = bring_in(world, clerk, [*row(), "流入", "2024-05", "样例C112居委会"], header=header)
    assert "second_side" in codes(report)
    assert of_row().movements.count() == 1
