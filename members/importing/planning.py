"""What an import would do: an outcome for every row, and the people as they would be. Writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass, field

from members.enums import Direction
from members.importing.basis import Basis
from members.importing.drafts import Change, Draft, MovementDraft
from members.importing.episodes import contradiction
from members.importing.masked_cells import is_stopped
from members.importing.masked_people import known_masks, settle_masks
from members.importing.matching import Match, Registry
from members.importing.movement_scopes import scope_of, tell_scope
from members.importing.places import Places
from members.importing.problems import MatchProblem, forget_planned
from members.importing.values import HeaderKeys, RowValues, keep_as_extra, row_values
from members.ledger.cell import ASK, Cell
from members.ledger.report import Outcome, default_outcome
from members.ledger.results import Interpretation, LedgerRow
from portal.models import Organization, OrganizationKind

Key = tuple[str, int]
_OTHER_SIDE: dict[str | None, str] = {Direction.INFLOW: "home_organization", Direction.OUTFLOW: "host_organization"}
# Facts that make no sense without knowing whether the person went out or came in.
_NEEDS_DIRECTION = frozenset(["started_on", "expected_end_on", "ended_on"])


@dataclass(slots=True)
class Plan:
    """`outcomes` and `changes` by (sheet, row); `people` in the order of their first rows; `basis` and its
    `state`: what all this depends on."""

    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    changes: dict[Key, list[Change]] = field(default_factory=dict)
    people: list[Draft] = field(default_factory=list)
    drafts: dict[Key, Draft] = field(default_factory=dict)
    masked: set[Key] = field(default_factory=set)
    basis: Basis | None = None
    state: str = ""


def plan_import(
    interpretation: Interpretation,
    unknown: dict[Key, dict[str, str]],
    places: Places,
    *,
    declined: Collection[tuple[str, str]] = (),
    lock: bool = False,
) -> Plan:
    """Decide every row against the files in reach. `unknown`: texts of columns without a field, by (sheet, row).

    Problems and cells of the rows are brought up to date; rows may be planned again later. `declined`: (field, rule)
    of corrections that are not wanted; `lock` locks the files.
    """
    plan = Plan()
    keys = {sheet.name: HeaderKeys(sheet.columns) for sheet in interpretation.sheets}
    people = [row for row in interpretation.rows if row.kind == "data"]
    registry = Registry(places, [(row.value("name"), row.value("id_number")) for row in people], lock=lock)
    plan.basis, plan.state = registry.basis, registry.state
    planners = {name: _Planner(plan, registry, places, of_sheet) for name, of_sheet in keys.items()}
    unwanted = frozenset(declined)
    for row in people:  # one by one: the values of all rows at once would take as much memory as the rows
        forget_planned(row)
        _let_direction_wait(row)
        place = places.settle(row)
        if place is not None:
            _doubt_other_side(row, place[0], places)
        values = row_values(row, keys[row.sheet], unknown.get((row.sheet, row.row), {}))
        if place is None or is_stopped(row, values.masks):
            plan.outcomes[row.sheet, row.row] = Outcome(default_outcome(row))
            continue
        tell_scope(row, values, place[0], places, unwanted)
        planners[row.sheet].decide(row, values, *place)
    return plan


def _let_direction_wait(row: LedgerRow) -> None:
    """Out or in turns a whole file round, so that a contradiction makes the row wait."""
    for problem in row.problems:
        if problem.code == "direction_conflict":
            problem.waits = True


def _doubt_other_side(row: LedgerRow, organization: Organization, places: Places) -> None:
    """Somebody who came in cannot have come from the office itself: its column 所在党支部 means the branch here."""
    name = _OTHER_SIDE.get(row.direction, "")
    cell = row.cells.get(name)
    if cell is None or not cell.value or organization.kind == OrganizationKind.STREET:
        return
    named = places.named(cell.value)
    if named is not None and places.is_below(named.pk, organization):
        row.cells[name] = Cell(cell.column, cell.raw, None, ASK, "side_is_here")
        row.problems.append(MatchProblem(name, "side_is_here", ASK))


@dataclass(slots=True)
class _Planner:
    plan: Plan
    registry: Registry
    places: Places
    keys: HeaderKeys

    def decide(self, row: LedgerRow, values: RowValues, organization: Organization, is_named: bool) -> None:
        """Find the person of one row and note what the row changes."""
        key = (row.sheet, row.row)
        draft, code = self._who(row, values)
        if draft is None and code:
            row.problems.append(MatchProblem("", code, ASK, waits=True))
            self.plan.outcomes[key] = Outcome("ask")
            return
        if values.masks is not None:
            self.plan.masked.add(key)
            if draft is not None:
                settle_masks(draft, row, values, self.keys)
            elif row.blocked:  # a masked ID number is of nobody
                self.plan.outcomes[key] = Outcome(default_outcome(row))
                return
        if draft is not None and self.registry.is_other_side(draft, organization.pk):
            row.problems.append(MatchProblem("", "linked_file", "warn"))
            self.plan.outcomes[key] = Outcome("unchanged", self._kept(draft))
            return
        is_new = draft is None
        if draft is None:
            draft = Draft(None, organization)
            self.plan.people.append(draft)
        elif draft.rows == 0:
            self.plan.people.append(draft)
        elif not any(problem.code == "duplicate_row" for problem in row.problems):
            row.problems.append(MatchProblem("", "duplicate_row", "warn"))
        changes = self._begin(draft, row, values) if is_new else self._changes(draft, row, values)
        if not is_new and draft.rows == 0 and is_named:
            changes += self._move(draft, organization)
        draft.rows += 1
        self.plan.drafts[key] = draft
        self.registry.add(draft)
        outcome = "new" if is_new else "changed" if changes else "unchanged"
        self.plan.outcomes[key] = Outcome(outcome, draft.pk)
        if not is_new:
            self.plan.changes[key] = changes

    def _who(self, row: LedgerRow, values: RowValues) -> tuple[Draft | None, str | None]:
        """The person of a row, or None and perhaps the problem that makes it wait."""
        match = self.registry.find(values)
        earlier = self.plan.drafts.get(row.duplicate_of) if row.duplicate_of else None
        if earlier is not None and self._is_another(earlier, match, row, values):
            earlier = None
            row.problems = [problem for problem in row.problems if problem.code != "duplicate_row"]
        draft = earlier or match.draft
        if draft is None and match.namesakes:
            same = (one for one in match.namesakes if not self._changes(one, row, values, trial=True))
            draft = next(same, None)
            if draft is not None and values.masks is not None and next(same, None) is not None:
                draft = None  # masks of two people
        return draft, match.code

    def _is_another(self, earlier: Draft, match: Match, row: LedgerRow, values: RowValues) -> bool:
        """Whether an earlier row looks like the same person only because a number is masked in one of the two."""
        if values.masks is None and row.duplicate_of not in self.plan.masked:
            return False
        if match.draft is not None:
            return match.draft is not earlier
        is_masked = values.masks is not None and "id_number" in values.masks.cells
        return is_masked or self.registry.is_another(earlier, values)

    @staticmethod
    def _kept(draft: Draft) -> str:
        assert draft.stored is not None
        return str(draft.stored.same_as_id or draft.stored.pk)

    def _move(self, draft: Draft, organization: Organization) -> list[Change]:
        if draft.stored is None or self.places.is_below(draft.stored.organization_id, organization):
            return []
        former, draft.organization, draft.moved = draft.organization, organization, True
        return [("community", former.name, organization.name)]

    def _begin(self, draft: Draft, row: LedgerRow, values: RowValues) -> list[Change]:
        """The first row of a person without a file: all that it says is kept, and nothing of it is a change."""
        fields = values.derived | values.fields if values.derived else values.fields
        draft.fields = fields if all(fields.values()) else {name: text for name, text in fields.items() if text}
        draft.phones = {number: "" for number in values.phones if not self.registry.knows_phone(draft, number)}
        if row.direction is None:
            self._move_about(draft, row, values, False)
        else:
            draft.movements.append(self._first_episode(draft, row.direction, values))
        draft.extra = {key: text for key, text in values.extra.items() if text}
        return []

    def _first_episode(self, draft: Draft, direction: str, values: RowValues) -> MovementDraft:
        """What `_move_about` makes where there is nothing to compare with."""
        movement = MovementDraft(direction)
        if values.scope and "scope" not in values.movement:
            movement.set("scope", values.scope)
        for name, text in values.movement.items():
            if name in ("home", "host") and text:
                movement.set(name, text, self.places.named(text))
            elif text:
                movement.values[name] = text
        self._own_side(movement, draft)
        return movement

    def _changes(self, draft: Draft, row: LedgerRow, values: RowValues, *, trial: bool = False) -> list[Change]:
        """Bring the values of a row into a draft; in a trial only say what would change, and every unknown mask."""
        changes: list[Change] = []
        if trial and values.masks is not None:
            same = known_masks(draft, row, values, self.keys)
            changes += [(key, "", "") for key in (values.masks.cells | values.masks.extra) if key not in same]
        for name, text in values.fields.items():
            # whoever was found has this name, perhaps in other characters; the stored spelling stays
            if draft.holds(name, text) or (name == "name" and draft.has("name")):
                continue
            if draft.rows and draft.has(name) and not trial:
                self._keep_earlier(row, name)
                continue
            changes.append((name, draft.text(name), text))
            if not trial:
                draft.fields[name] = text
        for name, text in values.derived.items():
            if not draft.has(name) and not trial:
                draft.fields[name] = text
        for number in values.phones:
            if not self.registry.knows_phone(draft, number):
                changes.append(("mobile", "", number))
                if not trial:
                    draft.phones[number] = ""
        changes += self._move_about(draft, row, values, trial)
        for key, text in values.extra.items():
            known = draft.extra_text(key)
            if known != text and not (draft.rows and known):
                changes.append((key, known, text))
                if not trial:
                    draft.extra[key] = text
        return changes

    @staticmethod
    def _keep_earlier(row: LedgerRow, name: str) -> None:
        cell = row.cells[name]
        row.cells[name] = Cell(cell.column, cell.raw, None, ASK, "two_rows_differ")
        row.problems.append(MatchProblem(name, "two_rows_differ", ASK))

    def _move_about(self, draft: Draft, row: LedgerRow, values: RowValues, trial: bool) -> list[Change]:
        """The episode of being away that a row speaks of."""
        direction = row.direction
        if direction is None and len(draft.movements) == 1:
            direction = draft.movements[0].direction
        if direction is None:
            if not trial:
                if _NEEDS_DIRECTION & values.movement.keys() and not _has(row, "direction_missing"):
                    row.problems.append(MatchProblem("direction", "direction_missing", "warn"))
                keep_as_extra(row, values, self.keys)
            return []
        movement = draft.movement_for(direction, values.movement.get("started_on", ""))
        problem = contradiction(draft, movement or MovementDraft(direction), values.movement, self.places)
        if problem:
            if not trial:
                row.problems.append(MatchProblem("started_on", problem, ASK))
                keep_as_extra(row, values, self.keys)
            return []
        changes: list[Change] = []
        is_new = movement is None
        if movement is None:
            movement = MovementDraft(direction)
            changes.append(("direction", "", direction))
            if not trial:
                draft.movements.append(movement)
        changes += [] if trial else self._scope(draft, movement, row, values)
        for name, text in values.movement.items():
            if movement.holds(name, text) or (draft.rows and not is_new and movement.text(name)):
                continue
            changes.append((name, movement.text(name), text))
            if not trial:
                movement.set(name, text, self.places.named(text) if name in ("home", "host") else None)
        if is_new and not trial:
            self._own_side(movement, draft)
        if movement.stored is not None and values.movement.get("ended_on") and not movement.stored.ended_on:
            draft.closed = True
        return changes

    def _scope(self, draft: Draft, movement: MovementDraft, row: LedgerRow, values: RowValues) -> list[Change]:
        """The scope that both ends of a movement tell: it fills an empty one, and follows the destination that it was
        told by. One that somebody stated stays, and is asked about when the destination changes."""
        known, destination = movement.text("scope"), values.movement.get("destination", "")
        if "scope" in values.movement or known == values.scope:
            return []
        if known:
            if movement.stored is None or not destination or movement.holds("destination", destination):
                return []
            former = {"home": movement.text("home"), "destination": movement.text("destination")}
            told = scope_of(movement.direction, former, draft.organization, self.places)
            if not values.scope or known != told:
                if former["destination"] or values.scope:
                    row.problems.append(MatchProblem("movement_scope", "scope_outdated", ASK))
                return []
        movement.set("scope", values.scope)
        return [("scope", known, values.scope)]

    @staticmethod
    def _own_side(movement: MovementDraft, draft: Draft) -> None:
        """A ledger names the other side; its own side is who keeps it."""
        side = "home" if movement.direction == Direction.OUTFLOW else "host"
        if not movement.text(side):
            movement.set(side, "", draft.organization)


def _has(row: LedgerRow, code: str) -> bool:
    return any(problem.code == code for problem in row.problems)
