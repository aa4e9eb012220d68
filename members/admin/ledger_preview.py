"""The preview page of an import: what it counts, asks and shows, in pages of a bounded size."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.admin.ledger_rows import ShownRow, fit_page, is_flagged, outcome_of, problem_lines, shown_rows
from members.enums import RowOutcome
from members.importing.answering import choices_of
from members.importing.fixes import fix_groups
from members.importing.gone import gone_since
from members.importing.labels import field_label
from members.importing.problems import MatchProblem
from members.importing.questions import questions_of
from members.importing.staging import Staged
from members.ledger.results import LedgerRow
from members.models import LedgerImport

ROWS_PER_PAGE = 50
PROBLEMS_PER_PAGE = 100
FLAGGED, PROBLEMS = "flagged", "problems"
MOST_KINDS, MOST_FIXES = 40, 30
_SKIPPED = str(RowOutcome.SKIPPED)
_WRITTEN = (str(RowOutcome.NEW), str(RowOutcome.CHANGED))


def preview_context(request: HttpRequest, batch: LedgerImport, staged: Staged, *, is_open: bool) -> dict[str, Any]:
    """Counts, questions, corrections, and one page of rows or of problems."""
    choices = choices_of(batch)
    rows = staged.interpretation.rows
    context: dict[str, Any] = {
        "sheets": [sheet for sheet in staged.interpretation.sheets if sheet.reason or sheet.below_gap],
        "has_sheets": len({row.sheet for row in rows}) > 1,
        "waiting": sum(1 for row in rows if _lands_at_street(row, staged)),
        "fixes": fix_groups(rows, choices.declined)[:MOST_FIXES],
        "gone": gone_since(batch, staged),
    }
    if is_open:
        asked = questions_of(staged, choices, batch.organization)
        context["open_questions"] = [one for one in asked if one.is_open]
        context["questions"] = [one for one in asked if not one.is_open]
    return context | _rows_context(request, batch, staged)


def _rows_context(request: HttpRequest, batch: LedgerImport, staged: Staged) -> dict[str, Any]:
    rows = staged.interpretation.rows
    chosen, kind = request.GET.get("show", ""), request.GET.get("problem", "")
    flagged = sum(1 for row in rows if is_flagged(row, staged))
    kinds = _problem_kinds(rows)
    if kind not in {key for key, _label, _count in kinds}:
        kind = ""
    if chosen not in (FLAGGED, PROBLEMS, *RowOutcome.values):
        chosen = ""
    context: dict[str, Any] = {"chosen": chosen, "kind": kind, "kinds": kinds[:MOST_KINDS]}
    context["chips"] = _chips(batch, flagged, sum(count for _key, _label, count in kinds))
    found = [row for row in rows if (not kind or _has_kind(row, kind)) and _is_shown(row, staged, chosen)]
    if chosen == PROBLEMS:
        lines = problem_lines(found, staged, kind)
        page: Any = Paginator(lines, PROBLEMS_PER_PAGE).get_page(request.GET.get("page"))
        return context | {"page": page, "lines": page.object_list}
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    shown: list[ShownRow] = fit_page(shown_rows(page.object_list, staged))
    return context | {"page": page, "rows": shown}


def _is_shown(row: LedgerRow, staged: Staged, chosen: str) -> bool:
    """`chosen`: an outcome, FLAGGED, or everything that is a person's row."""
    if chosen == FLAGGED:
        return is_flagged(row, staged)
    outcome = outcome_of(row, staged)
    return outcome != _SKIPPED if chosen in ("", PROBLEMS) else outcome == chosen


def _has_kind(row: LedgerRow, kind: str) -> bool:
    return any(_kind_key(problem) == kind for problem in row.problems)


def _chips(batch: LedgerImport, flagged: int, problems: int) -> list[tuple[str, str, int]]:
    counts = batch.counts
    chips = [("", _("all"), sum(count for name, count in counts.items() if name != RowOutcome.SKIPPED))]
    chips += [(name, str(label), counts.get(name, 0)) for name, label in RowOutcome.choices]
    chips.insert(4, (FLAGGED, _("stored, to look at"), flagged))
    return [*chips, (PROBLEMS, _("list of problems"), problems)]


def _kind_key(problem: Any) -> str:
    return f"{problem.field}|{problem.code}"


def _problem_kinds(rows: list[LedgerRow]) -> list[tuple[str, str, int]]:
    """(key, words, count) of every kind of problem, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter(
        (problem.field, problem.code) for row in rows for problem in row.problems if row.kind == "data"
    )
    kinds = []
    for (name, code), count in counts.most_common():
        label, message = field_label(name) if name else "", MatchProblem(name, code, "").message
        kinds.append((f"{name}|{code}", f"{label}：{message}" if label else message, count))
    return kinds


def _lands_at_street(row: LedgerRow, staged: Staged) -> bool:
    if outcome_of(row, staged) not in _WRITTEN:
        return False
    cell = row.cell("community")
    return cell is not None and cell.rule == "community_missing"
