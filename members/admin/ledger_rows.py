"""The rows of an import as the preview page shows them: masked, with what changes and what is wrong, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from members.enums import RowOutcome
from members.importing.labels import field_label, shown_value, stored_word
from members.importing.staging import Staged
from members.importing.values import MOVEMENT_FIELDS
from members.ledger.cell import ASK
from members.ledger.messages import skip_text
from members.ledger.results import LedgerRow
from portal.models import Organization

PAGE_CHARS = 100_000
"""What the rows of one page may hold: with its tags and the frame of the site a page stays below 300 KB."""

_LONGEST_TEXT = 60
_MOST_LINES = 12
_TAG_CHARS = 60
_SKIPPED = str(RowOutcome.SKIPPED)
_STORED = (str(RowOutcome.NEW), str(RowOutcome.CHANGED), str(RowOutcome.UNCHANGED))
_LEDGER_FIELDS = {attribute: name for name, attribute in MOVEMENT_FIELDS.items()}


@dataclass
class ShownRow:
    """One line of the preview."""

    sheet: str
    number: int
    outcome: str
    label: str
    name: str = ""
    community: str = ""
    id_number: str = ""
    mobile: str = ""
    member: str | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    cells: list[tuple[str, str, str, str]] = field(default_factory=list)
    left_out: int = 0

    @property
    def size(self) -> int:
        """About how many characters of a page the row takes."""
        lines = [*self.changes, *self.problems, *self.cells]
        return 400 + sum(_TAG_CHARS + sum(map(len, line)) for line in lines)


@dataclass
class ProblemLine:
    """One problem with its place in the file: `place` is the cell (F5), `value` what it holds, masked."""

    sheet: str
    row: int
    place: str
    name: str
    label: str
    value: str
    message: str
    severity: str
    outcome: str


def outcome_of(row: LedgerRow, staged: Staged) -> str:
    """The outcome of a row by its key of RowOutcome."""
    found = staged.outcomes.get((row.sheet, row.row))
    return found.outcome if found else _SKIPPED


def is_flagged(row: LedgerRow, staged: Staged) -> bool:
    """Whether a row is stored although something in it should be looked at."""
    if not row.problems or outcome_of(row, staged) not in _STORED:
        return False
    return any(problem.severity in (ASK, "warn") for problem in row.problems)


def shown_rows(rows: Iterable[LedgerRow], staged: Staged) -> list[ShownRow]:
    """What the page shows of some rows. One query for the names of their communities."""
    rows = list(rows)
    codes = {row.value("community") for row in rows} - {None}
    names = {node.code: str(node) for node in Organization.objects.filter(code__in=codes)} if codes else {}
    return [_shown(row, staged, names) for row in rows]


def fit_page(rows: list[ShownRow]) -> list[ShownRow]:
    """Shorten texts and lists until the rows fit on one page; what is left out is counted in each row."""
    for row in rows:
        row.changes = [_short_line(line) for line in row.changes]
        row.cells = [_short_line(line) for line in row.cells]
        row.left_out = max(0, len(row.changes) - _MOST_LINES) + max(0, len(row.problems) - _MOST_LINES)
        row.changes, row.problems = row.changes[:_MOST_LINES], row.problems[:_MOST_LINES]
    room = PAGE_CHARS - sum(row.size for row in rows)
    for row in reversed(rows):
        if room >= 0:
            break
        room += row.size
        row.cells = []
        room -= row.size
    return rows


def _short_line(line: tuple[str, ...]) -> Any:
    return tuple(text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…" for text in line)


def problem_lines(rows: Iterable[LedgerRow], staged: Staged, kind: str = "") -> list[ProblemLine]:
    """Every problem of some rows, or those of one kind (field|code), in the order of the file."""
    places = cell_places(staged)
    lines = []
    for row in rows:
        for problem in row.problems:
            if kind and f"{problem.field}|{problem.code}" != kind:
                continue
            name = _LEDGER_FIELDS.get(problem.field, problem.field)
            cell = row.cells.get(name)
            value = shown_value(name, cell.raw) if cell is not None else ""
            column = places.get((row.sheet, name), "")
            lines.append(
                ProblemLine(
                    row.sheet, row.row, f"{column}{row.row}" if column else str(row.row),
                    (row.value("name") or _raw(row, "name"))[:20], _label(row, problem.field)[:40],
                    value[:_LONGEST_TEXT], problem.message, problem.severity, outcome_of(row, staged),
                )
            )  # fmt: skip
    return lines


def cell_places(staged: Staged) -> dict[tuple[str, str], str]:
    """(sheet, field) → letter of its column in the file."""
    places: dict[tuple[str, str], str] = {}
    for sheet in staged.interpretation.sheets:
        for column in sheet.columns:
            if column.field:
                letter = get_column_letter(sheet.first_column + column.index + 1)
                places.setdefault((sheet.name, column.field), letter)
    return places


def _shown(row: LedgerRow, staged: Staged, names: dict[str, str]) -> ShownRow:
    key = (row.sheet, row.row)
    outcome = outcome_of(row, staged)
    shown = ShownRow(row.sheet, row.row, outcome, str(RowOutcome(outcome).label))
    if row.kind != "data":
        shown.problems.append(("", skip_text(row.reason or ""), "ok"))
        return shown
    found = staged.outcomes.get(key)
    shown.member = found.member if found else None
    shown.name = row.value("name") or _raw(row, "name")
    shown.community = names.get(row.value("community") or "", "") or _raw(row, "community")
    shown.id_number = _masked(row, "id_number")
    shown.mobile = _masked(row, "mobile")
    shown.changes = [_change(row, *change) for change in staged.changes.get(key, [])]
    told = [
        (_label(row, problem.field), problem.message, problem.severity)
        for problem in row.problems
        if problem.code not in ("id_missing",) or outcome != RowOutcome.UNCHANGED
    ]
    shown.problems = list(dict.fromkeys(told))  # one column may fill two fields
    shown.cells = _cells(row, names)
    return shown


def _raw(row: LedgerRow, name: str) -> str:
    cell = row.cells.get(name)
    return shown_value(name, cell.raw) if cell else ""


def _masked(row: LedgerRow, name: str) -> str:
    return shown_value(name, row.value(name)) or _raw(row, name)


def _label(row: LedgerRow, name: str) -> str:
    """The column's own header where the ledger has one."""
    cell = row.cells.get(_LEDGER_FIELDS.get(name, name))
    return (cell.column if cell is not None and cell.column else field_label(name)) if name else ""


def _change(row: LedgerRow, name: str, old: str, new: str) -> tuple[str, str, str]:
    masked = _LEDGER_FIELDS.get(name, name)
    old, new = stored_word(old), stored_word(new)
    return _label(row, name), shown_value(masked, old), shown_value(masked, new)


def _cells(row: LedgerRow, names: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """(header, what the cell held, what is stored, severity) of every filled cell."""
    shown = []
    for name, cell in row.cells.items():
        if cell.raw is None and cell.value is None:
            continue
        value = names.get(cell.value or "", cell.value) if name == "community" else cell.value
        raw, kept = shown_value(name, cell.raw), shown_value(name, stored_word(value))
        shown.append((_label(row, name), raw, kept, cell.severity))
    return shown
