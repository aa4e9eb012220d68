"""Lists as files that an office prints and reads back: xlsx, ods and csv with one look, text cells only.

Pure: no settings, no ORM. Rows are streamed into compressed memory; no row of anybody lands in a temporary file.
"""

from portal.sheets.book import Book, Head, Sheet, new_book
from portal.sheets.text import guarded, is_formula_like, unguarded

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}
"""File ending → content type."""

__all__ = ["KINDS", "Book", "Head", "Sheet", "guarded", "is_formula_like", "new_book", "unguarded"]
