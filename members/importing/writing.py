"""Writing a plan: sets of rows, never one by one. History, placement and obligations follow by triggers."""

import datetime as dt
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import sql

from members.enums import MemberState
from members.importing.deciding import NamedRow
from members.importing.drafts import Draft, MovementDraft
from members.importing.values import dump_extra
from members.models import LedgerImport, Member, Movement, Phone
from portal.fields import Blank

SLICE = 2_500
_KEYS = frozenset(["id", "data_key", "created_at"])
_AWAY = (MemberState.FLOATING, MemberState.PENDING)


def write_people(people: Iterable[Draft]) -> None:
    """Insert the new files and episodes, update the changed ones. The caller holds the transaction and the locks."""
    people = [draft for draft in people if draft.stored is None or draft.is_touched]
    with connection.cursor() as cursor:
        # the triggers' plans come from statistics of before this import, when tables were small and scans seemed cheap
        cursor.execute("set local enable_seqscan = off; set local work_mem = '64MB'")
        tables = _Tables(cursor)
        _write(people, tables)
        tables.drop()
        cursor.execute("set local enable_seqscan = default; set local work_mem = default")


@dataclass(slots=True)
class _Rows:
    """What one statement each writes, in this order: values in the order of the model's columns."""

    members: list[Any] = field(default_factory=list)
    changed_members: list[Any] = field(default_factory=list)
    phones: list[Any] = field(default_factory=list)
    movements: list[Any] = field(default_factory=list)
    changed_movements: list[Any] = field(default_factory=list)


def write_rows(batch: LedgerImport, rows: list[NamedRow]) -> None:
    """Note which row named whom; unchanged ones too. The people are written."""
    if not rows:
        return
    members, sheets, numbers = zip(*rows, strict=True)
    given: list[Any] = [batch.pk, list(members), [sheet[:100] for sheet in sheets], list(numbers)]
    with connection.cursor() as cursor:
        cursor.execute("select portal.note_imported_rows(%s, %s::uuid[], %s, %s::int[])", given)


def _write(people: list[Draft], tables: "_Tables") -> None:
    """While the database writes one slice, a thread (which never asks the database) seals the next."""
    with ThreadPoolExecutor(1) as side:
        coming = side.submit(_rows, people[:SLICE])
        for start in range(0, len(people), SLICE):
            rows = coming.result()
            coming = side.submit(_rows, people[start + SLICE : start + 2 * SLICE])
            tables.insert(Member, rows.members)
            tables.update(Member, rows.changed_members)
            tables.insert(Phone, rows.phones)
            tables.insert(Movement, rows.movements)
            tables.update(Movement, rows.changed_movements)


def _rows(people: list[Draft]) -> _Rows:
    rows, new_member, new_movement = _Rows(), Blank(Member), Blank(Movement)
    for draft in people:
        member = draft.stored
        if member is None:
            member = new_member.row()
            member.pk = draft.made_as
            rows.members.append(member)
        else:
            rows.changed_members.append(member)
        _fill(member, draft)
        rows.phones += [_phone(member, *one) for one in draft.phones.items()]
        for movement in draft.movements:
            if movement.stored is None:
                row = new_movement.row()
                row.member = member
                rows.movements.append(_filled(row, movement))
            elif movement.values:
                rows.changed_movements.append(_filled(movement.stored, movement))
    return _Rows(
        _values(Member, rows.members, adding=True),
        _values(Member, rows.changed_members, adding=False),
        _values(Phone, rows.phones, adding=True),
        _values(Movement, rows.movements, adding=True),
        _values(Movement, rows.changed_movements, adding=False),
    )


def _values(model: Any, rows: list[Any], *, adding: bool) -> list[list[Any]]:
    fields = model._meta.concrete_fields
    stamped = [field for field in fields if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)]
    values_of = attrgetter(*(field.attname for field in fields))
    rows.sort(key=attrgetter("pk"))  # neighbours in an index are written one after the other
    found = []
    for row in rows:
        for field_ in stamped:
            field_.pre_save(row, adding)
        # a choice is stored by its value
        found.append([value.value if isinstance(value, Enum) else value for value in values_of(row)])
    return found


def _fill(member: Member, draft: Draft) -> None:
    if draft.has_new_mobile and (former := member.mobile):
        draft.phones[former] = timezone.localdate().isoformat()
    values: dict[str, Any] = dict(draft.fields)
    if values.get("last_contact_on"):
        values["last_contact_on"] = dt.date.fromisoformat(values["last_contact_on"])
    member.fill(values)
    if draft.extra:
        draft.extra_text("")
        member.ledger_extra = dump_extra((draft.stored_extra or {}) | draft.extra)
    member.organization = draft.organization
    is_home = draft.movements and not any(movement.is_open for movement in draft.movements)
    if is_home and (draft.closed or not draft.rows or member._state.adding) and member.state in _AWAY:
        member.state = MemberState.RETURNED


def _phone(member: Member, number: str, until_on: str) -> Phone:
    phone = Phone(member=member, until_on=until_on)
    phone.number = number
    return phone


def _filled(row: Movement, draft: MovementDraft) -> Movement:
    row.direction = draft.direction
    for name, value in draft.values.items():
        setattr(row, name, value)
    return row


@dataclass(slots=True)
class _Tables:
    """Copies rows into a table of this transaction, then inserts or updates from there in one statement.

    COPY itself is not allowed on a table with policies; the statement after it obeys them, and fires its triggers once.
    """

    cursor: Any
    staged: dict[Any, Any] = field(default_factory=dict)

    def insert(self, model: Any, rows: list[Any]) -> None:
        self._write(model, rows, "insert into {table} ({columns}) select {columns} from {staging}")

    def update(self, model: Any, rows: list[Any]) -> None:
        self._write(model, rows, "update {table} set {pairs} from {staging} s where {table}.id = s.id")

    def drop(self) -> None:
        for staging in self.staged.values():
            self.cursor.execute(sql.SQL("drop table {}").format(staging))
        self.staged.clear()

    def _write(self, model: Any, rows: list[Any], statement: str) -> None:
        if not rows:
            return
        fields = model._meta.concrete_fields
        names = [field.column for field in fields]
        table, staging = sql.Identifier(model._meta.db_table), self._staging(model)
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        with self.cursor.copy(sql.SQL("copy {} ({}) from stdin (format binary)").format(staging, columns)) as copy:
            copy.set_types([_type_of(field) for field in fields])
            for row in rows:
                copy.write_row(row)
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


def _type_of(field: Any) -> str:
    """The name of a column's type without its length: COPY in binary converts nothing."""
    return re.sub(r"\(\d+\)", "", field.db_type(connection))
