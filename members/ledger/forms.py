"""Forms of one person each (信息采集表): labels to the left of their values, turned into a table of one row per form.

Only what stands directly beside a label, or behind its colon, is its value: nothing is taken from further away.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from .aliases import ALIASES, ASKED, label_of
from .cell import raw_text
from .cells import empty
from .folding import fold
from .titles import RELATION
from .workbook import Sheet, Value

_SEARCHED = 15
_MOST_TITLES = 100
_BLANK = re.compile(r"[\s年月日省市县区(乡镇街道)号/_—\-□:]*")
_WITH_COLON = re.compile(r"\s*([^:：]{1,20})[:：]\s*(.+)", re.DOTALL)
_CHECKED = re.compile(r"(?:[☑√✓✔■]\s*([^\s☑√✓✔■□]+))|(?:([^\s☑√✓✔■□]+)\s*[☑√✓✔■])")
_PIECE = re.compile(r"\d{1,2}|[年月日号Xx]")
_SOMEBODY = "他人"
_KINDS = {
    "gender": re.compile("[男女]"), "id_number": re.compile(r"\d{17}[\dXx]"), "mobile": re.compile(r"1[3-9]\d{9}"),
}  # fmt: skip


class _Form(NamedTuple):
    """The cells of one person, in indexes of the sheet's rows; `label` is the column of the title of the name."""

    top: int
    bottom: int
    label: int
    left: int
    right: int


def unfold(sheet: Sheet) -> Sheet:
    """The sheet as a table when it holds forms, else the sheet itself. A form has the row number of its name."""
    paper = _Paper(sheet)
    places = [] if is_turned(sheet) else paper.forms()
    if not places:
        return sheet
    forms = [_numbered(paper.pairs(place)) for place in places]
    labels = list(dict.fromkeys(key for form in forms for key in form))
    rows: list[list[Value]] = [*sheet.rows[: places[0].top], [label for label, _ in labels]]
    for place, form in zip(places, forms, strict=True):
        rows += [[]] * (place.top + 1 - len(rows))
        rows.append([form.get(key) for key in labels])
    return replace(
        sheet, rows=rows, first_row=sheet.first_row - 1, first_column=0, merged=[], hidden_columns=frozenset(),
        struck=frozenset(), red=frozenset(),
    )  # fmt: skip


def is_turned(sheet: Sheet) -> bool:
    """Whether each person has a column: titles below each other, and beside one of them several genders or numbers."""
    first = next(_names(sheet.rows[:_SEARCHED]), None)
    if first is None:
        return False
    index, column = first
    if len(_values(sheet.rows[index], column)) < 2:
        return False
    near = sheet.rows[index : index + _MOST_TITLES]
    lines = [row for row in near if column < len(row) and _is_label(row[column])]
    if len(lines) < 3:
        return False
    kinds = ((_KINDS.get(ALIASES.get(label_of(str(row[column])), "")), _values(row, column)) for row in lines)
    return any(kind and len(values) > 1 and all(map(kind.fullmatch, values)) for kind, values in kinds)


def _values(row: list[Value], column: int) -> list[str]:
    """What is filled to the right of a title; nothing where another title stands there."""
    filled = [value for value in row[column + 1 :] if not empty(value)]
    return [] if any(map(_is_label, filled)) else [fold(raw_text(value) or "") for value in filled]


def _is_label(value: Value) -> bool:
    if not isinstance(value, str):
        return False
    label = label_of(value)
    return label in ALIASES or label in ASKED


def _is_name(value: Value) -> bool:
    return isinstance(value, str) and ALIASES.get(label_of(value)) == "name"


def _names(rows: Iterable[list[Value]]) -> Iterator[tuple[int, int]]:
    """(row, column) of the titles of a name."""
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            if _is_name(value):
                yield index, column


