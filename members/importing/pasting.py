"""Rows copied out of WPS or Excel: text with tabs between the cells, and quotes around cells with line breaks."""

from collections.abc import Iterator

from members.ledger.headers import find_header
from members.ledger.workbook import LedgerRefused, Limits, Sheet, Value, Workbook

MOST_ROWS = 5_000
MOST_CHARS = 3_000_000


def pasted_rows(text: str) -> list[list[str]]:
    """The cells of a pasted text by rows, without empty rows at the end.

    Raises LedgerRefused: empty, too_large (characters, columns or one cell), too_many_rows.
    """
    limits = Limits()
    if len(text) > MOST_CHARS:
        raise LedgerRefused("too_large")
    rows: list[list[str]] = [[]]
    for cell, ends_row in _cells(text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")):
        rows[-1].append(cell)
        if len(rows[-1]) > limits.columns or len(cell) > limits.cell_chars:
            raise LedgerRefused("too_large")
        if ends_row:
            rows.append([])
        if len(rows) > MOST_ROWS + 1:
            raise LedgerRefused("too_many_rows")
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise LedgerRefused("empty")
    return rows


def pasted_workbook(rows: list[list[str]], headers: list[str] | None = None) -> Workbook:
    """The rows as a workbook of text cells. `headers` stand above the first row where none were copied, as row 0, so
    that row numbers stay those of the pasted text.

    Raises LedgerRefused no_header where no row holds titles.
    """
    cells: list[list[Value]] = [[cell or None for cell in row] for row in rows]
    sheet = Sheet("", cells)
    if headers:
        sheet = Sheet("", [[*headers], *cells], first_row=0)
    elif find_header(sheet) is None:
        raise LedgerRefused("no_header")
    return Workbook("csv", [sheet])


def _cells(text: str) -> Iterator[tuple[str, bool]]:
    """(cell, whether it ends its row). A cell is quoted only where its closing quote ends the cell: ditto marks and
    names in quotes stand as they are."""
    place, size = 0, len(text)
    while place < size:
        if text[place] == '"':
            quoted = _quoted(text, place)
            if quoted is not None:
                cell, place = quoted
                yield cell, place >= size or text[place] == "\n"
                place += 1
                continue
        end = place
        while end < size and text[end] not in "\t\n":
            end += 1
        yield text[place:end], end >= size or text[end] == "\n"
        place = end + 1


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    """The content of a quoted cell and the place after it; None where the quote belongs to the text.

    The programs quote a cell only for a line break, a tab or a quote inside; a lone mark is 同上.
    """
    if start + 1 >= len(text) or text[start + 1] in "\t\n":
        return None
    place, parts = start + 1, []
    while True:
        close = text.find('"', place)
        if close < 0:
            return None
        parts.append(text[place:close])
        if text[close + 1 : close + 2] == '"':
            parts.append('"')
            place = close + 2
            continue
        break
    after = close + 1
    content = "".join(parts)
    if (after < len(text) and text[after] not in "\t\n") or not any(sign in content for sign in '\n\t"'):
        return None
    return content, after
