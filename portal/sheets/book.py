"""What the three formats share: the head of a form, sheets that take rows one by one."""

import datetime as dt
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from portal.sheets.text import plain

_ROWS_IN_CHUNK = 500


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

    `mark` tells the rows of this sheet from those of the others where a format has no sheets.
    """

    name: str
    title: str
    headers: list[str]
    widths: list[float]
    mark: str = ""
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


class Book:
    """A file of one or several sheets. Subclasses write rows and the whole."""

    kind = ""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.sheets: list[Sheet] = []

    def sheet(self, name: str, title: str, headers: Sequence[str], widths: Sequence[float], mark: str = "") -> Sheet:
        """A further sheet; its rows go to `append`."""
        added = Sheet(plain(name), plain(title), [plain(header) for header in headers], list(widths), plain(mark))
        self.sheets.append(added)
        return added

    def append(self, sheet: Sheet, texts: Sequence[str]) -> None:
        """One row of texts, as many as the sheet has headers."""
        sheet.add(self.row(sheet, texts))

    def row(self, sheet: Sheet, texts: Sequence[str]) -> str:
        raise NotImplementedError

    def content(self) -> bytes:
        """The finished file."""
        raise NotImplementedError


def top_lines(head: Head, sheet: Sheet) -> list[list[tuple[str, int]]]:
    """The lines above the headers, each as (text, columns that it covers): watermark, title, signature."""
    width = max(len(sheet.headers), 1)
    lines = [[(sheet.title, width)], _spread(head.signature(), width)]
    return [[(head.watermark, width)], *lines] if head.watermark else lines


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
