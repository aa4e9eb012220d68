"""Grids as files: xlsx, xls (BIFF8 in an OLE container), ods, text and HTML, as office programs write them."""

import datetime
import html
import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from tests.members.ledger.office.grid import Grid, shown

EPOCH = datetime.date(1899, 12, 30)
MONTH_FORMAT = 'yyyy"年"m"月"'


def xlsx(grids: Sequence[Grid], *, date1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if date1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for number, row in enumerate(grid.rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(number, column, value)
        for (row, column), code in grid.formats.items():
            sheet.cell(row + 1, column + 1).number_format = MONTH_FORMAT if code == "month" else code
        for row, column in grid.struck:
            sheet.cell(row + 1, column + 1).font = Font(strike=True)
        for row, column in grid.red:
            sheet.cell(row + 1, column + 1).fill = PatternFill("solid", fgColor="FFFF0000")
        for (row, column), text in grid.comments.items():
            sheet.cell(row + 1, column + 1).comment = Comment(text, "clerk")
        for top, left, bottom, right in grid.merged:
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
        for index in grid.hidden_rows:
            sheet.row_dimensions[index + 1].hidden = True
        for index in grid.hidden_columns:
            sheet.column_dimensions[openpyxl.utils.get_column_letter(index + 1)].hidden = True
        sheet.sheet_state = grid.state
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def text(grid: Grid, separator: str = ",", encoding: str = "utf-8-sig", end: str = "\r\n") -> bytes:
    lines = []
    width = max(map(len, grid.rows), default=0)
    for number, row in enumerate(grid.rows):
        cells = [shown(value, grid.formats.get((number, column), "")) for column, value in enumerate(row)]
        cells += [""] * (width - len(cells))
        lines.append(separator.join(_quoted(cell, separator) for cell in cells) + end)
    return "".join(lines).encode(encoding)


def _quoted(cell: str, separator: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in (separator, '"', "\n", "\r")) else cell


def web(grids: Sequence[Grid], encoding: str = "gb18030") -> bytes:
    """What old systems export behind .xls: tables, with spans for merged cells."""
    tables = "".join(f"<table border=1>{_web_rows(grid)}</table>" for grid in grids)
    return f'<html><head><meta charset="{encoding}"></head><body>{tables}</body></html>'.encode(encoding)


def _web_rows(grid: Grid) -> str:
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in grid.merged}
    covered = {
        (row, column)
        for top, left, bottom, right in grid.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    width = max(map(len, grid.rows), default=0)
    lines = []
    for number, row in enumerate(grid.rows):
        cells = ""
        for column in range(width):
            if (number, column) in covered:
                continue
            down, across = spans.get((number, column), (1, 1))
            value = row[column] if column < len(row) else None
            words = html.escape(shown(value, grid.formats.get((number, column), ""))).replace("\n", "<br>")
            cells += f"<td rowspan={down} colspan={across}>{words}</td>"
        lines.append(f"<tr>{cells}</tr>")
    return "".join(lines)


# --- ods ---------------------------------------------------------------------------------------------------------

_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:version="1.2">'
    '<office:automatic-styles><style:style style:name="off" style:family="table"><style:table-properties '
    'table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>'
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def ods(grids: Sequence[Grid], *, tail: str = "") -> bytes:
    """`tail`: XML put at the end of every table, such as repeated empty rows."""
    body = "".join(_ods_table(grid, tail) for grid in grids)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", _ODS_HEAD + body + _ODS_TAIL)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return output.getvalue()


def _ods_table(grid: Grid, tail: str) -> str:
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in grid.merged}
    covered = {
        (row, column)
        for top, left, bottom, right in grid.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - spans.keys()
    width = max(map(len, grid.rows), default=0)
    lines = ""
    for column in range(width):
        hidden = ' table:visibility="collapse"' if column in grid.hidden_columns else ""
        lines += f"<table:table-column{hidden}/>"
    for number, row in enumerate(grid.rows):
        cells = ""
        for column in range(width):
            value = row[column] if column < len(row) else None
            tag = "covered-table-cell" if (number, column) in covered else "table-cell"
            down, across = spans.get((number, column), (1, 1))
            span = (
                f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
                if (down, across) != (1, 1)
                else ""
            )
            cells += _ods_cell(tag, span, value, grid.formats.get((number, column), ""))
        hidden = ' table:visibility="collapse"' if number in grid.hidden_rows else ""
        lines += f"<table:table-row{hidden}>{cells}</table:table-row>"
    style = "" if grid.state == "visible" else ' table:style-name="off"'
    return f"<table:table table:name={quoteattr(grid.name)}{style}>{lines}{tail}</table:table>"


def _ods_cell(tag: str, span: str, value: Any, code: str) -> str:
    if value is None:
        return f"<table:{tag}{span}/>"
    words = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown(value, code).split("\n"))
    if isinstance(value, datetime.date):
        return (
            f'<table:{tag}{span} office:value-type="date" office:date-value="{value.isoformat()}">{words}</table:{tag}>'
        )
    if isinstance(value, int | float):
        return f'<table:{tag}{span} office:value-type="float" office:value="{value!r}">{words}</table:{tag}>'
    return f'<table:{tag}{span} office:value-type="string">{words}</table:{tag}>'


# --- xls ---------------------------------------------------------------------------------------------------------

_DATE_FORMATS = {14: "yyyy/m/d"}
_XF_GENERAL, _XF_DATE, _XF_DECIMALS, _XF_MONTH = 0, 1, 2, 3
_MONTH_ID = 164


def xls(grids: Sequence[Grid], *, date1904: bool = False) -> bytes:
    """A workbook of Excel 97 and of WPS (.xls, .et)."""
    return ole({"Workbook": _globals_and_sheets(grids, date1904)})


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _wide(words: str) -> bytes:
    data = words.encode("utf-16-le")
    return struct.pack("<HB", len(data) // 2, 1) + data


def _globals_and_sheets(grids: Sequence[Grid], date1904: bool) -> bytes:
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    head += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", int(date1904)))
    font = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x01" + "Arial".encode("utf-16-le")
    head += _record(0x0031, font) * 4
    code = MONTH_FORMAT.encode("utf-16-le")
    head += _record(0x041E, struct.pack("<HHB", _MONTH_ID, len(MONTH_FORMAT), 1) + code)
    for number_format in (0, 14, 2, _MONTH_ID):
        head += _record(0x00E0, struct.pack("<HHHBBBBHIH", 0, number_format, 1, 0x20, 0, 0, 0, 0, 0, 0x20C0)[:20])
    sheets = [_xls_sheet(grid, date1904) for grid in grids]
    bound_size = sum(4 + 8 + 2 * len(grid.name) for grid in grids)
    offset = len(head) + bound_size + 4
    for grid, sheet in zip(grids, sheets, strict=True):
        name = grid.name.encode("utf-16-le")
        state = {"visible": 0, "hidden": 1, "veryHidden": 2}[grid.state]
        head += _record(0x0085, struct.pack("<IBBBB", offset, state, 0, len(grid.name), 1) + name)
        offset += len(sheet)
    return head + _record(0x000A) + b"".join(sheets)


def _xls_sheet(grid: Grid, date1904: bool) -> bytes:
    width = max(map(len, grid.rows), default=0)
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    for column in grid.hidden_columns:
        out += _record(0x007D, struct.pack("<HHHHHH", column, column, 2048, 0, 1, 0))
    out += _record(0x0200, struct.pack("<IIHHH", 0, len(grid.rows), 0, width, 0))
    for number in range(len(grid.rows)):
        flags = 0x0120 if number in grid.hidden_rows else 0x0100
        out += _record(0x0208, struct.pack("<HHHHHHI", number, 0, width, 255, 0, 0, flags))
    for number, row in enumerate(grid.rows):
        for column, value in enumerate(row):
            if value is not None:
                out += _xls_cell(number, column, value, grid.formats.get((number, column), ""), date1904)
    if grid.merged:
        areas = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in grid.merged)
        out += _record(0x00E5, struct.pack("<H", len(grid.merged)) + areas)
    return out + _record(0x000A)


def _xls_cell(row: int, column: int, value: Any, code: str, date1904: bool) -> bytes:
    if isinstance(value, datetime.date):
        day = datetime.date(value.year, value.month, value.day)
        serial = float((day - EPOCH).days) - (1462 if date1904 else 0)
        if isinstance(value, datetime.datetime):
            serial += (value.hour * 60 + value.minute) / 1440
        form = _XF_MONTH if code == "month" else _XF_DATE
        return _record(0x0203, struct.pack("<HHHd", row, column, form, serial))
    if isinstance(value, int | float):
        form = _XF_DECIMALS if code == "0.00" else _XF_GENERAL
        return _record(0x0203, struct.pack("<HHHd", row, column, form, float(value)))
    return _record(0x0204, struct.pack("<HHH", row, column, _XF_GENERAL) + _wide(str(value)))


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file with streams of at least 4,096 bytes each (shorter ones are padded)."""
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    padded = {
        name: data + b"\x00" * (max(4096, -(-len(data) // sector) * sector) - len(data))
        for name, data in streams.items()
    }
    chains, entries, place, body = [], [], 0, b""
    for name, data in padded.items():
        count = len(data) // sector
        entries.append((name, 2, place, len(data)))
        chains += [place + index + 1 for index in range(count - 1)] + [end]
        place, body = place + count, body + data
    directory_start = place
    directory = _entry("Root Entry", 5, end, 0, 1) + b"".join(
        _entry(name, kind, start, size, free, index + 2 if index + 2 <= len(entries) else free)
        for index, (name, kind, start, size) in enumerate(entries)
    )
    directory += _entry("", 0, 0, 0, free) * (-(len(directory) // 128) % 4)
    count = len(directory) // sector
    chains += [place + index + 1 for index in range(count - 1)] + [end]
    place, body = place + count, body + directory
    tables = 1
    while tables * 128 < place + tables:
        tables += 1
    fat_start = place
    chains += [0xFFFFFFFD] * tables
    chains += [free] * (tables * 128 - len(chains))
    body += struct.pack(f"<{len(chains)}I", *chains)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, tables, directory_start, 0, 4096, end, 0, end, 0)
    fats = [fat_start + index for index in range(tables)] + [free] * (109 - tables)
    return head + struct.pack("<109I", *fats) + body


def _entry(name: str, kind: int, start: int, size: int, child: int, right: int = 0xFFFFFFFF) -> bytes:
    label = name.encode("utf-16-le")
    head = label + b"\x00" * (64 - len(label)) + struct.pack("<HBB", len(label) + 2 if label else 0, kind, 1)
    links = struct.pack("<III", 0xFFFFFFFF, right if kind == 2 else 0xFFFFFFFF, child if kind == 5 else 0xFFFFFFFF)
    return head + links + b"\x00" * 36 + struct.pack("<IQ", start, size)
