"""What the three formats share: the head of a form, sheets that take rows one by one."""

import datetime as dt
import math
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from portal.sheets.text import plain

_ROWS_IN_CHUNK = 500
WIDEST = 210  # digits across one page


@dataclass(frozen=True)
class Head:
    """What stands around a printed list. The words are those of the offices' forms, read back by the import.

    `unit` reports and stamps, `filler` made the file; `watermark` says who took full numbers and when ("" = none).
    """

    unit: str
    filler: str
    day: dt.date
    watermark: str = ""

    def signature(self) -> list[str]:
        """The line below the title, in four parts."""
        return [
            f"填报单位(盖章)：{self.unit}", f"填报人：{self.filler}", "审核人：",
            f"填报日期：{self.day.year}年{self.day.month}月{self.day.day}日",
        ]  # fmt: skip


@dataclass
class Sheet:
    """One list: title, headers, width of each column in characters, rows as compressed chunks of the format's text.

    `mark` tells the rows of this sheet from those of the others where a format has no sheets. `heads`: the headings
    above each header, outermost first; neighbours share one.
    """

    name: str
    title: str
    headers: list[str]
    widths: list[float]
    mark: str = ""
    heads: list[list[str]] = field(default_factory=list)
    count: int = 0
    _chunk: list[str] = field(default_factory=list)
    _chunks: list[bytes] = field(default_factory=list)

    def add(self, written: str) -> None:
        """One row, as the format writes it."""
        self.count += 1
        self._chunk.append(written)
        if len(self._chunk) >= _ROWS_IN_CHUNK:
            self._close_chunk()

    def chunks(self) -> Iterator[bytes]:
        """The rows in their order, UTF-8."""
        self._close_chunk()
        yield from map(zlib.decompress, self._chunks)

    def _close_chunk(self) -> None:
        if self._chunk:
            self._chunks.append(zlib.compress("".join(self._chunk).encode(), 1))
            self._chunk = []


class Book(ABC):
    """A file of one or several sheets. Subclasses write rows and the whole."""

    kind = ""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.sheets: list[Sheet] = []

    def sheet(
        self,
        name: str,
        title: str,
        headers: Sequence[str],
        widths: Sequence[float],
        mark: str = "",
        heads: Sequence[Sequence[str]] = (),
    ) -> Sheet:
        """A further sheet; its rows go to `append`."""
        above = [list(map(plain, one)) for one in heads] or [[] for _header in headers]
        added = Sheet(plain(name), plain(title), list(map(plain, headers)), list(widths), plain(mark), above)
        self.sheets.append(added)
        return added

    def append(self, sheet: Sheet, texts: Sequence[str]) -> None:
        """One row of texts, as many as the sheet has headers."""
        sheet.add(self.row(sheet, texts))

    @abstractmethod
    def row(self, sheet: Sheet, texts: Sequence[str]) -> str:
        """One row as it stands in the file."""

    @abstractmethod
    def content(self) -> bytes:
        """The finished file."""


def top_lines(head: Head, sheet: Sheet) -> list[list[tuple[str, int]]]:
    """The lines above the headers, each as (text, columns that it covers): watermark, title, signature."""
    width = _on_first_page(sheet)
    lines = [[(sheet.title, width)], _spread(head.signature(), width)]
    return [[(head.watermark, width)], *lines] if head.watermark else lines


@dataclass(frozen=True)
class HeaderCell:
    """One cell of the header: its text, how many columns and lines it covers, and its line and column (from 0)."""

    text: str
    line: int
    column: int
    width: int = 1
    height: int = 1


def header_lines(sheet: Sheet) -> int:
    """Over how many lines the header goes."""
    return 1 + max(map(len, sheet.heads), default=0)


def header_cells(sheet: Sheet) -> list[HeaderCell]:
    """The header in the order of its lines: a heading stands over its neighbours, a title reaches down to the rows."""
    lines, cells = header_lines(sheet), []
    for line in range(lines):
        column = 0
        while column < len(sheet.headers):
            heads, width = sheet.heads[column], 1
            if len(heads) > line:
                width = _under(sheet.heads[column:], heads[: line + 1])
                cells.append(HeaderCell(heads[line], line, column, width))
            elif len(heads) == line:
                cells.append(HeaderCell(sheet.headers[column], line, column, height=lines - line))
            column += width
    return cells


def _under(columns: Sequence[list[str]], heads: list[str]) -> int:
    """How many columns, from the first on, stand under the same headings."""
    return len(list(takewhile(lambda one: one[: len(heads)] == heads, columns)))


def pages_across(sheet: Sheet) -> int:
    """On how many A4 pages side by side a list stays readable (no smaller than about 7 points)."""
    return max(1, math.ceil(sum(sheet.widths) / WIDEST))


def _on_first_page(sheet: Sheet) -> int:
    """How many columns: title and signatures stand above these, since a page break would cut them."""
    share, used = sum(sheet.widths) / pages_across(sheet) + 0.1, 0.0
    for place, width in enumerate(sheet.widths):
        used += width
        if used > share:
            return max(place, 1)
    return max(len(sheet.widths), 1)


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in a column of so many digits' width; a Chinese character is two digits wide."""
    if not text.isprintable():
        return sum(lines_of(line, width) for line in text.split("\n") if line.isprintable()) or 1
    size = len(text) if text.isascii() else sum(1 if character.isascii() else 2 for character in text)
    return math.ceil((size + 1) / width) if size >= width else 1


def _spread(parts: list[str], width: int) -> list[tuple[str, int]]:
    """The first part over what is left, the others over equal shares; in a narrow list all in one cell."""
    share = width // (len(parts) + 1)
    if not share:
        return [("　　".join(parts), width)]
    return [(parts[0], width - share * (len(parts) - 1)), *((part, share) for part in parts[1:])]


def new_book(kind: str, head: Head) -> Book:
    """An empty book of a kind: xlsx, ods or csv. Raises KeyError for any other."""
    from portal.sheets import csvfile, ods, xlsx  # noqa: PLC0415  the formats build on this module

    formats: dict[str, type[Book]] = {"xlsx": xlsx.XlsxBook, "ods": ods.OdsBook, "csv": csvfile.CsvBook}
    return formats[kind](head)
