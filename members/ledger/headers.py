"""Find the header of a sheet under its title rows and say what each column means, by name only."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .aliases import (
    ALIASES,
    ASKED,
    CONTACT_PEOPLE,
    DECIDED_BY_WORDS,
    OWN_PHONES,
    PERSONAL,
    PHONE_HEADERS,
    ROLES,
    label_of,
)
from .cell import raw_text
from .cells import empty
from .folding import clean_text, compact, fold
from .vocabulary import CHOICES, NULL_WORDS
from .workbook import Sheet, Value

_SEARCHED_ROWS = 40
_SAMPLE = 200
_OTHER_PARTY = re.compile(r"流出地|流入地|党组织|党支部|原单位|流出组织|流入组织")
_FAMILY = re.compile(r"家属|家庭成员|紧急|配偶|子女|父母|监护")
_LIAISON = re.compile(r"结对|包联|包保|专属|责任人|帮扶|帮联")
_NOTES = re.compile(r"\([^()]*\)")
_PERSON_DATA = re.compile(r"\d{6,}|(?:19|20)\d\d[-./年]\d")


@dataclass(slots=True)
class Column:
    """One column: its place in the rows, its header as written, the field it means (None: not imported) and how so.

    `status`: mapped, unknown (no such header), ask (several meanings), duplicate (the field has a column already),
    ignored (numbering, age and other values that are never stored).
    """

    index: int
    header: str
    folded: str
    field: str | None
    status: str


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

    Read as one, every row would lose its second person, or give that one's values to the first.
    """
    names = [place for place, column in enumerate(header.columns) if ALIASES.get(column.folded) == "name"]
    if len(names) < 2:
        return False
    meant = [ALIASES.get(column.folded) for column in header.columns]
    again = (set(meant[: names[1]]) & set(meant[names[1] :])) - {None}
    return len(again) > 2 and not again.isdisjoint({"id_number", "birth_date", "gender"})


IGNORED = frozenset({"seq", "age", "party_age"})
"""Known columns whose values are never stored."""


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
    under_group = sum(1 for i, _ in filled if _blank_or_group(sheet.rows[top], spans, i))
    known = sum(1 for text in texts if label_of(text) in ALIASES or label_of(text) in ASKED)
    return under_group == len(filled) and known * 2 >= len(filled) and len(filled) >= 2


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
    levels = _expanded(sheet, first, last, width)
    columns = [_column(index, [level[index] for level in levels]) for index in range(width)]
    data = sheet.rows[last + 1 : last + 1 + _SAMPLE]
    for column in columns:
        if column.status == "ask":
            _decide(column, data)
    _settle_phones(columns)
    _settle_duplicates(columns)
    return [column for column in columns if column.folded or _has_data(data, column.index)]


def _has_data(data: list[list[Value]], index: int) -> bool:
    return any(index < len(row) and not empty(row[index]) for row in data)


def _expanded(sheet: Sheet, first: int, last: int, width: int) -> list[list[str]]:
    """Header texts by level; a merged heading stands over each of its columns, a tall one on its first level only."""
    levels = []
    for index in range(first, last + 1):
        row = [clean_text(raw_text(value) or "") for value in sheet.rows[index]]
        row += [""] * (width - len(row))
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


def _column(index: int, texts: list[str]) -> Column:
    """What a column means: all levels joined first, then the lowest that is known in its context."""
    parts = [text for place, text in enumerate(texts) if text and (place == 0 or text != texts[place - 1])]
    folded = [label_of(part) for part in parts]
    shown = "".join(parts) if len(parts) < 2 else "/".join(parts)
    whole = "".join(folded)
    if not whole:
        return Column(index, "", "", None, "unknown")
    for size in range(len(folded)):
        label, parent = "".join(folded[size:]), "".join(folded[:size])
        name = ALIASES.get(label)
        if name is None and label not in ASKED:
            continue
        if parent and (name in PERSONAL or label in ASKED):
            other = _of_other(parent, label)
            if other is not None:
                return Column(index, shown, label, other or None, "mapped" if other else "ask")
        if name is None:
            return Column(index, shown, label, None, "ask")
        return Column(index, shown, label, name, "ignored" if name in IGNORED else "mapped")
    return Column(index, shown, whole, None, "unknown")


