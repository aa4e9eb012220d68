"""The rows of an import between preview and confirmation: one text, sealed in the database, nothing on disk."""

import json
from dataclasses import dataclass, field
from typing import Any

from members.importing.drafts import Change
from members.importing.planning import Key, Plan
from members.importing.problems import MatchProblem
from members.ledger.cell import Cell
from members.ledger.headers import Column
from members.ledger.report import Outcome
from members.ledger.results import Interpretation, LedgerRow, SheetReport

FORMAT = 1


class NothingStaged(Exception):
    """The rows are no longer there (expired, discarded) or cannot be read."""


@dataclass(slots=True)
class Staged:
    """An interpretation with the texts of unknown columns and what the last plan decided, by (sheet, row)."""

    interpretation: Interpretation
    unknown: dict[Key, dict[str, str]] = field(default_factory=dict)
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    changes: dict[Key, list[Change]] = field(default_factory=dict)

    def take(self, plan: Plan) -> None:
        """Remember what a plan decided."""
        self.outcomes, self.changes = plan.outcomes, plan.changes


def pack(staged: Staged) -> str:
    """One text for everything that is staged."""
    return json.dumps(
        {
            "format": FORMAT,
            "sheets": [_pack_sheet(sheet) for sheet in staged.interpretation.sheets],
            "rows": [_pack_row(row, staged) for row in staged.interpretation.rows],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def unpack(text: str) -> Staged:
    """What `pack` made a text of. Raises NothingStaged."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise NothingStaged
    except (ValueError, TypeError, KeyError):
        raise NothingStaged from None
    sheets = [
        SheetReport(name, rows, used, reason, [Column(*column) for column in columns], *more)
        for name, rows, used, reason, columns, *more in content["sheets"]
    ]
    staged = Staged(Interpretation(sheets, []))
    for packed in content["rows"]:
        _unpack_row(packed, staged)
    return staged


def _pack_sheet(sheet: SheetReport) -> list[Any]:
    columns = [[c.index, c.header, c.folded, c.field, c.status] for c in sheet.columns]
    return [sheet.name, sheet.rows, sheet.used, sheet.reason, columns, sheet.key, sheet.code, sheet.first_column]


def _pack_row(row: LedgerRow, staged: Staged) -> list[Any]:
    if row.kind != "data":
        return [row.sheet, row.row, row.reason]
    key = (row.sheet, row.row)
    outcome = staged.outcomes.get(key)
    cells = {
        name: [cell.column, cell.raw, cell.value, cell.severity, cell.rule]
        if cell.raw is not None or cell.value is not None or cell.rule
        else [cell.column]
        for name, cell in row.cells.items()
    }
    problems = [[problem.field, problem.code, problem.severity, int(problem.waits)] for problem in row.problems]
    place = [row.community_hint, row.community_origin, row.direction, row.duplicate_of]
    decided = [outcome.outcome, outcome.member] if outcome else None
    return [
        row.sheet, row.row, None, cells, problems, place, decided, staged.changes.get(key), staged.unknown.get(key),
    ]  # fmt: skip


def _unpack_row(packed: list[Any], staged: Staged) -> None:
    sheet, number, reason = packed[:3]
    if len(packed) == 3:
        staged.interpretation.rows.append(LedgerRow(sheet, number, "skip", reason))
        return
    cells, problems, (hint, origin, direction, duplicate), decided, changes, unknown = packed[3:]
    row = LedgerRow(
        sheet,
        number,
        cells={name: Cell(*cell) if len(cell) > 1 else Cell(cell[0], None, None) for name, cell in cells.items()},
        problems=[MatchProblem(name, code, severity, bool(waits)) for name, code, severity, waits in problems],
        community_hint=hint,
        community_origin=origin,
        direction=direction,
        duplicate_of=tuple(duplicate) if duplicate else None,
    )
    staged.interpretation.rows.append(row)
    key = (sheet, number)
    if decided:
        staged.outcomes[key] = Outcome(*decided)
    if changes is not None:
        staged.changes[key] = [tuple(change) for change in changes]
    if unknown:
        staged.unknown[key] = unknown
