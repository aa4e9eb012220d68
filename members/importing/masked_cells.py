"""The cells of a row that hold a mask, as a masked export writes it. A mask is no value and is never stored."""

import re
from dataclasses import dataclass, field

from members.file_fields import FIELDS, Kind
from members.importing.problems import MatchProblem
from members.ledger.cell import ASK, ERROR, OK, Cell
from members.ledger.results import LedgerRow

SAME = "masked_same"
"""The rule of a cell that shows the mask of what is stored."""

_MASK = re.compile(r"[*＊]{2}")
_PHONES = frozenset(field.in_ledger for field in FIELDS if field.kind == Kind.PHONE)
_NEVER = frozenset(["name", "community", "direction", "floating"])  # no export masks them
_ASKED = {"id_number": ("id_masked", ERROR), "mobile": ("mobile_masked", ASK)}
_TEXT = ("text_masked", ASK)
_CODES = frozenset(["id_masked", "mobile_masked", "text_masked"])
_OTHER_DOUBTS = ("two_values", "cell_struck", "fix_declined")


@dataclass(slots=True)
class Masks:
    """`cells`: ledger field → the mask in its cell; `extra`: the same by the header of a column without a field;
    `has_number_column`: whether an empty cell says that there is no ID number."""

    cells: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    has_number_column: bool = False


def holds_mask(text: str | None) -> bool:
    """Whether a text has two asterisks in a row."""
    return text is not None and _MASK.search(text) is not None


def find_masks(row: LedgerRow, unknown: dict[str, str]) -> Masks | None:
    """The masks of a row, None without any. Their cells and problems become what they are without a known person."""
    cells = {}
    for name, cell in row.cells.items():
        text = cell.value or cell.raw
        if text and ("*" in text or "＊" in text) and _is_mask(name, cell, text):
            cells[name] = text
    extra = {key: text for key, text in unknown.items() if holds_mask(text)}
    if not cells and not extra:
        return None
    for name, text in cells.items():
        _ask(row, name, text)
    for key in extra:
        if not any(problem.field == key and problem.code in _CODES for problem in row.problems):
            row.problems.append(MatchProblem(key, *_TEXT))
    return Masks(cells, extra, "id_number" in row.cells)


def accept_mask(row: LedgerRow, name: str) -> None:
    """The mask in a cell (or, by its header, in a column without a field) is the one of the stored value."""
    cell = row.cells.get(name)
    if cell is not None:
        row.cells[name] = Cell(cell.column, cell.raw, None, OK, SAME)
    row.problems = [problem for problem in row.problems if problem.field != name or problem.code not in _CODES]


def is_stopped(row: LedgerRow, masks: Masks | None) -> bool:
    """Whether a row cannot be stored, whoever it is: a masked ID number alone may yet be somebody's."""
    if not row.blocked or masks is None or "id_number" not in masks.cells:
        return row.blocked is not None
    return any(problem.waits or (problem.severity == ERROR and problem.code != "id_masked") for problem in row.problems)


def _is_mask(name: str, cell: Cell, text: str) -> bool:
    if name in _NEVER or (cell.rule or "").startswith(_OTHER_DOUBTS):
        return False
    if name in _ASKED:
        return cell.rule in (_ASKED[name][0], SAME)
    # of a number of two digits one is masked, and by one sign
    return holds_mask(text) or (name in _PHONES and len(text) <= 2)


def _ask(row: LedgerRow, name: str, text: str) -> None:
    code, severity = _ASKED.get(name, _TEXT)
    cell = row.cells[name]
    if cell.rule == code:
        return
    row.cells[name] = Cell(cell.column, cell.raw or text, None, severity, code)
    row.problems = [problem for problem in row.problems if problem.field != name or problem.code != cell.rule]
    row.problems.append(MatchProblem(name, code, severity))