def _of_other(parent: str, label: str) -> str | None:
    """The field of another person under a group heading; '' when it cannot be told, None when it is the member's."""
    is_phone = label in PHONE_HEADERS or "电话" in label or "手机" in label or "联系方式" in label
    is_name = label in ("姓名", "联系人")
    if not (is_phone or is_name):
        return "" if label in ("身份证号", "身份证号码", "性别", "出生日期") and (_FAMILY.search(parent)) else None
    if _FAMILY.search(parent):
        return "family_contact"
    if _LIAISON.search(parent):
        return "liaison_phone" if is_phone else "liaison_name"
    if _OTHER_PARTY.search(parent):
        return "counterpart_contact_phone" if is_phone else "counterpart_contact_name"
    return "" if label == "联系人" or "联系人" in parent else None


def _decide(column: Column, data: list[list[Value]]) -> None:
    """Settle a header of several meanings when every word below belongs to exactly one fixed list."""
    words = {
        compact(str(row[column.index])).lower()
        for row in data
        if column.index < len(row) and not empty(row[column.index])
    }
    words -= NULL_WORDS
    if not words:
        return
    fits = [name for name in DECIDED_BY_WORDS.get(column.folded, ()) if words <= CHOICES[name].keys()]
    if len(fits) == 1:
        column.field, column.status = fits[0], "mapped"


_PHONE_OF = {
    "family_contact": "family_contact",
    "liaison_name": "liaison_phone",
    "counterpart_contact_name": "counterpart_contact_phone",
}


def _settle_phones(columns: list[Column]) -> None:
    """A phone right after another person's column is that person's, never the member's; whose is unknown is asked."""
    before: Column | None = None
    for column in columns:
        if column.field == "mobile" and column.folded in PHONE_HEADERS and before is not None:
            owner = before.field if before.field in _PHONE_OF else CONTACT_PEOPLE.get(before.folded)
            owner = owner or _owner_by_role(before)
            if owner in _PHONE_OF:
                column.field = _PHONE_OF[owner]
            elif before.folded in CONTACT_PEOPLE or (before.field is None and ROLES.search(before.folded)):
                column.field, column.status = None, "ask"
        if column.folded:
            before = column


def _owner_by_role(column: Column) -> str | None:
    """The field of a person whose column has no field of its own, by the words of its header."""
    if column.field is not None or not ROLES.search(column.folded):
        return None
    for pattern, name in ((_FAMILY, "family_contact"), (_LIAISON, "liaison_name")):
        if pattern.search(column.folded):
            return name
    return None


def _own_phone(columns: list[Column]) -> Column | None:
    """The member's own column among several phones; those right after an organization are asked, they may be its."""
    phones = [column for column in columns if column.field == "mobile"]
    own = next((column for column in phones if column.folded in OWN_PHONES), None)
    if own is None and len(phones) > 1:
        for before, column in pairwise(column for column in columns if column.folded):
            if column in phones and before.field in ("home_organization", "host_organization"):
                column.field, column.status = None, "ask"
    return own


def _settle_duplicates(columns: list[Column]) -> None:
    """The first column of a field wins; both columns of a movement's start stay, the direction chooses between them.

    Of several phones the one that is said to be the member's own wins.
    """
    own = _own_phone(columns)
    seen: set[str] = set()
    for column in columns:
        if column.field is None:
            continue
        later = column.field in seen and column.field not in ("started_on", "seq")
        if later or (own is not None and column.field == "mobile" and column is not own):
            column.field, column.status = None, "duplicate"
        else:
            seen.add(column.field)
