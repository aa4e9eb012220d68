"""The reading process: bytes on standard input, JSON lines on standard output, under hard limits.

It runs apart from the portal because the reader allocates whatever a file asks for, and an exhausted process must not
be a worker. It is given no environment, writes no file, and prints no cell into an error. Only `reading` runs it.
"""

import datetime
import json
import re
import resource
import sys
from dataclasses import dataclass, fields
from typing import Any

from .archives import guard
from .binary import xls_extras
from .extras import SheetExtras, WorkbookExtras
from .opendocument import ods_extras
from .sniffing import decode, sniff
from .textfiles import read_csv, read_html
from .workbook import LedgerRefused, Limits, Sheet, Workbook

_BLOCK = 500


def main() -> int:
    """Read one file; exit 0 with the workbook, 3 with a refusal as the only line."""
    limits = limits_of(sys.argv[1:])
    restrict(limits)
    try:
        book = _read(sys.stdin.buffer.read(limits.file_bytes + 1), limits)
        _check_size(book, limits)
        _send(book)
    except LedgerRefused as refusal:
        return refuse(refusal.code)
    except MemoryError:
        return refuse("too_large")
    return 0


def limit_arguments(limits: Limits) -> list[str]:
    """The command line that carries `limits` to the child."""
    return [f"{item.name}={getattr(limits, item.name)}" for item in fields(limits)]


def limits_of(arguments: list[str]) -> Limits:
    """What `limit_arguments` made a command line of."""
    return Limits(**{name: int(value) for name, value in (pair.split("=") for pair in arguments)})


def restrict(limits: Limits) -> None:
    """Bound this process for good: memory, time, no core file, no file at all."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the ledger
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def refuse(code: str) -> int:
    """Print a refusal; returns the exit code for it."""
    sys.stdout.write(json.dumps({"refused": code}) + "\n")
    return 3


def _read(data: bytes, limits: Limits) -> Workbook:
    if len(data) > limits.file_bytes:
        raise LedgerRefused("too_large")
    kind = sniff(data)
    if kind == "csv":
        return read_csv(decode(data), limits)
    if kind == "html":
        return read_html(decode(data), limits)
    if kind == "xls":
        extras = xls_extras(data)
        if sum(sheet.area for sheet in extras.sheets.values()) > limits.cells:  # they are all loaded at once
            raise LedgerRefused("too_many_rows")
        return _read_binary(data, kind, extras, limits)
    extras = guard(data, kind, limits)
    if kind == "ods":
        extras = ods_extras(data, limits)
    return _read_binary(data, kind, extras, limits)


def _read_binary(data: bytes, kind: str, extras: WorkbookExtras, limits: Limits) -> Workbook:
    import io  # noqa: PLC0415

    import python_calamine as calamine  # noqa: PLC0415  (text files never need it)

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as source:
            book = Workbook(kind, [], date1904=extras.date1904)
            names = [meta for meta in source.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
            if len(names) > limits.sheets:
                raise LedgerRefused("too_large")
            for meta in names:
                visible = meta.visible == calamine.SheetVisibleEnum.Visible
                sheet = _sheet(source.get_sheet_by_name(meta.name), visible, limits)
                _add_extras(sheet, extras.sheets.get(meta.name), extras)
                book.sheets.append(sheet)
    except calamine.PasswordError as error:
        raise LedgerRefused("password") from error
    except LedgerRefused:
        raise
    except MemoryError as error:
        raise LedgerRefused("too_large") from error
    except Exception as error:
        raise LedgerRefused("damaged") from error
    return book


def _sheet(source: Any, visible: bool, limits: Limits) -> Sheet:
    start, end = source.start or (0, 0), source.end or (0, 0)
    if end[1] - start[1] >= limits.columns or end[1] >= limits.columns * 2:
        raise LedgerRefused("too_large")
    if end[0] >= limits.rows + 1_000 or (end[0] - start[0] + 1) * (end[1] - start[1] + 1) > limits.cells:
        raise LedgerRefused("too_many_rows")
    merged = [(a + 1, b, c + 1, d) for (a, b), (c, d) in source.merged_cell_ranges or ()]
    rows = source.to_python(skip_empty_area=True) if source.end else []
    return Sheet(source.name, rows, start[0] + 1, start[1], visible, merged)


def _add_extras(sheet: Sheet, seen: SheetExtras | None, extras: WorkbookExtras) -> None:
    if seen is None:
        return
    sheet.hidden_rows, sheet.hidden_columns = frozenset(seen.hidden_rows), frozenset(seen.hidden_columns)
    sheet.struck, sheet.red, sheet.comments = frozenset(seen.struck), frozenset(seen.red), seen.comments
    sheet.merged += seen.merged
    for (row, column), text in seen.shown.items():
        _replace(sheet, row, column, _Text(text))
    for (row, column), text in seen.errors.items():
        _replace(sheet, row, column, {"e": text})
    for (row, column), style in seen.styled.items():
        _replace(sheet, row, column, _Shown(style, extras))


@dataclass(frozen=True, slots=True)
class _Shown:
    """How a style shows a value, where it shows more or less than the value itself."""

    style: int
    extras: WorkbookExtras

    def of(self, value: Any) -> Any:
        """1990.1 with two decimals; a first of the month whose day is not shown, as the text that is shown."""
        styles = self.extras.styles
        if isinstance(value, float) and self.style in styles.two_decimals:
            return {"n": value, "s": f"{value:.2f}"} if 10 < value < 2_100 else value
        if isinstance(value, float) and 10_000 <= value <= 60_000 and value.is_integer():
            days = value + (1462 if self.extras.date1904 else 0)
            value = datetime.date(1899, 12, 30) + datetime.timedelta(days=days)
        if not isinstance(value, datetime.date) or value.day != 1:
            return value  # a day that is no first was typed, shown or not
        if self.style in styles.months:
            return f"{value.year}年{value.month}月"
        return f"{value.year}年" if self.style in styles.years and value.month == 1 else value


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a cell as an ods shows it."""

    text: str

    def of(self, value: Any) -> Any:
        """1990.1 shown as 1990.10; a first of the month that shows no day, as the text that is shown."""
        if isinstance(value, float):
            return {"n": value, "s": self.text} if re.fullmatch(r"\d{2,4}\.10", self.text) else value
        is_first = isinstance(value, datetime.date) and value.day == 1
        without_day = re.fullmatch(r"\d{4}[-./年]\d{1,2}月?|\d{4}年?", self.text)
        return self.text if is_first and without_day else value


