"""One cleaned cell, and how one cell is told from another."""

import datetime
from dataclasses import dataclass, field

from .workbook import Value

OK, FIXED, ASK, ERROR = "ok", "fixed", "ask", "error"
RANK = {OK: 0, FIXED: 1, ASK: 2, ERROR: 3}


@dataclass(slots=True)
class Cell:
    """What a cell held and what is kept of it.

    `raw` is the text of the cell as a spreadsheet shows it, `value` what is stored (None: nothing), `severity` one of
    ok, fixed (changed without doubt), ask (left empty, a person decides), error (the row waits), `rule` the stable code
    of the rule that changed or stopped it, `column` the header.
    """

    column: str
    raw: str | None
    value: str | None
    severity: str = OK
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the cleaners of one file must know: today, whether cells lost their types, and the date system."""

    today: datetime.date
    untyped: bool = False
    date1904: bool = False
    today_text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today_text", self.today.isoformat())


def either(first: Cell, second: Cell) -> Cell:
    """The cell of one field that has two columns: whichever is filled; both filled and different is asked."""
    if second.raw is None or second.value == first.value:
        return first
    if first.raw is None:
        return second
    if first.value is None or second.value is None:
        return second if first.value is None and first.severity in (OK, FIXED) else first
    return Cell(first.column, first.raw, None, ASK, "two_values")


def raw_text(value: Value) -> str | None:
    """The text of a cell: whole numbers without a point, dates as ISO text; None for an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return str(value)  # an error value is no plain text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        shown = getattr(value, "shown", None)
        if shown:
            return str(shown)
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)
