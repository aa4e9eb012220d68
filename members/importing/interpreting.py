"""From a source to checked rows with their outcomes: read, answer, correct, compare. Writes no member file."""

from collections.abc import Callable

from members.importing import hooks
from members.importing.answering import Choices, choices_of, keep_choices, remembered_answers
from members.importing.deciding import pack_plan
from members.importing.fixes import decline
from members.importing.places import Places
from members.importing.planning import Plan, plan_import
from members.importing.sources import Source
from members.importing.staging import Staged, collector_at_rest, pack
from members.importing.values import KEPT_FIELDS, unknown_texts
from members.layout_columns import LayoutColumn
from members.ledger.answers import COMMUNITY, ORGANIZATION
from members.ledger.cell import FIXED, Cell
from members.ledger.folding import compact
from members.ledger.interpret import Options, interpret
from members.ledger.results import Interpretation
from members.models import LedgerImport
from portal import access
from portal.models import Organization
from portal.roles import Right

_LINKED = ("home_organization", "host_organization")


@collector_at_rest()
def check_source(batch: LedgerImport, source: Source, tell: Callable[[str], None] = lambda step: None) -> None:
    """Read a source for an import and compare it with the files in reach; the rows are sealed in `batch`, unsaved.

    `tell` hears the step that begins. Raises PermissionDenied without the right on the import's organization,
    LedgerRefused for what cannot be read or holds nobody.
    """
    access.require(Right.IMPORT_LEDGER, batch.organization)
    choices = choices_of(batch)
    choices.remembered = remembered_answers(batch.organization)
    places = Places(batch.organization, choices.names(COMMUNITY))
    tell("reading")
    workbook = source.workbook()
    tell("checking")
    fields = KEPT_FIELDS | hooks.takers.keys()
    options = Options(direction=batch.direction or None, fields=fields, answers=choices.all)
    interpretation = interpret(workbook, options)
    _use_names(interpretation, choices)
    decline(interpretation.rows, choices.declined)
    staged = Staged(interpretation, unknown_texts(workbook, interpretation))
    del workbook
    tell("comparing")
    plan = plan_import(interpretation, staged.unknown, places, declined=choices.declined)
    staged.take(plan)
    keep_choices(batch, choices)
    batch.columns = layout_of(staged)
    keep_rows(batch, staged, plan)


def keep_rows(batch: LedgerImport, staged: Staged, plan: Plan) -> None:
    """Seal the rows and what was decided in an import, count the outcomes, and let the rows go; the caller saves it."""
    counts = dict.fromkeys(("new", "changed", "unchanged", "ask", "error", "skipped"), 0)
    for row in staged.interpretation.rows:
        outcome = staged.outcomes.get((row.sheet, row.row))
        counts[outcome.outcome if outcome else "skipped"] += 1
    batch.counts = counts
    batch.report = pack(staged, pack_plan(plan))


def layout_of(staged: Staged) -> list[list[str]]:
    """Every column in its order (members.layout_columns): the sheet with most people stands for the file."""
    used = [sheet for sheet in staged.interpretation.sheets if sheet.used]
    if not used:
        return []
    columns = max(used, key=lambda sheet: sheet.rows).columns
    seen: set[int] = set()
    layout = []
    for column in columns:
        if column.index not in seen:
            seen.add(column.index)
            layout.append(LayoutColumn(column.header, column.field or "", column.heads).stored())
    return layout


def _use_names(interpretation: Interpretation, choices: Choices) -> None:
    """Put the organization's own name where another name of it was answered for."""
    known = choices.names(ORGANIZATION)
    if not known:
        return
    reach = access.organizations(Right.IMPORT_LEDGER)
    by_code = dict(Organization.objects.filter(code__in=known.values(), pk__in=reach).values_list("code", "name"))
    for row in interpretation.rows:
        for name in _LINKED:
            cell = row.cells.get(name)
            text = by_code.get(known.get(compact(cell.value), "")) if cell is not None and cell.value else None
            if cell is not None and text:
                row.cells[name] = Cell(cell.column, cell.raw, text, FIXED, "alias")
