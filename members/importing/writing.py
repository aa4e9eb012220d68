"""Writing a plan: sets of rows, never one by one. History, placement and obligations follow by triggers."""

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from operator import attrgetter
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import sql

from members.enums import MemberState
from members.importing.drafts import Draft, MovementDraft
from members.importing.values import dump_extra
from members.models import Member, Movement, Phone
from portal.fields import Blank

_KEYS = frozenset(["id", "data_key", "created_at"])
_AWAY = (MemberState.FLOATING, MemberState.PENDING)


def write_people(people: Iterable[Draft]) -> None:
    """Insert the new files and episodes, update the changed ones. The caller holds the transaction and the locks."""
    people = [draft for draft in people if draft.stored is None or draft.is_touched]
    with connection.cursor() as cursor:
        # the triggers' plans come from statistics of before this import, when tables were small and scans seemed cheap
        cursor.execute("set local enable_seqscan = off; set local work_mem = '64MB'")
        _write(people)
        cursor.execute("set local enable_seqscan = default; set local work_mem = default")


def _write(people: list[Draft]) -> None:
    fresh, changed, new_member, new_movement = [], [], Blank(Member), Blank(Movement)
    for draft in people:
        member = draft.stored
        if member is None:
            draft.stored = member = new_member.row()
            member.pk = draft.made_as
            fresh.append(member)
        else:
            changed.append(member)
        _fill(member, draft)
    _insert(Member, fresh)
    _update(Member, changed)
    _insert(Phone, [_phone(draft, *one) for draft in people for one in draft.phones.items()])
    added, moved = [], []
    for draft in people:
        for movement in draft.movements:
            if movement.stored is None:
                row = new_movement.row()
                row.member = draft.stored
                added.append(_filled(row, movement))
            elif movement.values:
                moved.append(_filled(movement.stored, movement))
    _insert(Movement, added)
    _update(Movement, moved)


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


def _phone(draft: Draft, number: str, until_on: str) -> Phone:
    assert draft.stored is not None
    phone = Phone(member=draft.stored, until_on=until_on)
    phone.number = number
    return phone


def _filled(row: Movement, draft: MovementDraft) -> Movement:
    row.direction = draft.direction
    for name, value in draft.values.items():
        setattr(row, name, value)
    return row


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
    fields = model._meta.concrete_fields
    names = [field.column for field in fields]
    stamped = [field for field in fields if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)]
    values_of = attrgetter(*(field.attname for field in fields))
    table, staging = sql.Identifier(model._meta.db_table), sql.Identifier(f"staged_{model._meta.model_name}")
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    rows.sort(key=attrgetter("pk"))  # neighbours in an index are written one after the other
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create temporary table {} (like {}) on commit drop").format(staging, table))
        with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(staging, columns)) as copy:
            for row in rows:
                for field in stamped:
                    field.pre_save(row, adding)
                # a choice is stored by its value
                copy.write_row([value.value if isinstance(value, Enum) else value for value in values_of(row)])
        if adding:
            statement = sql.SQL("insert into {table} ({columns}) select {columns} from {staging}")
        else:
            statement = sql.SQL("update {table} set {pairs} from {staging} s where {table}.id = s.id")
        pairs = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in names if name not in _KEYS
        )
        cursor.execute(statement.format(table=table, columns=columns, staging=staging, pairs=pairs))
        cursor.execute(sql.SQL("drop table {}").format(staging))
