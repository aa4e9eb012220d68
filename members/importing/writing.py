"""Writing a plan: sets of rows, never one by one. History, placement and obligations follow by triggers."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection
from psycopg import sql

from members.importing.deciding import NamedRow
from members.importing.drafts import Draft
from members.importing.sealed_rows import SealedRows, Sealer
from members.models import LedgerImport, Member, Movement, Phone
from portal.new_rows import array_text, copy_lines

SLICE = 2_000
FIRST_SLICE = 500  # soon sealed, so that the database has something to do
_KEYS = frozenset(["id", "data_key", "created_at"])


def write_people(people: Iterable[Draft]) -> None:
    """Insert the new files and episodes, update the changed ones. The caller holds the transaction and the locks."""
    people = (draft for draft in people if draft.stored is None or draft.is_touched)
    with connection.cursor() as cursor:
        # the triggers' plans come from statistics of before this import, when tables were small and scans seemed cheap
        cursor.execute("set local enable_seqscan = off; set local work_mem = '64MB'; set local random_page_cost = 1.1")
        tables = _Tables(cursor)
        _write(people, tables)
        tables.drop()
        cursor.execute("set local enable_seqscan = default; set local work_mem = default")


def write_rows(batch: LedgerImport, rows: list[NamedRow]) -> None:
    """Note which row named whom; unchanged ones too. The people are written."""
    if not rows:
        return
    members, sheets, numbers = zip(*rows, strict=True)
    given: list[Any] = [batch.pk, array_text(members), array_text([sheet[:100] for sheet in sheets]), list(numbers)]
    with connection.cursor() as cursor:
        cursor.execute("select portal.note_imported_rows(%s, %s::uuid[], %s::text[], %s::int[])", given)


def _write(people: Iterator[Draft], tables: "_Tables") -> None:
    """While the database writes one slice, a thread (which never asks the database) makes the next ready."""
    sealer = Sealer()
    with ThreadPoolExecutor(1) as side:
        coming = side.submit(lambda: _ready(sealer.rows(islice(people, FIRST_SLICE))))
        tables.prepare(Member, Movement)
        while slices := coming.result():
            coming = side.submit(lambda: _ready(sealer.rows(islice(people, SLICE))))
            for write, model, lines in slices:
                write(tables, model, lines)


def _ready(rows: SealedRows) -> list[tuple[Any, Any, bytes]]:
    """(how to write, model, what COPY takes) in the order of writing."""
    order = [
        (_Tables.insert, Member, rows.members),
        (_Tables.update, Member, rows.changed_members),
        (_Tables.insert, Phone, rows.phones),
        (_Tables.insert, Movement, rows.movements),
        (_Tables.update, Movement, rows.changed_movements),
    ]
    ready = []
    for write, model, found in order:
        if found:
            ready.append((write, model, copy_lines(found)))
            found.clear()  # the lines hold it all
    return ready


@dataclass(slots=True)
class _Tables:
    """Copies rows into a table of this transaction, then inserts or updates from there in one statement.

    COPY itself is not allowed on a table with policies; the statement after it obeys them, and fires its triggers once.
    """

    cursor: Any
    staged: dict[Any, Any] = field(default_factory=dict)

    def insert(self, model: Any, lines: bytes) -> None:
        self._write(model, lines, "insert into {table} ({columns}) select {columns} from {staging}")

    def update(self, model: Any, lines: bytes) -> None:
        self._write(model, lines, "update {table} set {pairs} from {staging} s where {table}.id = s.id")

    def prepare(self, *models: Any) -> None:
        """Make the tables that most imports need, while there is nothing to write yet."""
        for model in models:
            self._staging(model)

    def drop(self) -> None:
        for staging in self.staged.values():
            self.cursor.execute(sql.SQL("drop table {}").format(staging))
        self.staged.clear()

    def _write(self, model: Any, lines: bytes, statement: str) -> None:
        names = [column.column for column in model._meta.concrete_fields]
        table, staging = sql.Identifier(model._meta.db_table), self._staging(model)
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        with self.cursor.copy(sql.SQL("copy {} ({}) from stdin").format(staging, columns)) as copy:
            copy.write(lines)
        pairs = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in names if name not in _KEYS
        )
        written = sql.SQL(statement).format(table=table, columns=columns, staging=staging, pairs=pairs)
        self.cursor.execute(written)

    def _staging(self, model: Any) -> sql.Identifier:
        """An empty table of this transaction, made once: making one costs as much as writing a hundred rows."""
        staging = self.staged.get(model)
        if staging is not None:
            self.cursor.execute(sql.SQL("truncate {}").format(staging))
            return staging
        staging = self.staged[model] = sql.Identifier(f"staged_{model._meta.model_name}")
        table = sql.Identifier(model._meta.db_table)
        self.cursor.execute(sql.SQL("create temporary table {} (like {}) on commit drop").format(staging, table))
        return staging
