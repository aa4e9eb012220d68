"""What interpreting a ledger gives: checked rows with their problems, and what became of each sheet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .cell import ASK, ERROR, Cell
from .columns import Column
from .messages import below_gap_text, problem_text


@dataclass(slots=True)
class Problem:
    """Something a person should see in a row. Severity: fixed, warn (stored, look at it), ask, error.

    `waits` marks a question about who or where: until it is answered the whole row waits, not only the field.
    """

    field: str
    code: str
    severity: str
    waits: bool = False

    @property
    def message(self) -> str:
        """One sentence for the person; it never repeats what the cell holds."""
        return problem_text(self.code)


@dataclass(slots=True)
class LedgerRow:
    """One row below a header. `kind` is data or skip (then `reason` is a key of `messages.skip_text`).

    `row` is the sheet's own 1-based number; `community_origin` column, section, sheet or title; `duplicate_of` the
    sheet and row of the same person further up.
    """

    sheet: str
    row: int
    kind: str = "data"
    reason: str | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    community_hint: str | None = None
    community_origin: str | None = None
    direction: str | None = None
    duplicate_of: tuple[str, int] | None = None

    def cell(self, name: str) -> Cell | None:
        """The cell of a field, or None. Like `marked` it costs a row that is kept packed less than `cells`."""
        return self.cells.get(name)

    def value(self, name: str) -> str | None:
        """The clean value of a field, or None."""
        cell = self.cell(name)
        return cell.value if cell else None

    def marked(self) -> Iterable[tuple[str, Cell]]:
        """Fields and cells that a rule changed or stopped."""
        return [(name, cell) for name, cell in self.cells.items() if cell.rule is not None]

    @property
    def blocked(self) -> str | None:
        """`error` when the row cannot be stored, `ask` when it waits for an answer, else None."""
        if not self.problems:
            return None
        if any(problem.severity == ERROR for problem in self.problems):
            return ERROR
        return ASK if any(problem.waits for problem in self.problems) else None


@dataclass(slots=True)
class SheetReport:
    """One sheet: `rows` counts its rows of people; `reason` says why it is not used, or which columns are left out.

    `key` is the same for all sheets with these titles; `code` (of `messages.skip_text`) why it is not used;
    `first_column` is the place of its first column in the file (0: A); `below_gap` counts the rows that were left out
    because they stand below too many empty ones.
    """

    name: str
    rows: int
    used: bool
    reason: str | None = None
    columns: list[Column] = field(default_factory=list)
    key: str = ""
    code: str | None = None
    first_column: int = 0
    below_gap: int = 0

    @property
    def hides_people(self) -> bool:
        """Whether people of it are left out who come in only when somebody puts the sheet in order."""
        return self.code in ("turned", "side_by_side")

    @property
    def below_gap_text(self) -> str:
        """One line about the rows below the gap; empty when there are none."""
        return below_gap_text(self.below_gap) if self.below_gap else ""


@dataclass(slots=True)
class Interpretation:
    """What a workbook says."""

    sheets: list[SheetReport]
    rows: list[LedgerRow]
