"""The marking process: an office's own xlsx comes back with coloured cells, a result and its reasons in each row.

It runs apart from the portal under the limits of the reading process, for the same reasons, and writes no file. On
standard input stand the length of a JSON of marks, the marks and the workbook. Formulas are not kept: their last
values are, and a text that looks like one stays a text. Only `members.importing.result_file` runs it.
"""

import io
import json
import sys
from typing import Any

from .archives import guard
from .child import limits_of, refuse, restrict
from .sniffing import sniff
from .workbook import LedgerRefused

FILLS = {"error": "F8CBAD", "ask": "FFE699", "warn": "FFE699", "fixed": "C6E0B4"}
"""Colours of cells by severity: red for errors, yellow for questions, green for corrections."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LENGTH_BYTES = 8
_WIDTHS = (12, 60)


def main() -> int:
    """Mark one workbook; exit 0 with it, 3 with a refusal."""
    limits = limits_of(sys.argv[1:])
    restrict(limits)
    try:
        size = int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES), "big")
        marks = json.loads(sys.stdin.buffer.read(size))
        data = sys.stdin.buffer.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:
            raise LedgerRefused("too_large")
        if sniff(data) != "xlsx":
            raise LedgerRefused("unsupported_format")
        guard(data, "xlsx", limits)
        sys.stdout.buffer.write(_marked(data, marks))
    except LedgerRefused as refusal:
        return refuse(refusal.code)
    except MemoryError:
        return refuse("too_large")
    return 0


def _marked(data: bytes, marks: dict[str, Any]) -> bytes:
    import openpyxl  # noqa: PLC0415  (loaded under the limits)
    from openpyxl.formatting.formatting import ConditionalFormattingList  # noqa: PLC0415

    from .xlsx import saved  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, rich_text=False)
    except MemoryError:
        raise
    except Exception as error:
        raise LedgerRefused("damaged") from error
    book.defined_names.clear()
    for sheet in book.worksheets:
        sheet.conditional_formatting = ConditionalFormattingList()
        sheet.defined_names.clear()
        last = _neutralize(sheet)
        if sheet.title in marks["sheets"]:
            _mark(sheet, marks["sheets"][sheet.title], marks["titles"], last)
    return saved(book)


def _neutralize(sheet: Any) -> int:
    """Make every text a text; returns the number of the last column that holds anything."""
    last = 0
    for cell in list(sheet._cells.values()):
        if getattr(cell, "value", None) is None:
            continue
        last = max(last, cell.column)
        cell.hyperlink = None
        if isinstance(cell.value, str):
            cell.data_type = "s"
            if cell.value.startswith(FORMULA_STARTS):
                cell.quotePrefix = True
    return last


def _mark(sheet: Any, marks: dict[str, Any], titles: list[str], last: int) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    fills = {name: PatternFill("solid", fgColor=colour) for name, colour in FILLS.items()}
    for row, column, severity in marks["cells"]:
        sheet.cell(row, column).fill = fills[severity]
    for place, title in enumerate(titles):
        head = sheet.cell(max(1, marks["head"]), last + 1 + place)
        if type(head).__name__ == "Cell":
            head.value, head.font = title, Font(bold=True)
        sheet.column_dimensions[get_column_letter(last + 1 + place)].width = _WIDTHS[place]
    for row, severity, *texts in marks["rows"]:
        for place, text in enumerate(texts):
            cell = sheet.cell(row, last + 1 + place)
            if type(cell).__name__ != "Cell":
                continue  # covered by a merge
            cell.value, cell.data_type, cell.alignment = text or None, "s" if text else "n", Alignment(wrap_text=True)
            if severity in fills:
                cell.fill = fills[severity]


if __name__ == "__main__":
    sys.exit(main())
