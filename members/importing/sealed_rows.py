"""The rows that a plan writes, sealed and in the order of their columns. Asks the database nothing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import Any

from django.utils import timezone

from members.enums import MemberState
from members.importing.drafts import Draft, MovementDraft
from members.importing.values import dump_extra
from members.models import Member, Movement, Phone, file_values
from portal.crypto import RowCipher
from portal.fields import plain_data_key
from portal.new_rows import NewRows, new_id

_AWAY = (MemberState.FLOATING, MemberState.PENDING)


@dataclass(slots=True)
class SealedRows:
    """What one statement each writes, in this order: values in the order of the model's columns."""

    members: list[Any] = field(default_factory=list)
    changed_members: list[Any] = field(default_factory=list)
    phones: list[Any] = field(default_factory=list)
    movements: list[Any] = field(default_factory=list)
    changed_movements: list[Any] = field(default_factory=list)


class Sealer:
    """Makes the rows of one import; what was met once is not computed again."""

    def __init__(self) -> None:
        self.members, self.movements, self.phones = NewRows(Member), NewRows(Movement), NewRows(Phone)
        self.now = timezone.now()

    def rows(self, people: Iterable[Draft]) -> SealedRows:
        """The rows of new files and of changed ones, with their episodes and numbers."""
        rows = SealedRows()
        for draft in people:
            if draft.stored is None:
                pk = draft.pk
                row, cipher = self.members.row_with_key(pk, _new_values(draft))
                rows.members.append(row)
            else:
                _fill(draft.stored, draft)
                pk, cipher = draft.pk, RowCipher(plain_data_key(draft.stored))
                rows.changed_members.append(draft.stored)
            rows.phones += [self._phone(pk, cipher, *one) for one in draft.phones.items()]
            for number, movement in enumerate(draft.movements):
                if movement.stored is None:
                    rows.movements.append(self._movement(pk, cipher, movement, number))
                elif movement.values:
                    rows.changed_movements.append(_filled(movement.stored, movement))
        rows.changed_members = _values(Member, rows.changed_members)
        rows.changed_movements = _values(Movement, rows.changed_movements)
        for made, found in ((self.members, rows.members), (self.movements, rows.movements)):
            found.sort(key=itemgetter(made.pk_place))  # neighbours in an index are written one after the other
        return rows

    def _phone(self, member: str, cipher: RowCipher, number: str, until_on: str) -> list[Any]:
        values = {"member_id": member, "number": number, "until_on": until_on}
        return self.phones.row(new_id(), cipher, values)

    def _movement(self, member: str, cipher: RowCipher, draft: MovementDraft, number: int) -> list[Any]:
        values: dict[str, Any] = {"member_id": member, "direction": draft.direction}
        for name, value in draft.values.items():
            if name.endswith("_organization"):
                values[f"{name}_id"] = value.pk.hex if value is not None else None
            else:
                values[name] = value
        if number:  # the episodes of one person stay in their order
            values["created_at"] = self.now + dt.timedelta(microseconds=number)
        return self.movements.row(new_id(), cipher, values)


def _new_values(draft: Draft) -> dict[str, Any]:
    values = file_values(draft.fields)
    values["organization_id"] = draft.organization.pk.hex
    if draft.extra:
        values["ledger_extra"] = dump_extra(draft.extra)
    if draft.movements and not any(movement.is_open for movement in draft.movements):
        values["state"] = MemberState.RETURNED
    return values


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
    if is_home and (draft.closed or not draft.rows) and member.state in _AWAY:
        member.state = MemberState.RETURNED


def _filled(row: Movement, draft: MovementDraft) -> Movement:
    row.direction = draft.direction
    for name, value in draft.values.items():
        setattr(row, name, value)
    return row


def _values(model: Any, rows: list[Any]) -> list[list[Any]]:
    """The columns of rows that changed."""
    fields = model._meta.concrete_fields
    stamped = [column for column in fields if getattr(column, "auto_now", False)]
    values_of = attrgetter(*(column.attname for column in fields))
    rows.sort(key=attrgetter("pk"))
    found = []
    for row in rows:
        for column in stamped:
            column.pre_save(row, False)
        found.append(list(values_of(row)))
    return found
