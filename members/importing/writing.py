"""Writing a plan: sets of rows, never one by one. History, placement and obligations follow by triggers."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from members.enums import MemberState
from members.importing.drafts import Draft, MovementDraft
from members.importing.values import dump_extra
from members.models import Member, Movement

BATCH = 1_000
_KEYS = frozenset(["id", "data_key", "created_at"])
_AWAY = (MemberState.FLOATING, MemberState.PENDING)


def write_people(people: Iterable[Draft]) -> None:
    """Insert the new files and episodes, update the changed ones. The caller holds the transaction and the locks."""
    people = [draft for draft in people if draft.stored is None or draft.is_touched]
    fresh, changed = [], []
    for draft in people:
        member = draft.stored
        if member is None:
            draft.stored = member = Member(organization=draft.organization)
            fresh.append(member)
        else:
            changed.append(member)
        _fill(member, draft)
    Member.objects.bulk_create(fresh, batch_size=BATCH)
    _update(Member, changed)
    movements = [(draft, movement) for draft in people for movement in draft.movements]
    Movement.objects.bulk_create(
        [_filled(Movement(member=draft.stored), movement) for draft, movement in movements if movement.stored is None],
        batch_size=BATCH,
    )
    _update(Movement, [_filled(m.stored, m) for _draft, m in movements if m.stored is not None and m.values])


def _fill(member: Member, draft: Draft) -> None:
    for name, text in draft.fields.items():
        if name == "name":
            member.set_name(text)
        elif name == "last_contact_on":
            member.last_contact_on = dt.date.fromisoformat(text)
        else:
            setattr(member, name, text)
    if draft.extra:
        draft.extra_text("")
        member.ledger_extra = dump_extra((draft.stored_extra or {}) | draft.extra)
    member.organization = draft.organization
    is_home = draft.movements and not any(movement.is_open for movement in draft.movements)
    if is_home and (draft.closed or not draft.rows or member._state.adding) and member.state in _AWAY:
        member.state = MemberState.RETURNED


def _filled(row: Movement, draft: MovementDraft) -> Movement:
    row.direction = draft.direction
    for name, value in draft.values.items():
        setattr(row, name, value)
    return row


def _update(model: Any, rows: list[Any]) -> None:
    """Update whole rows in sets: an insert that meets its own key (all of them exist and are locked)."""
    if not rows:
        return
    now = timezone.now()
    for row in rows:
        if hasattr(row, "updated_at"):
            row.updated_at = now
    names = [field.name for field in model._meta.concrete_fields if field.name not in _KEYS]
    model.objects.bulk_create(rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=names)
