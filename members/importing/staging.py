"""The rows of an import between preview and confirmation: one text, sealed in the database, nothing on disk.

The text is two lines: what the plan decided (members.importing.deciding), and the rows. Confirming reads the first line
only, unless a file changed since. A line is compressed blocks: never more than a block is spread out at once.

Blocks are written by marshal, which takes a fifth of the time of JSON. What it reads here is authentic: sealed by the
portal with the import's own key, and forgotten after a day. Another Python's blocks count as no longer kept.
"""

import base64
import gc
import marshal
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from members.importing.drafts import Change
from members.importing.planning import Key, Plan
from members.importing.problems import MatchProblem
from members.ledger.cell import OK, Cell
from members.ledger.columns import Column
from members.ledger.report import Outcome
from members.ledger.results import Interpretation, LedgerRow, SheetReport

FORMAT = f"4 {sys.implementation.cache_tag}".encode()  # marshal is of one version of Python
BLOCK = 1_000
_LENGTH = 4  # bytes before each block
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


class _KeptRow(LedgerRow):
    """A row whose cells are made when they are asked for: a page of the preview shows fifty out of ten thousand.

    `packed`: {field: (place, header)}, and by place the raw text of a cell that nothing was done to, or all of it.
    """

    __slots__ = ("_cells", "_packed")

    def __init__(self, sheet: str, row: int, *, packed: tuple[dict[str, tuple[int, str]], list[Any]], **rest: Any):
        self._packed, self._cells = packed, dict[str, Cell]()
        super().__init__(sheet, row, **rest)

    @property
    def cells(self) -> dict[str, Cell]:
        columns, found = self._packed
        if columns:
            self._packed = ({}, [])
            self._cells |= {name: _cell(column, found[place]) for name, (place, column) in columns.items()}
        return self._cells

    @cells.setter
    def cells(self, given: dict[str, Cell]) -> None:
        self._cells |= given

    def cell(self, name: str) -> Cell | None:
        columns, found = self._packed
        if name not in columns:
            return self._cells.get(name)
        place, column = columns[name]
        return _cell(column, found[place])

    def marked(self) -> Iterable[tuple[str, Cell]]:
        columns, found = self._packed
        if not columns:
            return LedgerRow.marked(self)
        return [(name, _cell(at, found[place])) for name, (place, at) in columns.items() if type(found[place]) is list]


def _cell(column: str, packed: Any) -> Cell:
    return Cell(column, *packed) if type(packed) is list else Cell(column, packed, packed)


def pack(staged: Staged, decided: Iterable[Any] = ()) -> str:
    """One text for everything that is staged, and for the blocks of what was decided. The rows are let go meanwhile: a
    large ledger's text would stand in memory beside them."""
    return "".join([*_squeeze(decided), "\n", *_squeeze(_row_blocks(staged))])


def _row_blocks(staged: Staged) -> Iterator[Any]:
    """The sheets, then blocks of rows with the shapes that were not met before."""
    yield [_pack_sheet(sheet) for sheet in staged.interpretation.sheets]
    rows, shapes = staged.interpretation.rows, dict[Any, int]()
    rows.reverse()
    while rows:
        known = len(shapes)
        packed = [_pack_row(rows.pop(), staged, shapes) for _row in range(min(BLOCK, len(rows)))]
        yield [list(shapes)[known:], packed]


@collector_at_rest()
def unpack(text: str, *, is_applied: bool = True) -> Staged:
    """What `pack` made a text of. Before an import is applied its new files have no number. Raises NothingStaged."""
    try:
        blocks = _expand(text.partition("\n")[2])
    except (ValueError, zlib.error):
        raise NothingStaged from None
    reports = [
        SheetReport(name, rows, used, reason, [Column(*column) for column in columns], *more)
        for name, rows, used, reason, columns, *more in next(blocks)
    ]
    staged = Staged(Interpretation(reports, []))
    shapes: list[Any] = []
    for fresh, rows in blocks:
        shapes += [
            (sheet, {name: (place, column) for place, (name, column) in enumerate(zip(names, columns, strict=True))})
            for sheet, names, columns in fresh
        ]
        for packed in rows:
            _unpack_row(packed, staged, shapes, is_applied)
    return staged


def fields_in(text: str) -> set[str]:
    """The ledger fields that the used sheets have a column for, without spreading out their rows; none where nothing is
    kept."""
    try:
        sheets: Any = next(_expand(text.partition("\n")[2]), [])
    except (ValueError, zlib.error):
        return set()
    return {column[3] for _name, _rows, used, _reason, columns, *_more in sheets if used for column in columns}


def unpack_decided(text: str) -> Iterator[Any]:
    """The blocks of what was decided; none where nothing is kept."""
    try:
        return _expand(text.partition("\n")[0])
    except (ValueError, zlib.error):
        return iter(())


def _squeeze(blocks: Iterable[Any]) -> Iterator[str]:
    """The text of blocks in pieces, each block packed as soon as it is there."""
    packer, waiting = zlib.compressobj(_FAST), bytearray()
    waiting += packer.compress(FORMAT)
    for block in blocks:
        packed = marshal.dumps(block)
        waiting += packer.compress(len(packed).to_bytes(_LENGTH, "big") + packed)
        whole = len(waiting) // 3 * 3  # three bytes are four characters
        yield base64.b64encode(waiting[:whole]).decode()
        del waiting[:whole]
    yield base64.b64encode(waiting + packer.flush()).decode()


def _expand(text: str) -> Iterator[Any]:
    """The blocks one by one. Raises ValueError or zlib.error when they are not there, or of another format."""
    packed = memoryview(zlib.decompress(base64.b64decode(text)))
    if packed[: len(FORMAT)] != FORMAT:
        raise ValueError
    return _blocks(packed[len(FORMAT) :])


def _blocks(packed: memoryview) -> Iterator[Any]:
    at = 0
    while at < len(packed):
        start = at + _LENGTH
        at = start + int.from_bytes(packed[at:start], "big")
        yield marshal.loads(packed[start:at])  # noqa: S302  (what the portal itself sealed)


def _pack_sheet(sheet: SheetReport) -> list[Any]:
    columns = [[c.index, c.header, c.folded, c.field, c.status, c.level, c.heads] for c in sheet.columns]
    more = [sheet.key, sheet.code, sheet.first_column, sheet.below_gap]
    return [sheet.name, sheet.rows, sheet.used, sheet.reason, columns, *more]


def _pack_row(row: LedgerRow, staged: Staged, shapes: dict[Any, int]) -> list[Any]:
    """Rows of one sheet have the same fields under the same headers: their shape is kept once."""
    if row.kind != "data":
        return [row.sheet, row.row, row.reason]
    key = (row.sheet, row.row)
    found = row.cells.values()
    shape = (row.sheet, tuple(row.cells), tuple([cell.column for cell in found]))
    cells = [
        cell.raw
        if cell.rule is None and cell.value == cell.raw and cell.severity == OK
        else [cell.raw, cell.value, cell.severity, cell.rule]
        for cell in found
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
    sheet, columns = shapes[shape]
    row = _KeptRow(
        sheet,
        number,
        packed=(columns, cells),
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
