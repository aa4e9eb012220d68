"""Find the header of a sheet under its title rows: one to three rows of titles, merged or not."""

import re
from dataclasses import dataclass, field

from .aliases import ALIASES, ASKED, label_of
from .cell import raw_text
from .cells import empty
from .columns import FAMILY, Column, columns_of
from .folding import clean_text, compact, fold
from .workbook import Sheet, Value

_SEARCHED_ROWS = 40
_SAMPLE = 200
_NOTES = re.compile(r"\([^()]*\)")
_PERSON_DATA = re.compile(r"\d{6,}|(?:19|20)\d\d[-./年]\d")


@dataclass(slots=True)
class Header:
    """Where the header of a sheet is (indexes into its rows, `last` inclusive), its columns, and the titles above."""

    first: int
    last: int
    columns: list[Column]
    titles: list[str] = field(default_factory=list)
    labels: list[list[str]] = field(default_factory=list)

    def of(self, name: str) -> int | None:
        """The place of the column of a field, or None."""
        return next((column.index for column in self.columns if column.field == name), None)


def stands_twice(header: Header) -> bool:
    """Whether two tables stand side by side: name, one more mark of a person and a third title come again to the right.

    Read as one, every row would lose its second person, or give that one's values to the first. Somebody of the family
    is no second person.
    """
    columns = [column for column in header.columns if not FAMILY.search("".join(column.heads))]
    names = [place for place, column in enumerate(columns) if ALIASES.get(column.folded) == "name"]
    if len(names) < 2:
        return False
    meant = [ALIASES.get(column.folded) for column in columns]
    again = (set(meant[: names[1]]) & set(meant[names[1] :])) - {None}
    return len(again) > 2 and not again.isdisjoint({"id_number", "birth_date", "gender"})


def find_header(sheet: Sheet) -> Header | None:
    """The first header of a sheet among its first rows, or None: a name column and two other known ones at least."""
    for index, row in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        labels = [label_of(raw_text(value) or "") for value in row]
        filled = [label for label in labels if label]
        if not any(ALIASES.get(label) == "name" for label in filled):
            continue
        hits = len({ALIASES.get(label, label) for label in filled if label in ALIASES or label in ASKED})
        hits += _hits_below(sheet, index)
        sure = any(ALIASES.get(label) in ("id_number", "mobile") for label in filled)
        if hits >= 3 or (hits == 2 and (sure or len(filled) == 2)):
            first, last = _block(sheet, index)
            columns = _columns(sheet, first, last)
            return Header(first, last, columns, _titles(sheet, first), _label_rows(sheet, first, last))
    return None


def _hits_below(sheet: Sheet, index: int) -> int:
    """Known headers of a second header row count for the first, where that one alone would be too short."""
    if index + 1 >= len(sheet.rows) or not _continues(sheet, index, index + 1):
        return 0
    return sum(1 for value in sheet.rows[index + 1] if label_of(raw_text(value) or "") in ALIASES)


def _label_rows(sheet: Sheet, first: int, last: int) -> list[list[str]]:
    return [[label_of(raw_text(value) or "") for value in row] for row in sheet.rows[first : last + 1]]


def _titles(sheet: Sheet, first: int) -> list[str]:
    return [
        clean_text(str(value))
        for row in sheet.rows[:first]
        for value in row
        if isinstance(value, str) and not empty(value)
    ]


def _block(sheet: Sheet, index: int) -> tuple[int, int]:
    """First and last row of the header: group headings above, second and third rows below."""
    last = index
    while last < index + 2 and last + 1 < len(sheet.rows) and _continues(sheet, index, last + 1):
        last += 1
    first = index
    while first > max(0, index - 2) and _is_group_row(sheet, first - 1, index):
        first -= 1
    return first, last


def _merges(sheet: Sheet, index: int) -> list[tuple[int, int, int, int]]:
    """Merged areas that begin in a row, as (row, column, last row, last column) in indexes of `sheet.rows`."""
    down, right = sheet.first_row, sheet.first_column
    areas = [(a - down, b - right, c - down, d - right) for a, b, c, d in sheet.merged]
    return [area for area in areas if area[0] == index]


