"""What an office says with its pen and not with words: struck-out rows, red rows, notes on cells."""

from collections.abc import Sequence

from .cell import ASK, FIXED, Cell
from .headers import Header
from .results import LedgerRow, Problem
from .shifts import Place
from .workbook import Sheet

_REMARK = "remark"


class Marks:
    """The marks of one sheet. Red that covers most of the names is a matter of taste and says nothing."""

    def __init__(self, sheet: Sheet, header: Header):
        self.sheet = sheet
        name = (header.of("name") or 0) + sheet.first_column
        first = sheet.first_row + header.last + 1
        red = sum(1 for row, column in sheet.red if column == name and row >= first)
        people = sum(1 for row in sheet.rows[header.last + 1 :] if row) if red else 0
        self.name = name
        self.red = sheet.red if red * 2 <= people else frozenset()
        self.is_plain = not (sheet.struck or self.red or sheet.comments)

    def apply(self, row: LedgerRow, places: Sequence[Place]) -> None:
        """Ask about a struck-out or red row and about struck-out cells; keep notes with the remark."""
        if (row.row, self.name) in self.sheet.struck:
            row.problems.append(Problem("", "row_struck", ASK, waits=True))
        elif self.sheet.struck:
            self._empty_struck(row, places)
        if (row.row, self.name) in self.red:
            row.problems.append(Problem("", "row_red", ASK))
        notes = [text for (number, _), text in sorted(self.sheet.comments.items()) if number == row.row]
        if notes:
            self._note(row, "；".join(notes))

    def _empty_struck(self, row: LedgerRow, places: Sequence[Place]) -> None:
        for place in places:
            cell = row.cells.get(place.field)
            if cell and cell.value and (row.row, place.index + self.sheet.first_column) in self.sheet.struck:
                row.cells[place.field] = Cell(cell.column, cell.raw, None, ASK, "cell_struck")
                row.problems.append(Problem(place.field, "cell_struck", ASK))

    @staticmethod
    def _note(row: LedgerRow, note: str) -> None:
        cell = row.cells.get(_REMARK)
        text = f"{cell.value}；{note}" if cell and cell.value else note
        column, raw = (cell.column, cell.raw) if cell else ("", None)
        row.cells[_REMARK] = Cell(column, raw, text[:2_000], FIXED, "comment")
