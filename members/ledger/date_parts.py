"""The parts of a date in columns of their own (入党时间: 年, 月, 日): their titles, and the one date of their cells."""

import re
from collections.abc import Sequence

from .aliases import ALIASES
from .cell import ASK, Cell, Context, raw_text
from .cells import DATES, cleaner_of
from .folding import compact, fold
from .vocabulary import NULL_WORDS
from .workbook import Value

LEVELS = {"年": 1, "年份": 1, "月": 2, "月份": 2, "日": 3, "号": 3}
COARSE = 1
"""A run of columns begins with the year."""
_UNIT = re.compile(r"[\s年月日号]+$")


def field_of(stem: str) -> str | None:
    """The field whose date stands under titles with this beginning."""
    field = ALIASES.get(stem) or ALIASES.get(f"{stem}时间")
    return field if field in DATES else None


def clean_part(column: str, value: Value, _context: Context) -> Cell:
    """A month or a day alone: its words wait for the year."""
    raw = raw_text(value)
    if raw is None or compact(raw) in NULL_WORDS:
        return Cell(column, None, None)
    number = _UNIT.sub("", fold(raw))
    if number.isdecimal() and 0 < int(number) <= 31:
        return Cell(column, raw, number)
    return Cell(column, raw, None, ASK, "date_format")


def join(field: str, level: int, context: Context, first: Cell, second: Cell) -> Cell:
    """The cell of a date that goes on with `second`: 1985 and 6. A part without the one before it is asked."""
    if second.raw is None:
        return first
    pieces = [_UNIT.sub("", piece) for piece in (first.raw or "").split("-")]
    if first.raw is None or len(pieces) != level - 1:
        return Cell(first.column, f"{first.raw or ''} {second.raw}".strip(), None, ASK, "date_format")
    return cleaner_of(field)(first.column, "-".join([*pieces, _UNIT.sub("", second.raw)]), context)


def split(text: str, levels: Sequence[int]) -> list[str]:
    """A date in as many parts as there are columns of these levels; the last takes what is left."""
    parts = [part.lstrip("0") for part in text.split("-", len(levels) - 1)] if text else []
    return [*parts, *[""] * (len(levels) - len(parts))]
