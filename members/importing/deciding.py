"""What a preview decided, kept for the confirmation: nothing is planned twice while its basis did not change."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from members.importing.basis import Basis
from members.importing.drafts import Draft, MovementDraft
from members.importing.matching import one_of
from members.importing.places import Places
from members.importing.planning import Plan
from members.importing.staging import BLOCK
from members.models import Member, Movement
from portal import access
from portal.models import Organization

NamedRow = tuple[str, str, int]
"""(id of the person's file, sheet, row)."""


def rows_of(plan: Plan) -> list[NamedRow]:
    """Which row names whom: everybody whose file there is or will be, unchanged ones too."""
    return [(draft.pk, sheet, row) for (sheet, row), draft in plan.drafts.items()]


@dataclass(slots=True)
class Decided:
    """What was decided at a preview. `people` are spread out block by block, as they are asked for."""

    people: Iterator[Draft]
    rows: list[NamedRow]


def pack_plan(plan: Plan) -> Iterator[Any]:
    """A plan as blocks of plain values: its basis first, then the people that it writes."""
    assert plan.basis is not None
    people = [draft for draft in plan.people if draft.stored is None or draft.is_touched]
    yield {
        "state": plan.state,
        "numbers": plan.basis.numbers,
        "names": plan.basis.names,
        "rows": rows_of(plan),
        "stored": [draft.pk for draft in people if draft.stored is not None],
    }
    for start in range(0, len(people), BLOCK):
        yield [_pack(draft) for draft in people[start : start + BLOCK]]


def find_decided(blocks: Iterator[Any], places: Places) -> Decided | None:
    """A packed plan, with the files that it changes locked; None when anything that it depends on changed since."""
    head = next(blocks, None)
    if head is None:
        return None
    actor = access.current()
    assert actor is not None
    ids = head["stored"]
    own = Member.objects.managed_by(actor, "import_ledger").select_for_update(of=("self",))
    files = {str(member.pk): member for member in own.filter(one_of("members_member.id", ids, "uuid"))} if ids else {}
    basis = Basis(head["numbers"], head["names"])
    if len(files) != len(ids) or basis.state(places) != head["state"]:
        return None
    found = Movement.objects.filter(one_of("members_movement.member_id", ids, "uuid")) if ids else ()
    movements = {str(row.pk): row for row in found}
    for row in movements.values():
        row.member = files[str(row.member_id)]
    nodes = {pk.hex: node for pk, node in places.reach.items()}
    people = (_unpack(person, nodes, files, movements) for block in blocks for person in block)
    return Decided(people, [tuple(row) for row in head["rows"]])  # type: ignore[misc]


def _pack(draft: Draft) -> list[Any]:
    movements = [
        [movement.direction, str(movement.stored.pk) if movement.stored else None, _plain(movement.values)]
        for movement in draft.movements
    ]
    return [
        int(draft.stored is not None), draft.pk, draft.organization.pk.hex, draft.fields, draft.extra, movements,
        draft.rows, int(draft.moved), int(draft.closed), draft.phones,
    ]  # fmt: skip


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: [value.pk.hex] if hasattr(value, "pk") else value for name, value in values.items()}


def _unpack(
    packed: list[Any],
    nodes: dict[str, Organization],
    files: dict[str, Member],
    movements: dict[str, Movement],
) -> Draft:
    is_stored, pk, organization, fields, extra, episodes, rows, moved, closed, phones = packed
    draft = Draft(
        files[pk] if is_stored else None, nodes[organization], fields, extra,
        rows=rows, moved=bool(moved), closed=bool(closed), made_as=pk, phones=phones,
    )  # fmt: skip
    for direction, stored, values in episodes:
        linked = {name: nodes[value[0]] if type(value) is list else value for name, value in values.items()}
        draft.movements.append(MovementDraft(direction, movements[stored] if stored else None, linked))
    return draft
