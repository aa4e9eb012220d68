"""Rows between preview and confirmation: packed and unpacked they say the same, and only what is asked for is made."""

import pytest

from members.importing.staging import FORMAT, NothingStaged, Staged, pack, unpack
from members.ledger.cell import ASK, FIXED, Cell
from members.ledger.results import Interpretation, LedgerRow

CELLS = {
    "name": Cell("姓名", "测甲", "测甲"),
    "birth_date": Cell("出生日期", "1950.1", None, ASK, "date_format"),
    "education": Cell("学历", "大学", "本科", FIXED, "word"),
    "remark": Cell("备注", None, None),
}


def unpacked() -> LedgerRow:
    rows = [LedgerRow("台账", 3, cells=dict(CELLS)), LedgerRow("台账", 4, "skip", "blank")]
    found = unpack(pack(Staged(Interpretation([], rows)))).interpretation.rows
    assert (found[1].kind, found[1].reason) == ("skip", "blank")
    return found[0]


def test_an_unpacked_row_holds_the_cells_that_were_packed():
    assert unpacked().cells == CELLS


def test_single_cells_and_marked_ones_are_found_before_and_after_all_are_made():
    row = unpacked()
    for _twice in range(2):
        assert {name: row.cell(name) for name in CELLS} == CELLS
        assert row.cell("mobile") is None
        assert row.value("education") == "本科"
        assert dict(row.marked()) == {name: CELLS[name] for name in ("birth_date", "education")}
        assert row.cells == CELLS


def test_a_changed_cell_counts():
    row = unpacked()
    row.cells["name"] = Cell("姓名", "测乙", "测乙")
    assert row.value("name") == "测乙"


@pytest.mark.parametrize("text", ["", "x", "\n", "eA==\neA=="])
def test_what_is_not_there_or_not_ours_is_not_kept(text):
    with pytest.raises(NothingStaged):
        unpack(text)


def test_blocks_of_another_format_are_not_read(monkeypatch):
    text = pack(Staged(Interpretation([], [LedgerRow("台账", 3, cells=dict(CELLS))])))
    monkeypatch.setattr("members.importing.staging.FORMAT", FORMAT + b"9")
    with pytest.raises(NothingStaged):
        unpack(text)
