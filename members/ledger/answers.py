"""What an office answered about its sheets: the meaning of a column, a direction, what is hidden."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .columns import Column

COLUMN, DIRECTION = "column", "direction"
HIDDEN_ROWS, HIDDEN_COLUMNS, HIDDEN_SHEET, SUMMARY = "hidden_rows", "hidden_columns", "hidden_sheet", "summary"
COMMUNITY, ORGANIZATION = "community", "organization"
YES = "yes"
_TWICE = frozenset({"started_on", "seq"})

Question = tuple[str, str, str]
"""(kind, sheet key or "", subject or "")."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers by question. For a column the value is a field key, or "" for a column that stays beside the file."""

    given: Mapping[Question, str] = field(default_factory=dict)

    def of(self, kind: str, sheet: str, subject: str = "") -> str | None:
        """The answer, or None where nobody gave one."""
        return self.given.get((kind, sheet, subject))

    def says_yes(self, kind: str, sheet: str) -> bool:
        return self.of(kind, sheet) == YES

    def settle(self, columns: list[Column], sheet: str) -> None:
        """Give columns the meaning that was answered; another column that was taken for the same field gives way."""
        chosen = {column.index: self.of(COLUMN, sheet, column.folded) for column in columns if column.folded}
        for column in columns:
            answer = chosen.get(column.index)
            if answer is None:
                continue
            column.field, column.status = (answer, "mapped") if answer else (None, "unknown")
            column.level, column.word = 0, ""
            for other in columns:
                if answer and other.field == answer and chosen.get(other.index) != answer and answer not in _TWICE:
                    other.field, other.status = None, "duplicate"


def sheet_key(columns: Iterable[Column]) -> str:
    """One key for all sheets with the same set of titles, in whatever order."""
    titles = "\n".join(sorted({column.folded for column in columns if column.folded}))
    return hashlib.sha256(titles.encode()).hexdigest()[:32]