def _replace(sheet: Sheet, row: int, column: int, value: Any) -> None:
    """Put in place what the guard saw of a cell."""
    row, column = row - sheet.first_row, column - sheet.first_column
    if 0 <= row < len(sheet.rows) and 0 <= column < len(sheet.rows[row]):
        sheet.rows[row][column] = value.of(sheet.rows[row][column]) if isinstance(value, _Shown | _Text) else value


def _check_size(book: Workbook, limits: Limits) -> None:
    used = chars = 0
    for sheet in book.sheets:
        for row in sheet.rows:
            if any(value is not None and value != "" for value in row):
                used += 1
            if len(row) > limits.columns:
                raise LedgerRefused("too_large")
            for value in row:
                if type(value) is str:
                    chars += len(value)
                    if len(value) > limits.cell_chars:
                        raise LedgerRefused("too_large")
    if used > limits.rows:
        raise LedgerRefused("too_many_rows")
    if not used:
        raise LedgerRefused("empty")
    if chars > limits.text_chars:
        raise LedgerRefused("too_large")


def _plain(value: Any) -> Any:
    """Typed values that JSON does not have."""
    if isinstance(value, datetime.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    return {"x": str(value)}


def _send(book: Workbook) -> None:
    encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=_plain).encode
    write = sys.stdout.write
    write(encode({"kind": book.kind, "date1904": book.date1904}) + "\n")
    for sheet in book.sheets:
        head: dict[str, Any] = {
            "sheet": sheet.name,
            "row": sheet.first_row,
            "column": sheet.first_column,
            "visible": sheet.visible,
        }
        head |= {
            "merged": sheet.merged,
            "hidden": sorted(sheet.hidden_rows),
            "hidden_columns": sorted(sheet.hidden_columns),
        }
        head |= {"struck": sorted(sheet.struck), "red": sorted(sheet.red)}
        head["comments"] = [[*place, text] for place, text in sorted(sheet.comments.items())]
        write(encode(head) + "\n")
        for begin in range(0, len(sheet.rows), _BLOCK):
            write(encode(sheet.rows[begin : begin + _BLOCK]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
