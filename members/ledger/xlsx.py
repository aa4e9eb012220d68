"""Saving workbooks in memory: openpyxl by itself writes every sheet into a temporary file first, in the clear."""

import datetime
import io
import zipfile
from typing import Any

from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


class _MemoryWriter(ExcelWriter):
    """The same as its parent (openpyxl 3.1), but the parts of the sheets stay in memory."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        if self.workbook.write_only:
            if not ws.closed:
                ws.close()
            writer = ws._writer
        else:
            writer = WorksheetWriter(ws, io.BytesIO())
            writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], writer.out.getvalue())
        self.manifest.append(ws)


def new_sheet(book: Any, title: str) -> Any:
    """A further sheet of a write-only workbook that is to be saved by `saved`. Set widths and panes before rows."""
    sheet = book.create_sheet(title)
    sheet._get_writer = lambda: _begin(sheet)
    return sheet


def _begin(sheet: Any) -> None:
    if sheet._writer is None:
        sheet._writer = WorksheetWriter(sheet, io.BytesIO())
        sheet._writer.write_top()


def saved(book: Any) -> bytes:
    """The workbook's bytes."""
    output = io.BytesIO()
    book.properties.modified = datetime.datetime.now(tz=datetime.UTC).replace(tzinfo=None)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        _MemoryWriter(book, archive).save()
    return output.getvalue()
