"""The rows of an import between preview and confirmation: one text, sealed in the database, nothing on disk.

The text is two lines of compressed JSON: what the plan decided (members.importing.deciding), and the rows. Confirming
reads the first line only, unless a file changed since.
"""

import base64
import gc
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from members.importing.drafts import Change
from members.importing.planning import Key, Plan
from members.importing.problems import MatchProblem
from members.ledger.cell import OK, Cell
from members.ledger.headers import Column
from members.ledger.report import Outcome
from members.ledger.results import Interpretation, LedgerRow, SheetReport

FORMAT = 2
_FAST = 1  # of zlib's levels: the text is packed and unpacked once or twice


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Rows by the ten thousand and no cycles among them: looking for some takes as long as all the rest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class NothingStaged(Exception):
    """The rows are no longer there (expired, discarded) or cannot be read."""


@dataclass(slots=True)
class Staged:
    """An interpretation with the texts of unknown columns and what the last plan decided, by (sheet, row).

    `made`: rows whose file the import makes.
    """

    interpretation: Interpretation
    unknown: dict[Key, dict[str, str]] = field(default_factory=dict)
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    changes: dict[Key, list[Change]] = field(default_factory=dict)
    made: set[Key] = field(default_factory=set)

    def take(self, plan: Plan) -> None:
        """Remember what a plan decided."""
        self.outcomes, self.changes = plan.outcomes, plan.changes
        self.made = {key for key, draft in plan.drafts.items() if draft.stored is None}


def pack(staged: Staged, decided: Any = None) -> str:
    """One text for everything that is staged, and for what was decided."""
    shapes: dict[Any, int] = {}
    rows = [_pack_row(row, staged, shapes) for row in staged.interpretation.rows]
    sheets = [_pack_sheet(sheet) for sheet in staged.interpretation.sheets]
    return (
        f"{_squeeze(decided)}\n{_squeeze({'format': FORMAT, 'sheets': sheets, 'shapes': list(shapes), 'rows': rows})}"
    )


@collector_at_rest()
def unpack(text: str, *, is_applied: bool = True) -> Staged:
    """What `pack` made a text of. Before an import is applied its new files have no number. Raises NothingStaged."""
    try:
        content = _expand(text.partition("\n")[2])
        if content["format"] != FORMAT:
            raise NothingStaged
    except (ValueError, TypeError, KeyError, zlib.error):
        raise NothingStaged from None
    sheets = [
        SheetReport(name, rows, used, reason, [Column(*column) for column in columns], *more)
        for name, rows, used, reason, columns, *more in content["sheets"]
    ]
    staged = Staged(Interpretation(sheets, []))
    for packed in content["rows"]:
        _unpack_row(packed, staged, content["shapes"], is_applied)
    return staged


def unpack_decided(text: str) -> Any:
    """What was decided, None where nothing is kept."""
    try:
        return _expand(text.partition("\n")[0])
    except (ValueError, zlib.error):
        return None


def _squeeze(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    return base64.b64encode(zlib.compress(text.encode(), _FAST)).decode()


def _expand(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def _pack_sheet(sheet: SheetReport) -> list[Any]:
    columns = [[c.index, c.header, c.folded, c.field, c.status] for c in sheet.columns]
    more = [sheet.key, sheet.code, sheet.first_column, sheet.below_gap]
    return [sheet.name, sheet.rows, sheet.used, sheet.reason, columns, *more]


def _pack_row(row: LedgerRow, staged: Staged, shapes: dict[Any, int]) -> list[Any]:
    """Rows of one sheet have the same fields under the same headers: their shape is kept once."""
    if row.kind != "data":
        return [row.sheet, row.row, row.reason]
    key = (row.sheet, row.row)
    shape = (row.sheet, *[(name, cell.column) for name, cell in row.cells.items()])
    cells = [
        cell.raw
        if cell.rule is None and cell.value == cell.raw and cell.severity == OK
        else [cell.raw, cell.value, cell.severity, cell.rule]
        for cell in row.cells.values()
    ]
    problems = [[problem.field, problem.code, problem.severity, int(problem.waits)] for problem in row.problems]
    outcome = staged.outcomes.get(key)
    decided = [outcome.outcome, outcome.member, int(key in staged.made)] if outcome else None
    return [
        shapes.setdefault(shape, len(shapes)), row.row, cells, problems, row.community_hint, row.community_origin,
        row.direction, row.duplicate_of, decided, staged.changes.get(key), staged.unknown.get(key),
    ]  # fmt: skip


def _unpack_row(packed: list[Any], staged: Staged, shapes: list[Any], is_applied: bool) -> None:
    if len(packed) == 3:
        sheet, number, reason = packed
        staged.interpretation.rows.append(LedgerRow(sheet, number, "skip", reason))
        return
    shape, number, cells, problems, hint, origin, direction, duplicate, decided, changes, unknown = packed
    sheet, *fields = shapes[shape]
    row = LedgerRow(
        sheet,
        number,
        cells={
            name: Cell(column, *cell) if type(cell) is list else Cell(column, cell, cell)
            for (name, column), cell in zip(fields, cells, strict=True)
        },
        problems=[MatchProblem(name, code, severity, bool(waits)) for name, code, severity, waits in problems],
        community_hint=hint,
        community_origin=origin,
        direction=direction,
        duplicate_of=tuple(duplicate) if duplicate else None,
    )
    staged.interpretation.rows.append(row)
    key = (sheet, number)
    if decided:
        outcome, member, is_made = decided
        staged.outcomes[key] = Outcome(outcome, member if is_applied or not is_made else None)
    if changes is not None:
        staged.changes[key] = [tuple(change) for change in changes]
    if unknown:
        staged.unknown[key] = unknown