class _Paper:
    """One sheet as paper with forms on it."""

    def __init__(self, sheet: Sheet) -> None:
        self.rows = sheet.rows
        self.widths = {
            (top - sheet.first_row, left - sheet.first_column): right - left + 1 for top, left, _, right in sheet.merged
        }

    def forms(self) -> list[_Form]:
        """All forms, when labels stand below the first name and its value beside it: the others, below it or to the
        right, have most of its labels."""
        first = next(_names(self.rows[:_SEARCHED]), None)
        if first is None or not self._begins_form(*first):
            return []
        names = [place for place in _names(self.rows) if not self._heads_table(*place)]
        tops = [index for index, column in names if column == first[1]]
        parts = list(zip(tops, [*tops[1:], len(self.rows)], strict=True))
        template = self._labels(*parts[0])
        tops = [top for top, bottom in parts if _is_like(template, self._labels(top, bottom))]
        forms = []
        for top, bottom in zip(tops, [*tops[1:], len(self.rows)], strict=True):
            beside = [column for index, column in names if index == top and column > first[1]]
            beside = [column for column in beside if _is_like(template, self._labels(top, bottom, column))]
            ends = [*beside, max(map(len, self.rows[top:bottom]))]
            forms.append(_Form(top, bottom, first[1], 0, ends[0]))
            forms += [_Form(top, bottom, *sides) for sides in zip(beside, beside, ends[1:], strict=True)]
        return forms

    def _begins_form(self, index: int, column: int) -> bool:
        if self._heads_table(index, column):
            return False
        below = [line[column] for line in self.rows[index + 1 : index + _SEARCHED] if column < len(line)]
        labels = sum(1 for value in below if _is_label(value) and not _is_name(value))
        names = sum(1 for value in below[:3] if not empty(value) and not _is_label(value))
        return labels > 1 and labels > names

    def _heads_table(self, index: int, column: int) -> bool:
        """Whether the title of a name stands in the header of a table: 姓名, 关系, 工作单位."""
        beside = self._beside(index, column)
        return isinstance(beside, str) and (_is_label(beside) or label_of(beside) in RELATION)

    def _beside(self, index: int, column: int) -> Value:
        """The cell beside a title; a number that goes on digit by digit, or a date in its parts, is one value."""
        row, place = self.rows[index], column + self.widths.get((index, column), 1)
        first = raw_text(row[place]) if place < len(row) else None
        if first is None or not first.isdecimal():
            return row[place] if place < len(row) else None
        rest = list(takewhile(_PIECE.fullmatch, (raw_text(value) or "" for value in row[place + 1 :])))
        return "".join([first, *rest]) if rest else row[place]

    def _labels(self, top: int, bottom: int, left: int = 0) -> set[str]:
        cells = (value for row in self.rows[top:bottom] for value in row[left:])
        return {label_of(value) for value in cells if isinstance(value, str) and _is_label(value)}

    def pairs(self, form: _Form) -> Iterator[tuple[str, Value]]:
        """(label, value) of a form; of somebody else who is named in it (配偶 | 姓名) the labels say so."""
        whose = ""
        for index in range(form.top, form.bottom):
            for column, label, value in self._line(index, form):
                if column == form.label:
                    whose = ""
                if _is_name(label) and (index, column) != (form.top, form.label):
                    whose = (raw_text(self.rows[index][column - 1]) if column else None) or _SOMEBODY
                yield f"{whose}/{label}" if whose else label, value

    def _line(self, index: int, form: _Form) -> Iterator[tuple[int, str, Value]]:
        row = self.rows[index]
        if any(_is_name(value) and self._heads_table(index, column) for column, value in enumerate(row)):
            return
        for column in range(form.left, min(form.right, len(row))):
            value = row[column]
            if _is_label(value):
                beside = self._beside(index, column)
                yield column, raw_text(value) or "", _value(None if _is_label(beside) else beside)
            elif isinstance(value, str) and (inside := _WITH_COLON.fullmatch(value)) and _is_label(inside[1]):
                yield column, inside[1], _value(inside[2])


def _is_like(template: set[str], labels: set[str]) -> bool:
    return len(template & labels) * 2 >= len(template)


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


def _numbered(pairs: Iterable[tuple[str, Value]]) -> dict[tuple[str, int], Value]:
    """By (label, how often it stood before): a second phone is another one's."""
    seen: dict[str, int] = {}
    result: dict[tuple[str, int], Value] = {}
    for label, value in pairs:
        result[label, seen.get(label, 0)] = value
        seen[label] = seen.get(label, 0) + 1
    return result