def _continues(sheet: Sheet, top: int, index: int) -> bool:
    """Whether a row is a further row of the header that begins at `top`."""
    row = sheet.rows[index]
    names = [i for i, value in enumerate(sheet.rows[top]) if ALIASES.get(label_of(raw_text(value) or "")) == "name"]
    if any(i < len(row) and not empty(row[i]) for i in names[:1]):
        return False
    filled = [(i, value) for i, value in enumerate(row) if not empty(value)]
    if not filled or any(not isinstance(value, str) for _, value in filled):
        return False
    texts = [_NOTES.sub("", fold(str(value))) or "()" for _, value in filled]
    if any(len(text) > 25 or _PERSON_DATA.search(text) for text in texts):
        return False
    spans = _merges(sheet, top)
    if any(area[2] >= index and area[1] <= names[0] <= area[3] for area in spans):
        return True
    # (18位) and (年月日) say how to fill in the column above, whatever that is
    below = [(i, text) for (i, _), text in zip(filled, texts, strict=True) if text != "()"]
    known = sum(1 for _, text in below if label_of(text) in ALIASES or label_of(text) in ASKED)
    are_under_groups = all(_blank_or_group(sheet.rows[top], spans, i) for i, _ in below)
    return are_under_groups and known * 2 >= len(below) and len(below) >= 2


def _blank_or_group(row: list[Value], spans: list[tuple[int, int, int, int]], column: int) -> bool:
    if any(area[1] <= column <= area[3] and area[3] > area[1] for area in spans):
        return True
    following = row[column + 1] if column + 1 < len(row) else ""
    return column >= len(row) or empty(row[column]) or empty(following)


def _is_group_row(sheet: Sheet, index: int, name_row: int) -> bool:
    """Whether a row above the one with the name holds headings: merged down into it, over columns, or known."""
    filled = [value for value in sheet.rows[index] if not empty(value)]
    if len(filled) < 2 or any(not isinstance(value, str) for value in filled):
        return False
    texts = [_NOTES.sub("", compact(str(value))) for value in filled]
    if any(len(text) > 20 or ":" in text or _PERSON_DATA.search(text) for text in texts):
        return False
    areas = _merges(sheet, index)
    width = len(sheet.rows[index])
    if any(area[2] >= name_row for area in areas) and all(area[3] - area[1] + 1 < width for area in areas):
        return True
    wide = [area for area in areas if area[3] > area[1]]
    if wide and all(area[3] - area[1] + 1 < width for area in wide):
        return True
    return sum(1 for text in texts if label_of(text) in ALIASES) >= 2


def _columns(sheet: Sheet, first: int, last: int) -> list[Column]:
    width = max((len(row) for row in sheet.rows[first : last + 1]), default=0)
    return columns_of(_expanded(sheet, first, last, width), sheet.rows[last + 1 : last + 1 + _SAMPLE])


def _expanded(sheet: Sheet, first: int, last: int, width: int) -> list[list[str]]:
    """Header texts by level; a merged heading stands over each of its columns, a tall one on its first level only."""
    levels = []
    for index in range(first, last + 1):
        row = [clean_text(raw_text(value) or "") for value in sheet.rows[index]]
        row += [""] * (width - len(row))
        if index > first:
            row = [text if _NOTES.sub("", fold(text)) else "" for text in row]
        spans = _merges(sheet, index)
        for area in spans:
            if 0 <= area[1] < width and row[area[1]]:
                row[area[1] : min(area[3], width - 1) + 1] = [row[area[1]]] * (min(area[3], width - 1) + 1 - area[1])
        if not spans and index < last:
            _spread(row, sheet.rows[index + 1])
        levels.append(row)
    return levels


def _spread(row: list[str], below: list[Value]) -> None:
    """Without merges (xls, csv): a heading reaches right over blanks that have a header below."""
    for index in range(1, len(row)):
        if not row[index] and row[index - 1] and index < len(below) and not empty(below[index]):
            before = index - 1 < len(below) and not empty(below[index - 1])
            row[index] = row[index - 1] if before else ""
