"""Writing a plan: sets of rows, never one by one. History, placement and obligations follow by triggers."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from django.db import connection
from psycopg import sql

from members.importing.deciding import NamedRow
from members.importing.drafts import Draft
from members.importing.sealed_rows import Sealer
from members.models import ImportedRow, LedgerImport, Member, Movement, Phone

SLICE = 2_500
_KEYS = frozenset(["id", "data_key", "created_at"])


def write_people(people: Iterable[Draft]) -> None:
    """Insert the new files and episodes, update the changed ones. The caller holds the transaction and the locks."""
    people = (draft for draft in people if draft.stored is None or draft.is_touched)
    with connection.cursor() as cursor:
        # the triggers' plans come from statistics of before this import, when tables were small and scans seemed cheap
        cursor.execute("set local enable_seqscan = off; set local work_mem = '64MB'")
        _write(people)
        cursor.execute("set local enable_seqscan = default; set local work_mem = default")


def write_rows(batch: LedgerImport, rows: list[NamedRow]) -> None:
    """Note which row named whom; unchanged ones too. The people are written."""
    _insert(ImportedRow, [[batch.pk, member, sheet[:100], row] for member, sheet, row in rows])


def _write(people: Iterator[Draft]) -> None:
    """While the database writes one slice, a thread (which never asks the database) seals the next."""
    sealer = Sealer()
    with ThreadPoolExecutor(1) as side:
        coming = side.submit(sealer.rows, islice(people, SLICE))
        while (rows := coming.result()).is_filled:
            coming = side.submit(sealer.rows, islice(people, SLICE))
            _insert(Member, rows.members)
            _update(Member, rows.changed_members)
            _insert(Phone, rows.phones)
            _insert(Movement, rows.movements)
            _update(Movement, rows.changed_movements)


def _insert(model: Any, rows: list[Any]) -> None:
    _copy(model, rows, adding=True)


def _update(model: Any, rows: list[Any]) -> None:
    _copy(model, rows, adding=False)


def _copy(model: Any, rows: list[Any], *, adding: bool) -> None:
    """Copy rows into a table of this transaction, then insert or update from there in one statement.

    COPY itself is not allowed on a table with policies; the statement after it obeys them, and fires its triggers once.
    """
    if not rows:
        return
    names = [field.column for field in model._meta.concrete_fields]
    table, staging = sql.Identifier(model._meta.db_table), sql.Identifier(f"staged_{model._meta.model_name}")
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create temporary table {} (like {}) on commit drop").format(staging, table))
        with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(staging, columns)) as copy:
            for row in rows:
                copy.write_row(row)
        if adding:
            statement = sql.SQL("insert into {table} ({columns}) select {columns} from {staging}")
        else:
            statement = sql.SQL("update {table} set {pairs} from {staging} s where {table}.id = s.id")
        pairs = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in names if name not in _KEYS
        )
        cursor.execute(statement.format(table=table, columns=columns, staging=staging, pairs=pairs))
        cursor.execute(sql.SQL("drop table {}").format(staging))
