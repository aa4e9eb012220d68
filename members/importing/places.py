"""Where rows may go: the communities inside the importer's rights, and organizations that a text names exactly."""

import uuid
from collections.abc import Iterable, Mapping

from members.importing.problems import MatchProblem
from members.ledger.cell import ASK, ERROR, FIXED, OK, Cell
from members.ledger.communities import Choice, CommunityMatcher, Resolution, name_forms, resolve_community
from members.ledger.folding import compact
from members.ledger.regions import Region, region_by_code
from members.ledger.results import LedgerRow
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right

_MOST_KEPT = 5_000


class Places:
    """Organizations that the current actor may import into; `target` is the one that the import was started for.

    `answered` are names of communities that a person answered for: {folded name: code}; a code out of reach counts for
    nothing. Raises PermissionDenied without the right to import into `target`.
    """

    def __init__(self, target: Organization, answered: Mapping[str, str] | None = None) -> None:
        access.require(Right.IMPORT_LEDGER, target)
        self.target = target
        self.reach = {node.pk: node for node in access.organizations(Right.IMPORT_LEDGER)}
        above = list(Organization.objects.above(target))
        known = self._known = {node.pk: node for node in above} | self.reach
        below = [node for node in self.reach.values() if str(node.path).startswith(str(target.path)) and node.is_active]
        communities = [node for node in below if node.kind == OrganizationKind.COMMUNITY]
        choices = [_choice(node, known) for node in communities]
        narrow = target.kind in (OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)
        self.fallback = _choice(target, known) if narrow else None
        if self.fallback and not choices:
            choices.append(self.fallback)
        self.matcher = CommunityMatcher(choices)
        by_code = {choice.code: choice for choice in choices}
        for name, code in (answered or {}).items():
            if code in by_code:
                self.matcher.know(name, by_code[code])
        self._by_name = _exact_names(self.reach.values())
        self._regions: dict[uuid.UUID, frozenset[Region]] = {}
        # a ledger repeats its communities and branches
        self._resolved: dict[tuple[str | None, str | None], Resolution] = {}
        self._named: dict[str, Organization | None] = {}

    def settle(self, row: LedgerRow) -> tuple[Organization, bool] | None:
        """The organization that is to manage a row, and whether the ledger names it; None where it may not go.

        Writes the row's community cell (value: code of the organization) and its problem.
        """
        found = self._resolve(row.community_hint, row.community_origin)
        given = row.cells.get("community")
        column, raw = (given.column, given.raw) if given else ("", None)
        if found.choice is not None:
            severity = FIXED if found.severity == "fixed" else (given.severity if given and given.value else OK)
            row.cells["community"] = Cell(column, raw, found.choice.code, severity, found.rule or None)
            if found.rule == "community_default":
                row.problems.append(MatchProblem("community", "community_default", FIXED))
            return self.reach[found.choice.id], found.rule != "community_default"
        if found.severity == ERROR:
            row.cells["community"] = Cell(column, raw, None, ERROR, found.code)
            row.problems.append(MatchProblem("community", found.code or "", ERROR))
            return None
        row.cells["community"] = Cell(column, raw, None, ASK, found.code)
        row.problems.append(MatchProblem("community", found.code or "", ASK))
        return self.target, False

    def _resolve(self, hint: str | None, origin: str | None) -> Resolution:
        found = self._resolved.get((hint, origin))
        if found is None:
            found = resolve_community(hint, origin, self.matcher, self.fallback)
            if len(self._resolved) < _MOST_KEPT:
                self._resolved[hint, origin] = found
        return found

    def named(self, text: str) -> Organization | None:
        """The one organization in reach that has exactly this name, in any form of it."""
        if text in self._named:
            return self._named[text]
        found = self._by_name.get(compact(text))
        if len(self._named) < _MOST_KEPT:
            self._named[text] = found
        return found

    def regions_of(self, organization: Organization) -> frozenset[Region]:
        """Province and city of an organization: of the nearest one from itself upwards that bears code and name of an
        administrative division; empty when there is none."""
        known = self._regions.get(organization.pk)
        if known is None:
            node: Organization | None = organization
            found = None
            while node is not None and found is None:
                found = region_by_code(node.code, node.name)
                node = self._known.get(node.parent_id) if node.parent_id else None
            known = self._regions[organization.pk] = frozenset({found} if found else ())
        return known

    def is_below(self, organization: uuid.UUID, top: Organization) -> bool:
        """Whether an organization in reach is `top` or lies below it."""
        node = self.reach.get(organization)
        return node is not None and str(node.path).startswith(str(top.path))


def names_of(organization: Organization) -> set[str]:
    """Every exact form of an organization's name, folded."""
    given = filter(None, (organization.name, organization.short_name, organization.party_name))
    return {form for name in given for form in {compact(name), *name_forms(name)}}


def _exact_names(organizations: Iterable[Organization]) -> dict[str, Organization | None]:
    found: dict[str, Organization | None] = {}
    for organization in organizations:
        for name in names_of(organization):
            found[name] = None if name in found and found[name] is not organization else organization
    return found


def _choice(node: Organization, known: dict[uuid.UUID, Organization]) -> Choice:
    path: list[str] = []
    above = known.get(node.parent_id) if node.parent_id else None
    while above is not None:
        path.insert(0, above.name)
        above = known.get(above.parent_id) if above.parent_id else None
    return Choice(node.pk, node.code, node.name, node.short_name, tuple(path))
