"""Separated values: UTF-8 with the mark that spreadsheets need, every risky cell guarded.

Nothing to print: the head is left out, but for the watermark, which then is the first line.
"""

import csv
import io
from collections.abc import Sequence

from portal.sheets.book import Book, Sheet
from portal.sheets.text import guarded, plain

SPLIT_HEADER = "流动方向"


def _line(texts: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([guarded(plain(text)) for text in texts])
    return written.getvalue()


class CsvBook(Book):
    """Sheets stand below each other; a last column then tells them apart by their `mark`."""

    kind = "csv"

    def row(self, sheet: Sheet, texts: Sequence[str]) -> str:
        return _line([*texts, sheet.mark])

    def content(self) -> bytes:
        filled = [sheet for sheet in self.sheets if sheet.count] or self.sheets[:1]
        parts = ["\ufeff".encode()]
        if self.head.watermark:
            parts.append(_line([self.head.watermark]).encode())
        is_split = len(filled) > 1
        for sheet in filled[:1]:
            parts.append(_line([*sheet.headers, SPLIT_HEADER] if is_split else sheet.headers).encode())
        for sheet in filled:
            for chunk in sheet.chunks():
                parts.append(chunk if is_split else _without_mark(chunk, sheet.mark))
        return b"".join(parts)


def _without_mark(chunk: bytes, mark: str) -> bytes:
    return chunk.replace(f",{mark}\r\n".encode(), b"\r\n")
