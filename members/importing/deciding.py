"""What a preview decided, kept for the confirmation: nothing is planned twice while its basis did not change."""

import uuid
from typing import Any

from members.importing.basis import Basis
from members.importing.drafts import Draft, MovementDraft
from members.importing.matching import one_of
from members.importing.places import Places
from members.importing.planning import Plan
from members.models import Member, Movement
from portal import access

NamedRow = tuple[str, str, int]
"""(id of the person's file, sheet, row)."""


def rows_of(plan: Plan) -> list[NamedRow]:
    """Which row names whom: everybody whose file there is or will be, unchanged ones too."""
    return [(str(draft.pk), sheet, row) for (sheet, row), draft in plan.drafts.items()]


def named_rows(packed: Any) -> list[NamedRow]:
    """`rows_of` the plan that was packed."""
    return [tuple(row) for row in packed["rows"]] if packed else []  # type: ignore[misc]


def pack_plan(plan: Plan) -> Any:
    """A plan as plain values: its basis, and the people that it writes."""
    assert plan.basis is not None
    return {
        "state": plan.state,
        "numbers": [number.hex() for number in plan.basis.numbers],
        "names": plan.basis.names,
        "rows": rows_of(plan),
        "people": [_pack(draft) for draft in plan.people if draft.stored is None or draft.is_touched],
    }


def decided_people(packed: Any, places: Places) -> list[Draft] | None:
    """The people of a packed plan, with their files locked; None when anything that it depends on changed since."""
    if not packed:
        return None
    actor = access.current()
    assert actor is not None
    ids = [uuid.UUID(person[1]) for person in packed["people"] if person[0]]
    own = Member.objects.managed_by(actor, "import_ledger").select_for_update(of=("self",))
    files = {member.pk: member for member in own.filter(one_of("members_member.id", ids, "uuid"))} if ids else {}
    basis = Basis([bytes.fromhex(number) for number in packed["numbers"]], packed["names"])
    if len(files) != len(ids) or basis.state(places) != packed["state"]:
        return None
    movements = (
        {row.pk: row for row in Movement.objects.filter(one_of("members_movement.member_id", files, "uuid"))}
        if ids
        else {}
    )
    for row in movements.values():
        row.member = files[row.member_id]
    return [_unpack(person, places, files, movements) for person in packed["people"]]


def _pack(draft: Draft) -> list[Any]:
    movements = [
        [movement.direction, str(movement.stored.pk) if movement.stored else None, _plain(movement.values)]
        for movement in draft.movements
    ]
    return [
        int(draft.stored is not None), str(draft.pk), draft.organization.pk.hex, draft.fields, draft.extra, movements,
        draft.rows, int(draft.moved), int(draft.closed), draft.phones,
    ]  # fmt: skip


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: [value.pk.hex] if hasattr(value, "pk") else value for name, value in values.items()}


def _unpack(
    packed: list[Any], places: Places, files: dict[uuid.UUID, Member], movements: dict[uuid.UUID, Movement]
) -> Draft:
    is_stored, pk, organization, fields, extra, episodes, rows, moved, closed, phones = packed
    draft = Draft(
        files[uuid.UUID(pk)] if is_stored else None, places.reach[uuid.UUID(organization)], fields, extra,
        rows=rows, moved=bool(moved), closed=bool(closed), made_as=uuid.UUID(pk), phones=phones,
    )  # fmt: skip
    for direction, stored, values in episodes:
        linked = {
            name: places.reach[uuid.UUID(value[0])] if type(value) is list else value for name, value in values.items()
        }
        draft.movements.append(MovementDraft(direction, movements[uuid.UUID(stored)] if stored else None, linked))
    return draft
