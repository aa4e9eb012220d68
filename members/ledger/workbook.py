"""What a ledger file is once it has been read: sheets of typed cells, or a refusal."""

import datetime
from dataclasses import dataclass, field


class CellError(str):
    """An error value of the sheet, such as #N/A or #REF!: never data."""

    __slots__ = ()


class ShownNumber(float):
    """A number together with the text that its number format shows (1990.1 shown as 1990.10)."""

    shown: str

    def __new__(cls, value: float, shown: str) -> "ShownNumber":
        number = super().__new__(cls, value)
        number.shown = shown
        return number


Value = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | CellError | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file. Sizes in bytes, times in seconds.

    `cells` bounds the rectangle from the first to the last filled cell of a sheet, which a reader keeps whole: a long
    ledger may not be wide as well.
    """

    file_bytes: int = 20 * 1024 * 1024
    part_bytes: int = 64 * 1024 * 1024
    sheet_bytes: int = 512 * 1024 * 1024
    total_bytes: int = 640 * 1024 * 1024
    entries: int = 2_000
    sheets: int = 100
    rows: int = 120_000
    columns: int = 200
    cells: int = 4_200_000
    cell_chars: int = 32_767
    text_chars: int = 48_000_000
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 20
    wall_seconds: int = 30


@dataclass(slots=True)
class Sheet:
    """One sheet. `rows` begin at `first_row` (1-based) and `first_column` (0-based).

    `merged` holds (row, column, last row, last column), rows 1-based and columns 0-based, as absolute places;
    `hidden_rows` holds 1-based row numbers, `hidden_columns` absolute 0-based ones. `struck`, `red` and `comments` hold
    what stands at (row 1-based, column 0-based): struck through, filled with red, a note of somebody.
    """

    name: str
    rows: list[list[Value]] = field(default_factory=list)
    first_row: int = 1
    first_column: int = 0
    visible: bool = True
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()
    red: frozenset[tuple[int, int]] = frozenset()
    comments: dict[tuple[int, int], str] = field(default_factory=dict)

    def merged_down(self) -> dict[tuple[int, int], int]:
        """(row, column) of every covered cell of a tall merge, by the row where the merge begins."""
        covered = {}
        for top, left, bottom, right in self.merged:
            if left == right and top < bottom <= self.first_row + len(self.rows):
                for number in range(top + 1, bottom + 1):
                    covered[number, left] = top
        return covered


@dataclass(slots=True)
class Workbook:
    """A file that has been read. `kind` is xlsx, xls, ods, csv or html; csv and html cells are always text."""

    kind: str
    sheets: list[Sheet]
    date1904: bool = False

    @property
    def untyped(self) -> bool:
        """Whether cells lost their type on the way, so that a text 1990.1 may have been a number 1990.10."""
        return self.kind in ("csv", "html")


class LedgerRefused(Exception):
    """The file as a whole cannot be imported. `code` is stable, `message` is one sentence for the person."""

    CODES = (
        "empty",
        "damaged",
        "password",
        "too_large",
        "too_many_rows",
        "unsupported_format",
        "no_header",
        "no_people",
        "side_by_side",
        "turned",
        "encoding",
        "timeout",
    )

    def __init__(self, code: str):
        if code not in self.CODES:
            code = "damaged"
        self.code = code
        super().__init__(code)

    @property
    def message(self) -> str:
        """One plain sentence in the reader's language that says what to do next."""
        from .messages import refusal_text  # noqa: PLC0415  (the reading child starts without Django)

        return refusal_text(self.code)
