"""Who stood in the office's former ledger of the same titles and does not stand in this one. Told, never deleted."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from members.enums import ImportState, MemberState
from members.importing.staging import Staged
from members.layout_columns import layout_in
from members.models import ImportedRow, LedgerImport, Member
from portal import access
from portal.new_rows import array_text

MOST_NAMED = 30
_LOOKED_BACK = 20
_AWAY = (MemberState.FLOATING, MemberState.PENDING)


@dataclass
class Gone:
    """`former`: the ledger that is compared with; `count` people of it are missing now, `members` the first of them."""

    former: LedgerImport
    count: int
    members: list[Member] = field(default_factory=list)


def gone_since(batch: LedgerImport, staged: Staged) -> Gone | None:
    """People who are still away by their files but no longer in the ledger, for the office to ask whether they came
    home or moved on. None where there is no former ledger or nobody is missing. Three queries at most.

    Whoever has the name of a row that waits is not called missing.
    """
    former = _former(batch)
    if former is None:
        return None
    named = [outcome.member for outcome in staged.outcomes.values() if outcome.member]
    decided = {key for key, outcome in staged.outcomes.items() if outcome.outcome not in ("ask", "error")}
    waiting = {
        text
        for row in staged.interpretation.rows
        if row.kind == "data" and (row.sheet, row.row) not in decided and (cell := row.cell("name")) is not None
        for text in (cell.value, cell.raw)
    }
    in_former = ImportedRow.objects.filter(member=OuterRef("pk"), batch=former)
    files = (
        Member.objects.managed_by(access.actor(), "import_ledger")
        .filter(Exists(in_former), _is_none_of(named), state__in=_AWAY)
        .exclude(name__in=waiting - {None})
        .select_related("organization")
        .order_by("name_pinyin", "id")
    )
    members = list(files[: MOST_NAMED + 1])
    if not members:
        return None
    count = len(members) if len(members) <= MOST_NAMED else files.count()
    return Gone(former, count, members[:MOST_NAMED])


def _former(batch: LedgerImport) -> LedgerImport | None:
    """The last import of this office whose titles were the same, in whatever order."""
    titles = _titles(batch)
    earlier = LedgerImport.objects.filter(
        organization=batch.organization_id, state=ImportState.APPLIED, created_at__lt=batch.created_at
    )
    for one in earlier.only("id", "columns", "file_name", "applied_at").order_by("-created_at")[:_LOOKED_BACK]:
        if _titles(one) == titles:
            return one
    return None


def _titles(batch: LedgerImport) -> set[str]:
    return {column.header for column in layout_in(batch.columns) if column.header}


def _is_none_of(ids: list[Any]) -> RawSQL:
    """A filter with one parameter, where `exclude(pk__in=…)` would make thousands."""
    sql = "members_member.id <> all (%s::uuid[])"
    return RawSQL(sql, [array_text([str(pk) for pk in ids])], models.BooleanField())  # noqa: S611  (no input)
