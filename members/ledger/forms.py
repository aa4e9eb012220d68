"""Forms of one person each (信息采集表): labels to the left of their values, turned into a table of one row per form.

Only what stands directly beside a label, or behind its colon, is its value: nothing is taken from further away.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from .aliases import ALIASES, ASKED, label_of
from .cell import raw_text
from .cells import empty
from .folding import fold
from .workbook import Sheet, Value

_SEARCHED = 15
_BLANK = re.compile(r"[\s年月日省市县区(乡镇街道)号/_—\-□:]*")
_WITH_COLON = re.compile(r"\s*([^:：]{1,20})[:：]\s*(.+)", re.DOTALL)
_CHECKED = re.compile(r"(?:[☑√✓✔■]\s*([^\s☑√✓✔■□]+))|(?:([^\s☑√✓✔■□]+)\s*[☑√✓✔■])")

Pair = tuple[str, Value]


def unfold(sheet: Sheet) -> Sheet:
    """The sheet as a table when it holds forms, else the sheet itself. A form has the row number of its name."""
    starts = _starts(sheet)
    if not starts:
        return sheet
    first_column = starts[0][1]
    places = [index for index, column in starts if column == first_column]
    widths = _widths(sheet)
    forms = []
    for number, start in enumerate(places):
        end = places[number + 1] if number + 1 < len(places) else len(sheet.rows)
        forms.append(_numbered([pair for index in range(start, end) for pair in _pairs(sheet, index, widths)]))
    labels = list(dict.fromkeys(key for form in forms for key in form))
    rows: list[list[Value]] = [*sheet.rows[: places[0]], [label for label, _ in labels]]
    for start, form in zip(places, forms, strict=True):
        rows += [[]] * (start + 1 - len(rows))
        rows.append([form.get(key) for key in labels])
    return replace(
        sheet, rows=rows, first_row=sheet.first_row - 1, first_column=0, merged=[], hidden_columns=frozenset(),
        struck=frozenset(), red=frozenset(),
    )  # fmt: skip


def _is_label(value: Value) -> bool:
    if not isinstance(value, str):
        return False
    label = label_of(value)
    return label in ALIASES or label in ASKED


def _is_name(value: Value) -> bool:
    return isinstance(value, str) and ALIASES.get(label_of(value)) == "name"


def _starts(sheet: Sheet) -> list[tuple[int, int]]:
    """(row, column) of the name labels, when they head forms: labels below them, too, and their value beside."""
    first = next(iter(_names(sheet.rows[:_SEARCHED], 0)), None)
    if first is None:
        return []
    index, column = first
    row = sheet.rows[index]
    beside = row[column + 1] if column + 1 < len(row) else None
    below = [line[column] for line in sheet.rows[index + 1 : index + _SEARCHED] if column < len(line)]
    labels = sum(1 for value in below if _is_label(value) and not _is_name(value))
    names = sum(1 for value in below[:3] if not empty(value) and not _is_label(value))
    if _is_label(beside) or labels < 2 or labels <= names:
        return []
    return [first, *_names(sheet.rows[index + 1 :], index + 1)]


def _names(rows: list[list[Value]], start: int) -> Iterator[tuple[int, int]]:
    for index, row in enumerate(rows, start):
        for column, value in enumerate(row):
            if _is_name(value):
                yield index, column


def _widths(sheet: Sheet) -> dict[tuple[int, int], int]:
    """How many columns a merged label covers, by (row, column) in indexes of the rows."""
    return {
        (top - sheet.first_row, left - sheet.first_column): right - left + 1 for top, left, _, right in sheet.merged
    }


def _pairs(sheet: Sheet, index: int, widths: dict[tuple[int, int], int]) -> list[Pair]:
    row, found = sheet.rows[index], []
    for column, value in enumerate(row):
        if empty(value):
            continue
        if _is_label(value):
            place = column + widths.get((index, column), 1)
            beside = row[place] if place < len(row) and not _is_label(row[place]) else None
            found.append((raw_text(value) or "", _value(beside)))
        elif isinstance(value, str) and (inside := _WITH_COLON.fullmatch(value)) and _is_label(inside[1]):
            found.append((inside[1], _value(inside[2])))
    return found


def _value(value: Value) -> Value:
    """The value of a field of a form: printed blanks (年 月 日) are empty, of boxes the ticked one counts."""
    if not isinstance(value, str):
        return value
    text = fold(value)
    if _BLANK.fullmatch(text):
        return None
    if "□" in text or "☑" in text:
        ticked = [one or other for one, other in _CHECKED.findall(text)]
        if len(ticked) == 1:
            return ticked[0]
    return value


def _numbered(pairs: list[Pair]) -> dict[tuple[str, int], Value]:
    """By (label, how often it stood before): a second phone is another one's."""
    seen: dict[str, int] = {}
    result: dict[tuple[str, int], Value] = {}
    for label, value in pairs:
        result[label, seen.get(label, 0)] = value
        seen[label] = seen.get(label, 0) + 1
    return result
