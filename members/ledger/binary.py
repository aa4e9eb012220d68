"""What the reader of .xls and .et files does not tell: hidden rows and columns, the date system, errors, formats.

A .xls file is a compound file (MS-CFB) with one stream of records (MS-XLS, BIFF8). Only records of fixed shape are
looked at. A file that does not fit gives no extras here and is judged by the reader itself.
"""

import struct

from .extras import SheetExtras, WorkbookExtras
from .formats import BUILT_IN, ShownStyles, kind_of, styles_of

_FREE = 0xFFFFFFFA
_LONGEST_CHAIN = 200_000
_BOF, _EOF, _BOUND_SHEET, _DATE_MODE, _FORMAT, _XF, _FONT = 0x809, 0x0A, 0x85, 0x22, 0x41E, 0xE0, 0x31
_ROW, _COLUMNS, _NUMBER, _RK, _MULTIPLE_RK, _FORMULA, _ERROR = 0x208, 0x7D, 0x203, 0x27E, 0xBD, 0x06, 0x205
_LABELS = (0x204, 0xFD)
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_RED = (10, 2)


def xls_extras(data: bytes) -> WorkbookExtras:
    """Extras of a workbook of Excel 97 to 2003 or of WPS; empty ones where the file is of another make."""
    try:
        return _extras(_stream(data))
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError):
        return WorkbookExtras()


def _stream(data: bytes) -> bytes:
    """The stream of records inside the container."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError(size)
    fat = _table(data, size)
    directory = _chain(data, fat, size, struct.unpack_from("<I", data, 48)[0])
    for place in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(0, length - 2)].decode("utf-16-le")
        if name in ("Workbook", "Book") and directory[place + 66] == 2:
            start, full = struct.unpack_from("<II", directory, place + 116)
            if full < 4096:
                raise ValueError("a stream inside the short sectors")
            return _chain(data, fat, size, start)[:full]
    raise ValueError("no workbook")


def _table(data: bytes, size: int) -> list[int]:
    places = [place for place in struct.unpack_from("<109I", data, 76) if place < _FREE]
    following, left = struct.unpack_from("<II", data, 68)
    while following < _FREE and left > 0:
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        places += [place for place in more[:-1] if place < _FREE]
        following, left = more[-1], left - 1
    fat: list[int] = []
    for place in places:
        fat += struct.unpack_from(f"<{size // 4}I", data, (place + 1) * size)
    return fat


def _chain(data: bytes, fat: list[int], size: int, start: int) -> bytes:
    parts: list[bytes] = []
    while start < _FREE:
        if len(parts) > _LONGEST_CHAIN:
            raise ValueError("a chain without end")
        parts.append(data[(start + 1) * size : (start + 2) * size])
        start = fat[start]
    return b"".join(parts)


def _extras(stream: bytes) -> WorkbookExtras:
    result = WorkbookExtras()
    names: dict[int, str] = {}
    codes: dict[int, str] = dict(BUILT_IN)
    forms: list[tuple[int, int, bool]] = []
    struck: list[bool] = []
    current: SheetExtras | None = None
    place, depth = 0, 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        if kind == _BOF:
            depth += 1
            if place in names:
                current = result.sheets[names[place]] = SheetExtras()
                result.styles = _styles(forms, codes, struck)
        elif kind == _EOF:
            depth -= 1
            current = current if depth > 0 else None
        elif current is not None and depth == 1:
            _sheet_record(kind, body, current, result.styles)
        elif kind == _BOUND_SHEET:
            names[struct.unpack_from("<I", body)[0]] = _short_text(body, 7, body[6])
        elif kind == _DATE_MODE:
            result.date1904 = body[:1] == b"\x01"
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _short_text(body, 4, struct.unpack_from("<H", body, 2)[0])
        elif kind == _FONT:
            struck.append(bool(body[2] & 8))
        elif kind == _XF:
            font, code = struct.unpack_from("<HH", body)
            solid = len(body) >= 20 and body[17] >> 2 == 1 and (body[18] & 0x7F) in _RED
            forms.append((font, code, solid))
        place += 4 + length
    return result


def _short_text(body: bytes, flag: int, count: int) -> str:
    """Characters after a flag byte that tells their width."""
    wide, start = body[flag] & 1, flag + 1
    return (
        body[start : start + count * 2].decode("utf-16-le") if wide else body[start : start + count].decode("latin-1")
    )


def _styles(forms: list[tuple[int, int, bool]], codes: dict[int, str], struck: list[bool]) -> ShownStyles:
    kinds: dict[str, set[int]] = {"decimals": set(), "months": set(), "years": set(), "struck": set(), "red": set()}
    for index, (font, code, is_red) in enumerate(forms):
        if kind := kind_of(codes.get(code, "")):
            kinds[kind].add(index)
        font -= font > 4  # there is no font 4
        if font < len(struck) and struck[font]:
            kinds["struck"].add(index)
        if is_red:
            kinds["red"].add(index)
    return styles_of(kinds)


def _sheet_record(kind: int, body: bytes, sheet: SheetExtras, styles: ShownStyles) -> None:
    if kind == _ROW:
        row, flags = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, 12)[0]
        if flags & 0x20:
            sheet.hidden_rows.add(row + 1)
    elif kind == _COLUMNS:
        first, last, _width, _form, flags = struct.unpack_from("<HHHHH", body)
        if flags & 1:
            sheet.hidden_columns.update(range(first, min(last, first + 300) + 1))
    elif kind == _MULTIPLE_RK:
        row, column = struct.unpack_from("<HH", body)
        for index in range((len(body) - 6) // 6):
            _note(sheet, row, column + index, struct.unpack_from("<H", body, 4 + index * 6)[0], styles)
    elif kind in (_NUMBER, _RK, _FORMULA, _ERROR, *_LABELS):
        row, column, form = struct.unpack_from("<HHH", body)
        _note(sheet, row, column, form, styles)
        if kind == _ERROR and body[7] == 1:
            sheet.errors[row + 1, column] = _ERRORS.get(body[6], "#ERR")
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            sheet.errors[row + 1, column] = _ERRORS.get(body[8], "#ERR")


def _note(sheet: SheetExtras, row: int, column: int, form: int, styles: ShownStyles) -> None:
    top, left = sheet.top_left or (row, column)
    sheet.top_left = (min(top, row), min(left, column))
    sheet.bottom_right = (max(sheet.bottom_right[0], row), max(sheet.bottom_right[1], column))
    if form in styles.two_decimals or form in styles.months or form in styles.years:
        sheet.styled[row + 1, column] = form
    if form in styles.struck:
        sheet.struck.add((row + 1, column))
    if form in styles.red:
        sheet.red.add((row + 1, column))
