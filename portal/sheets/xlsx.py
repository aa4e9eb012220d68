"""Workbooks for Excel and WPS. openpyxl lays the sheets out; the rows are streamed into what it made.

openpyxl writes every sheet through a temporary file, and a ledger must not lie in one, not even for a second.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.sheets.book import Book, Head, Sheet, header_cells, header_lines, lines_of, pages_across, top_lines
from portal.sheets.text import is_formula_like, plain

A4 = 9
LINE, TALLEST = 15, 400  # points
_PLACE = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
_SIZE = re.compile(rb'<dimension ref="[^"]*"\s*/?>(?:</dimension>)?')
_LINE = Side(style="thin", color="808080")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_MIDDLE = {"vertical": "center", "wrap_text": True}
# name → what openpyxl sets on a cell
_LOOKS: dict[str, dict[str, Any]] = {
    "cell": {"border": _BOX, "alignment": Alignment(**_MIDDLE), "number_format": "@"},
    "quoted": {"border": _BOX, "alignment": Alignment(**_MIDDLE), "number_format": "@", "quotePrefix": True},
    "header": {"border": _BOX, "font": Font(bold=True), "number_format": "@", "quotePrefix": True,
               "alignment": Alignment(horizontal="center", **_MIDDLE)},
    "title": {"font": Font(bold=True, size=16), "alignment": Alignment(horizontal="center", vertical="center")},
    "signature": {"alignment": Alignment(vertical="center")},
    "watermark": {"font": Font(size=9, color="808080"), "alignment": Alignment(vertical="center")},
}  # fmt: skip
_HEIGHTS = {"title": 28, "signature": 20, "header": 30, "heading": 18, "watermark": 15}


class XlsxBook(Book):
    kind = "xlsx"

    def __init__(self, head: Head) -> None:
        super().__init__(head)
        self.book = Workbook()
        self.styles = _styles(self.book)
        self.letters: list[str] = []
        self.above = 3 if head.watermark else 2  # lines before the header

    def _top(self, sheet: Sheet) -> int:
        """The last line of the header."""
        return self.above + header_lines(sheet)

    def row(self, sheet: Sheet, texts: Sequence[str]) -> str:
        while len(self.letters) < len(texts):
            self.letters.append(get_column_letter(len(self.letters) + 1))
        number = self._top(sheet) + sheet.count + 1
        cells = [(self._look(text), text) for text in map(plain, texts)]
        # programs do not measure wrapped texts of their own accord when they open a file
        lines = max(map(lines_of, texts, sheet.widths), default=1)
        return self._line(number, cells, min(LINE * lines + 3, TALLEST))

    @staticmethod
    def _look(text: str) -> str:
        return "quoted" if is_formula_like(text) else "cell"

    def _line(self, number: int, cells: list[tuple[str, str]], height: int = 0) -> str:
        tall = f' ht="{height}" customHeight="1"' if height else ""
        written = [
            f'<c r="{letter}{number}" s="{self.styles[look]}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(text)}</t></is></c>"
            if text
            else f'<c r="{letter}{number}" s="{self.styles[look]}"/>'
            for letter, (look, text) in zip(self.letters, cells, strict=False)
        ]
        return f'<row r="{number}"{tall}>{"".join(written)}</row>'

    def content(self) -> bytes:
        frames = {}
        while len(self.letters) < max(len(sheet.headers) for sheet in self.sheets):
            self.letters.append(get_column_letter(len(self.letters) + 1))
        for index, sheet in enumerate(self.sheets):
            frame = self.book.active if index == 0 else self.book.create_sheet()
            assert isinstance(frame, Worksheet)
            self._lay_out(frame, sheet)
            frames[f"xl/worksheets/sheet{index + 1}.xml"] = sheet
        empty, full = io.BytesIO(), io.BytesIO()
        self.book.save(empty)
        with zipfile.ZipFile(empty) as source, zipfile.ZipFile(full, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                with target.open(name, "w", force_zip64=False) as part:
                    if name not in frames:
                        part.write(source.read(name))
                        continue
                    for piece in self._filled(source.read(name), frames[name]):
                        part.write(piece)
        return full.getvalue()

    def _filled(self, frame: bytes, sheet: Sheet) -> Iterator[bytes]:
        last = f"{self.letters[max(len(sheet.headers), 1) - 1]}{self._top(sheet) + sheet.count}"
        before, after = _PLACE.split(_SIZE.sub(f'<dimension ref="A1:{last}"/>'.encode(), frame))
        yield before + b"<sheetData>" + self._head(sheet).encode()
        yield from sheet.chunks()
        yield b"</sheetData>" + after

    def _head(self, sheet: Sheet) -> str:
        lines = []
        looks = ["watermark", "title", "signature"][0 if self.head.watermark else 1 :]
        for number, (look, parts) in enumerate(zip(looks, top_lines(self.head, sheet), strict=True), 1):
            cells = [(look, part) for text, width in parts for part in (text, *[""] * (width - 1))]
            lines.append(self._line(number, cells, _HEIGHTS[look]))
        texts = {(cell.line, cell.column): cell.text for cell in header_cells(sheet)}
        for line in range(header_lines(sheet)):
            headers = [("header", texts.get((line, column), "")) for column in range(len(sheet.headers))]
            look = "heading" if line + 1 < header_lines(sheet) else "header"
            lines.append(self._line(self.above + line + 1, headers, _HEIGHTS[look]))
        return "".join(lines)

    def _lay_out(self, frame: Worksheet, sheet: Sheet) -> None:
        """Everything but rows: A4 across, all columns on the page, the header on every page, page numbers."""
        frame.title = sheet.name or "Sheet1"
        frame.freeze_panes = f"A{self._top(sheet) + 1}"
        for letter, width in zip(self.letters, sheet.widths, strict=False):
            frame.column_dimensions[letter].width = width
        for number, parts in enumerate(top_lines(self.head, sheet), 1):
            start = 1
            for _text, width in parts:
                _merge(frame, number, start, width)
                start += width
        for cell in header_cells(sheet):
            _merge(frame, self.above + cell.line + 1, cell.column + 1, cell.width, cell.height)
        lay_on_a4(frame, headers_in=(self.above + 1, self._top(sheet)), across=pages_across(sheet))
        if self.head.watermark:
            mark = self.head.watermark.replace("&", "&&")
            frame.oddHeader.left.text = frame.oddFooter.left.text = mark
            frame.oddHeader.left.size = frame.oddFooter.left.size = 8


def _merge(frame: Worksheet, line: int, column: int, width: int, height: int = 1) -> None:
    """Make one cell of several; line and column from 1."""
    if width > 1 or height > 1:
        last = f"{get_column_letter(column + width - 1)}{line + height - 1}"
        frame.merged_cells.add(f"{get_column_letter(column)}{line}:{last}")


def lay_on_a4(frame: Worksheet, *, headers_in: tuple[int, int], across: int = 1) -> None:
    """Paper of a list: A4 landscape, `across` pages side by side, the lines of headers (first, last) on each, page
    numbers."""
    frame.print_title_rows = f"{headers_in[0]}:{headers_in[1]}"
    frame.page_setup.orientation = "landscape"
    frame.page_setup.paperSize = A4
    frame.page_setup.fitToWidth = across
    if across > 1:
        frame.print_title_cols = "A:B"  # number and name, on the second page too
    frame.page_setup.fitToHeight = 0
    frame.sheet_properties.pageSetUpPr.fitToPage = True
    frame.print_options.horizontalCentered = True
    frame.page_margins.left = frame.page_margins.right = 0.4
    frame.page_margins.top = frame.page_margins.bottom = 0.7
    frame.page_margins.header = frame.page_margins.footer = 0.3
    frame.oddFooter.center.text = "第&P页 共&N页"


def _styles(book: Workbook) -> dict[str, int]:
    """Number of each look in the file's table of styles."""
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    numbers = {}
    for name, look in _LOOKS.items():
        cell = sheet.cell(row=1, column=1)
        for attribute, value in look.items():
            setattr(cell, attribute, value)
        numbers[name] = cell.style_id
        sheet._cells.clear()  # type: ignore[attr-defined]
    return numbers
