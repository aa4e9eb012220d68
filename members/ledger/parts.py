"""One value in several columns: a place (省, 市, 县), a date (年, 月, 日), a word of a list with a column for each tick
(性别: 男, 女). Which columns belong together, how their cells become one, and what stands in each on the way out.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from . import date_parts, place_parts
from .aliases import ALIASES, DECIDED_BY_WORDS, label_of
from .cell import ASK, FIXED, Cell, Context, either, raw_text
from .cells import DATES, Cleaner
from .folding import compact, fold_header
from .vocabulary import CHOICES, NULL_WORDS, YES_NO
from .workbook import Value

TICK = "√"
_TICKS = frozenset({word for word, meaning in YES_NO.items() if meaning == "是"} | set("v☑■●○*"))
_CROSSES = NULL_WORDS | {word for word, meaning in YES_NO.items() if meaning == "否"} | set("□☐")
_LONGEST = max(map(len, place_parts.LEVELS | date_parts.LEVELS))


class PartColumn(Protocol):
    """What is told here of a column (members.ledger.columns)."""

    header: str
    field: str | None
    status: str
    level: int
    word: str


_Run = tuple[str, list[tuple[PartColumn, int, str]]]


def settle_parts(columns: Sequence[PartColumn]) -> None:
    """Give columns that hold one value together its field, and to each its `level` (1: province or year, and finer) or
    the `word` that a tick in it means.

    Where the field has a column of its own, or two such runs, nothing is guessed: all stay as they are.
    """
    runs = [*_runs(columns), *_lists(columns)]
    fields = [field for field, _run in runs]
    for field, run in runs:
        inside = [column for column, _level, _word in run]
        alone = any(column.field == field and column not in inside for column in columns)
        if alone or fields.count(field) > 1:
            continue
        for column, level, word in run:
            column.field, column.status, column.level, column.word = field, "mapped", level, word


def _runs(columns: Sequence[PartColumn]) -> Iterator[_Run]:
    """Two or more neighbouring columns of a place or date, each finer than the one before."""
    run: list[tuple[PartColumn, int, str]] = []
    of: str | None = None
    for column, (field, level) in [*((column, _part(column)) for column in columns), (None, (None, 0))]:
        if run and (field != of or level <= run[-1][1]):
            if of is not None and len(run) > 1:
                yield of, run
            run = []
        if column is not None and field and (run or level <= _kind(field).COARSE):
            run.append((column, level, ""))
            of = field


def _kind(field: str | None) -> Any:
    return date_parts if field in DATES else place_parts


def _part(column: PartColumn) -> tuple[str | None, int]:
    """The field and the level that a title names (流入地/省, 现居住地（市）, 入党年); (None, 0) for none."""
    title = fold_header(column.header)
    for size in range(1, min(_LONGEST + 1, len(title))):
        for kind in (place_parts, date_parts):
            level, field = kind.LEVELS.get(title[-size:], 0), kind.field_of(title[:-size])
            if level and field and column.field in (None, field):
                return field, level
    return None, 0


def _lists(columns: Sequence[PartColumn]) -> Iterator[_Run]:
    """Neighbours under one heading of a fixed list whose titles are different words of it."""
    for heading, group in groupby(columns, key=lambda column: column.header.rpartition("/")[0]):
        run = list(group)
        label = label_of(heading.rpartition("/")[2])
        for field in [ALIASES.get(label), *DECIDED_BY_WORDS.get(label, ())]:
            words = [_listed(field, column.header.rpartition("/")[2]) for column in run]
            is_free = all(column.field in (None, field) for column in run)
            if field and is_free and all(words) and len(set(words)) == len(words) > 1:
                yield field, [(column, 0, word) for column, word in zip(run, words, strict=True)]
                break


def _listed(field: str | None, word: str) -> str:
    return CHOICES.get(field or "", {}).get(compact(word).lower(), "")


def cleaner_of_part(column: PartColumn, clean: Cleaner) -> Cleaner:
    """The cleaner of one of the columns; `clean` is that of the whole value."""
    if column.word:
        return partial(_clean_tick, column.word, clean)
    return date_parts.clean_part if column.field in DATES and column.level > 1 else clean


def _clean_tick(word: str, clean: Cleaner, column: str, value: Value, context: Context) -> Cell:
    raw = raw_text(value)
    text = compact(raw or "").lower()
    if text in _TICKS:
        return Cell(column, raw, word, FIXED, "ticked")
    if not text or text in _CROSSES:
        return Cell(column, None, None)
    cell = clean(column, value, context)
    return cell if cell.value in (None, word) else Cell(column, raw, None, ASK, "two_values")


def joiner_of(field: str, level: int, context: Context) -> Callable[[Cell, Cell], Cell]:
    """What makes one cell of two cells of a field."""
    if not level:
        return either
    return partial(date_parts.join, field, level, context) if field in DATES else place_parts.join


def part_of(text: str, column: PartColumn, columns: Sequence[PartColumn]) -> str:
    """What stands in one of the columns of a value on the way out."""
    if column.word:
        return TICK if _listed(column.field, text) == column.word else ""
    levels = [other.level for other in columns if other.field == column.field]
    return str(_kind(column.field).split(text, levels)[levels.index(column.level)])
