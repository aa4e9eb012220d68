"""What was uploaded or pasted, kept sealed for one day: an answer in the preview reads it anew. Nothing on disk."""

import json
from dataclasses import dataclass

from members.importing.pasting import pasted_rows, pasted_workbook
from members.ledger.reading import read_workbook
from members.ledger.workbook import Workbook
from members.models import LedgerImport, LedgerSource
from portal import crypto
from portal.fields import plain_data_key

FILE, PASTED = "file", "pasted"


@dataclass(frozen=True, slots=True)
class Source:
    """`content` is the file's bytes, or for pasted rows a JSON of headers and rows (see `pasted_source`)."""

    kind: str
    content: bytes

    def workbook(self) -> Workbook:
        """Read it. Raises LedgerRefused."""
        if self.kind == FILE:
            return read_workbook(self.content)
        given = json.loads(self.content)
        return pasted_workbook(given["rows"], given["headers"])


def pasted_source(text: str, headers: list[str] | None) -> Source:
    """Pasted text as a source; `headers` where no titles were copied. Raises LedgerRefused."""
    rows = pasted_rows(text)
    pasted_workbook(rows, headers)
    return Source(PASTED, json.dumps({"headers": headers, "rows": rows}, ensure_ascii=False).encode())


def keep_source(batch: LedgerImport, source: Source) -> None:
    """Seal the content beside a saved import."""
    kept = LedgerSource(batch=batch, kind=source.kind)
    kept.content_sealed = crypto.seal_bytes(plain_data_key(batch), source.content, _context(kept))
    kept.save(force_insert=True)


def find_source(batch: LedgerImport) -> Source | None:
    """What was uploaded, while it is kept."""
    kept = LedgerSource.objects.filter(batch=batch).first()
    if kept is None:
        return None
    return Source(kept.kind, crypto.open_bytes(plain_data_key(batch), bytes(kept.content_sealed), _context(kept)))


def forget_source(batch: LedgerImport) -> None:
    LedgerSource.objects.filter(batch=batch).delete()


def _context(kept: LedgerSource) -> str:
    return f"{kept._meta.db_table}|{kept.pk}|content"
