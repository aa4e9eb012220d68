"""What the reader of .ods files does not tell: merged cells, hidden rows and columns, comments, what is shown.

One pass over the sheet's XML, which the guard has measured and found free of entities.
"""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree  # noqa: S405  (see above)

from .extras import SheetExtras, WorkbookExtras
from .workbook import LedgerRefused, Limits

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def ods_extras(data: bytes, limits: Limits) -> WorkbookExtras:
    """Extras of a workbook. Raises LedgerRefused for cells repeated beyond the limits, damaged for broken XML."""
    result = WorkbookExtras()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as part:
            _walk(part, result, limits)
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise LedgerRefused("damaged") from error
    return result


def _walk(part: Any, result: WorkbookExtras, limits: Limits) -> None:
    sheet, row, column = SheetExtras(), 0, 0
    for event, element in ElementTree.iterparse(part, ("start", "end")):  # noqa: S314
        tag = element.tag
        if event == "start":
            if tag == f"{_TABLE}table":
                sheet, row, column = SheetExtras(), 0, 0
                result.sheets[element.get(f"{_TABLE}name", "")] = sheet
            continue
        if tag == f"{_TABLE}table-column":
            count = _count(element, "columns")
            if _is_hidden(element):
                sheet.hidden_columns.update(range(column, min(column + count, limits.columns * 2)))
            column += count
        elif tag == f"{_TABLE}table-row":
            row += _row(element, row, sheet, limits)
            element.clear()


def _is_hidden(element: ElementTree.Element) -> bool:
    return element.get(f"{_TABLE}visibility") in ("collapse", "filter")


def _count(element: ElementTree.Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))


def _row(element: ElementTree.Element, row: int, sheet: SheetExtras, limits: Limits) -> int:
    """Look at one row; return how often it stands there."""
    count, column, last, filled = _count(element, "rows"), 0, 0, False
    for cell in element:
        if cell.tag not in _CELLS:
            continue
        across = _count(cell, "columns")
        if cell.get(f"{_OFFICE}value-type"):
            filled, last = True, column + across
            if column + across > limits.columns * 2:
                raise LedgerRefused("too_large")
            _shown(cell, row, column, sheet)
        down, right = (int(cell.get(f"{_TABLE}number-{what}-spanned", "1")) for what in ("rows", "columns"))
        if (down, right) != (1, 1):
            sheet.merged.append((row + 1, column, row + down, column + right - 1))
        if (note := cell.find(f"{_OFFICE}annotation")) is not None:
            lines = ("".join(line.itertext()) for line in note.findall(f"{_TEXT}p"))
            sheet.comments[row + 1, column] = "".join(lines)[:500]
        column += across
    if filled:
        sheet.width = max(sheet.width, last)
        if row + count > limits.rows + 1_000 or (row + count) * sheet.width > limits.cells:
            raise LedgerRefused("too_many_rows")
    if filled and _is_hidden(element):
        sheet.hidden_rows.update(range(row + 1, row + count + 1))
    return count


def _shown(cell: ElementTree.Element, row: int, column: int, sheet: SheetExtras) -> None:
    """Note the text of dates and numbers, where it shows another precision than the value."""
    kind = cell.get(f"{_OFFICE}value-type")
    if kind not in ("date", "float"):
        return
    text = "".join("".join(line.itertext()) for line in cell.findall(f"{_TEXT}p")).strip()
    is_first = kind == "date" and cell.get(f"{_OFFICE}date-value", "")[8:10] == "01"
    if text and (is_first or (kind == "float" and text.endswith(".10"))):
        sheet.shown[row + 1, column] = text
