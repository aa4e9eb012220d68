"""Many rows of one model as COPY takes them: what saving instances would store, without an instance for each."""

import datetime as dt
import os
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import models
from django.utils import timezone

from portal import crypto
from portal.fields import DataKeyField, Sealed

Cell = str | bytes | None
_MOST_KEPT = 5_000
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(slots=True)
class _SealedColumns:
    """Where a sealed value and its digest stand, and the digests of texts that were met: towns and employers repeat."""

    sealed: Sealed
    name: bytes
    place: int
    digest_place: int
    digests: dict[str, bytes] = field(default_factory=dict)

    def digest(self, text: str) -> bytes:
        known = self.digests.get(text)
        if known is None:
            known = crypto.digest(self.sealed.domain, text)
            if len(self.digests) < _MOST_KEPT:
                self.digests[text] = known
        return known


class NewRows:
    """Makes rows of one model: values in the order of its columns, all with one time of making.

    Values are given by attribute: sealed ones plain (a SealedDocument as its dictionary), foreign keys by their id.
    What is not given has the model's default.
    """

    def __init__(self, model: type[models.Model]) -> None:
        columns, now = model._meta.concrete_fields, timezone.now()
        self.table = f"{model._meta.db_table}|"
        self.places = {column.attname: place for place, column in enumerate(columns)}
        self.blank = [column_text(_default(column, now)) for column in columns]
        self.pk_place = next(place for place, column in enumerate(columns) if column.primary_key)
        keys = [place for place, column in enumerate(columns) if isinstance(column, DataKeyField)]
        self.data_key_place = keys[0] if keys else None
        self.sealed = {
            name: _SealedColumns(found, name.encode(), self.places[found.sealed_name], self.places[found.digest_name])
            for name, found in vars(model).items()
            if isinstance(found, Sealed)
        }

    def row(self, pk: str, cipher: crypto.RowCipher, values: Mapping[str, Any]) -> list[Cell]:
        """One row with this id. `cipher` is of the data key that its sealed values belong to."""
        row = self.blank.copy()
        row[self.pk_place] = pk
        places, context = self.places, f"{self.table}{pk}|".encode()
        for name, value in values.items():
            if name in places:
                row[places[name]] = value if type(value) is str else column_text(value)
                continue
            columns = self.sealed[name]
            if text := columns.sealed.plain(value):
                row[columns.place] = cipher.seal(text, context + columns.name)
                row[columns.digest_place] = columns.digest(text)
        return row

    def row_with_key(self, pk: str, values: Mapping[str, Any]) -> tuple[list[Cell], crypto.RowCipher]:
        """One row with a data key of its own, and the cipher of that key."""
        assert self.data_key_place is not None
        wrapped, cipher = crypto.fresh_cipher()
        row = self.row(pk, cipher, values)
        row[self.data_key_place] = wrapped
        return row, cipher


def _default(column: Any, now: dt.datetime) -> Any:
    if getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False):
        return now
    return None if isinstance(column, DataKeyField) or column.primary_key else column.get_default()


def new_id() -> str:
    """The text of a UUID of version 7 (RFC 9562): rows that are made together are neighbours in the indexes of ids."""
    digits = f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def copy_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows of columns as the text of COPY: what a cursor's `write_row` makes, in any thread."""
    lines = [
        "\t".join(
            [
                cell if type(cell) is str and cell.isprintable() and "\\" not in cell
                else "\\N" if cell is None
                else _copied(cell)
                for cell in row
            ]
        ).encode()
        for row in rows
    ]  # fmt: skip
    return b"\n".join([*lines, b""]) if lines else b""


def _copied(cell: Any) -> str:
    text = column_text(cell)
    if isinstance(text, bytes):
        return "\\\\x" + text.hex()
    assert text is not None
    return text.translate(_ESCAPED)


def column_text(value: Any) -> Cell:
    """A value as COPY takes it: the text that PostgreSQL reads; bytes stay bytes. Raises TypeError."""
    if type(value) is list:
        return array_text(value)
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID | int):
        return str(value)
    raise TypeError(type(value))


def array_text(texts: Collection[str]) -> str:
    """An array of texts as PostgreSQL reads it; an adapter takes many times as long. No text holds a NUL."""
    quoted = "\0".join(texts).replace("\\", "\\\\").replace('"', '\\"')  # no text of PostgreSQL holds a NUL
    return '{"' + quoted.replace("\0", '","') + '"}' if texts else "{}"


def bytea_text(value: bytes) -> str:
    """Bytes as PostgreSQL reads them."""
    return "\\x" + value.hex()
