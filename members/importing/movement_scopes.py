"""How far a movement goes (跨省, 省内跨市, …) where the ledger does not say it: by both its ends or not at all."""

from members.enums import Direction
from members.importing.fixes import decline
from members.importing.places import Places
from members.importing.problems import SCOPE, SCOPE_RULE
from members.importing.values import RowValues
from members.ledger.cell import FIXED, Cell
from members.ledger.regions import Region, regions_of, scope_between
from members.ledger.results import LedgerRow
from portal.models import Organization

Regions = frozenset[Region]


def tell_scope(
    row: LedgerRow, values: RowValues, organization: Organization, places: Places, declined: frozenset[tuple[str, str]]
) -> None:
    """Note the scope of a row's movement in its cells and `values`, when the ledger has no column for it and the home
    organization's region and the destination are both certain. `organization` is to manage the row."""
    if SCOPE in row.cells:
        return
    scope = scope_of(row.direction, values.movement, organization, places)
    if scope is None:
        return
    row.cells[SCOPE] = Cell("", None, scope, FIXED, SCOPE_RULE)
    decline([row], {pair for pair in declined if pair == (SCOPE, SCOPE_RULE)})
    values.scope = row.value(SCOPE) or ""


def scope_of(direction: str | None, movement: dict[str, str], organization: Organization, places: Places) -> str | None:
    """The scope of a movement with these texts (`home`, `destination`), None where it is not certain."""
    own = places.regions_of(organization)
    if not own:
        return None
    home, destination = _home(movement.get("home", ""), places), regions_of(movement.get("destination", ""))
    if direction == Direction.OUTFLOW:
        # a branch that is named as home and lies elsewhere contradicts the one that keeps the row
        return scope_between(own, destination) if destination and _agree(own, home) else None
    if direction == Direction.INFLOW:
        return scope_between(home, own) if home and _agree(own, destination) else None
    return None


def _home(text: str, places: Places) -> Regions:
    named = places.named(text) if text else None
    return places.regions_of(named) if named is not None else regions_of(text)


def _agree(own: Regions, other: Regions) -> bool:
    """Whether a text names no region, or one and the same city."""
    return not other or scope_between(own, other) == "市内"
