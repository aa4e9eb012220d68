"""Tables in text: separated values and HTML (what many old systems export behind .xls)."""

import csv
import io
import re
from html.parser import HTMLParser

from portal.sheets.text import unguarded

from .workbook import LedgerRefused, Limits, Sheet, Value, Workbook

_SEPARATORS = (",", "\t", ";", "，", "|")
_CHARS_IN_FIELD = 1_000_000
_TEXT_FORMULA = re.compile(r'="([^"]*)"')  # how systems write ="340103…" so that a spreadsheet keeps every digit


def read_csv(text: str, limits: Limits) -> Workbook:
    """Rows of a csv or tsv. Row numbers are record numbers, as a spreadsheet program shows them."""
    text = text.replace("\x00", "")
    hint = re.match(r"sep=(.)\r?\n", text)
    separator = hint.group(1) if hint else _separator(text)
    csv.field_size_limit(_CHARS_IN_FIELD)
    rows: list[list[Value]] = []
    if text.count(separator) > limits.cells:  # before a single line of millions of fields becomes a list
        raise LedgerRefused("too_many_rows")
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            rows.append([_cell(value) for value in record])
            if len(rows) > limits.rows + 1_000:
                raise LedgerRefused("too_many_rows")
    except csv.Error as error:
        raise LedgerRefused("damaged") from error
    if not rows:
        raise LedgerRefused("empty")
    if hint:
        rows[0] = []
    return Workbook("csv", [Sheet(name="", rows=rows)])


def _cell(text: str) -> str | None:
    found = _TEXT_FORMULA.fullmatch(text)
    return (found[1] if found else unguarded(text)) or None


def _separator(text: str) -> str:
    """The separator that splits the first lines into most fields, most evenly."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    return max(
        _SEPARATORS, key=lambda mark: (sorted(line.count(mark) for line in lines)[len(lines) // 2], -_rank(mark))
    )


def _rank(mark: str) -> int:
    return _SEPARATORS.index(mark)


class _Tables(HTMLParser):
    """Collects the cells of every table; scripts and styles give nothing, nothing is ever fetched."""

    def __init__(self, limits: Limits):
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.sheets: list[Sheet] = []
        self.stack: list[Sheet] = []
        self.cell: list[str] | None = None
        self.span = (1, 1)
        self.taken: set[tuple[int, int]] = set()
        self.silent = self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.silent += 1
        elif tag == "table":
            self._end_cell()
            sheet = Sheet(name=f"{len(self.sheets) + 1}" if self.sheets else "")
            self.sheets.append(sheet)
            self.stack.append(sheet)
            self.taken = set()
        elif tag == "tr" and self.stack:
            self._end_cell()
            self.stack[-1].rows.append([])
            if len(self.stack[-1].rows) > self.limits.rows + 1_000:
                raise LedgerRefused("too_many_rows")
        elif tag in ("td", "th") and self.stack:
            self._end_cell()
            if not self.stack[-1].rows:
                self.stack[-1].rows.append([])
            named = dict(attrs)
            self.span = (_span(named.get("rowspan")), _span(named.get("colspan")))
            self.cell = []
        elif tag in ("br", "p", "div") and self.cell:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self.stack:
            self._end_cell()
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is None or not self.stack:
            self.cell = None
            return
        sheet, text = self.stack[-1], "".join(self.cell).strip()
        self.cell = None
        number, row = len(sheet.rows), sheet.rows[-1]
        while (number, len(row)) in self.taken:
            row.append(None)
        column, (down, across) = len(row), self.span
        row.append(text or None)
        row.extend([None] * (across - 1))
        self.cells += len(row) - column
        if len(row) > self.limits.columns:
            raise LedgerRefused("too_large")
        if self.cells > self.limits.cells:
            raise LedgerRefused("too_many_rows")
        if down > 1 or across > 1:
            sheet.merged.append((number, column, number + down - 1, column + across - 1))
            for below in range(1, min(down, 1_000)):
                self.taken.update((number + below, column + right) for right in range(across))


def _span(text: str | None) -> int:
    return max(1, min(1_000, int(text))) if text and text.isdecimal() and len(text) < 5 else 1


def read_html(text: str, limits: Limits) -> Workbook:
    """The tables of a web page, one sheet each. Raises LedgerRefused: damaged when there is none."""
    parser = _Tables(limits)
    parser.feed(text)
    parser.close()
    sheets = [sheet for sheet in parser.sheets if sheet.rows]
    if not sheets:
        raise LedgerRefused("damaged")
    return Workbook("html", sheets)
