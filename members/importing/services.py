"""Preview a ledger, confirm it, discard it. The file is read in memory; its checked rows wait sealed for one day."""

import datetime as dt
import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from members.enums import ImportState
from members.importing.deciding import decided_people, pack_plan
from members.importing.drafts import Draft
from members.importing.places import Places
from members.importing.planning import Plan, plan_import
from members.importing.staging import NothingStaged, Staged, pack, unpack, unpack_decided
from members.importing.values import KEPT_FIELDS, unknown_texts
from members.importing.writing import write_people
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.report import ReportHead, build_report
from members.models import LedgerImport
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

PREVIEW_LIFETIME = dt.timedelta(hours=24)


class ImportRefused(Exception):
    """The import cannot be confirmed; the text is a plain sentence that may be shown."""


def preview_ledger(
    *,
    data: bytes,
    name: str,
    organization: Organization,
    by: access.Actor,
    direction: str | None = None,
    include_hidden: bool = False,
) -> LedgerImport:
    """Read a ledger and compare it with the files in reach; nothing of it is written to a member file.

    `organization` narrows where rows may go, `direction` is the importer's own word (None: the file tells);
    `include_hidden` takes hidden rows, columns and sheets as if they were shown.
    Raises PermissionDenied without the right on the organization, LedgerRefused for a file that cannot be read
    (then nothing is left behind).
    """
    _must_act(by)
    with _collector_at_rest():
        return _preview(data, name, organization, by, direction)


def _preview(
    data: bytes, name: str, organization: Organization, by: access.Actor, direction: str | None
) -> LedgerImport:
    places = Places(organization)
    workbook = read_workbook(data)
    options = Options(
        direction=direction, fields=KEPT_FIELDS, hidden_rows=include_hidden, hidden_columns=include_hidden,
        hidden_sheets=include_hidden,
    )  # fmt: skip
    interpretation = interpret(workbook, options)
    staged = Staged(interpretation, unknown_texts(workbook, interpretation))
    del workbook
    plan = plan_import(interpretation, staged.unknown, places)
    staged.take(plan)
    forget_expired(organization)
    batch = LedgerImport(
        organization=organization,
        file_name=PurePath(name).name[:200],
        file_digest=hashlib.sha256(data).digest(),
        direction=direction or "",
        created_by_id=by.user_id,
        columns=layout_of(staged),
    )
    _keep(batch, staged, plan)
    batch.save(force_insert=True)
    return batch


def apply_ledger(*, batch: LedgerImport, by: access.Actor) -> LedgerImport:
    """Write a previewed ledger, all rows or none; confirmed twice it is written once.

    The rows are matched anew when a file changed meanwhile. Raises PermissionDenied without the right,
    ImportRefused when the preview has expired or was discarded, or when the database refuses a row.
    """
    _must_act(by)
    with transaction.atomic(), _collector_at_rest():
        batch = LedgerImport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=batch.pk)
        if batch.state == ImportState.APPLIED:
            return batch
        places = Places(batch.organization)
        _take_turns(batch.organization)
        people = decided_people(_decided(batch), places)
        if people is None:
            people = _plan_anew(batch, places)
        try:
            with transaction.atomic():
                write_people(people)
        except (IntegrityError, ProgrammingError):
            raise ImportRefused(_not_saved()) from None
        batch.state, batch.applied_at = ImportState.APPLIED, timezone.now()
        batch.save(update_fields=["state", "applied_at"])
        AuditEntry.objects.create(
            actor=str(by),
            action="import_ledger",
            organization=batch.organization,
            object_type="ledger_import",
            object_id=batch.pk,
            detail={"counts": batch.counts},
        )
    return batch


def discard_ledger(*, batch: LedgerImport, by: access.Actor) -> LedgerImport:
    """Forget a previewed ledger with its rows. Raises PermissionDenied without the right; an applied one stays."""
    _must_act(by)
    access.require(Right.IMPORT_LEDGER, batch.organization)
    with transaction.atomic():
        batch = LedgerImport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=batch.pk)
        if batch.state == ImportState.PREVIEWED:
            batch.state, batch.report = ImportState.DISCARDED, ""
            batch.save(force_update=True)
    return batch


def _decided(batch: LedgerImport) -> Any:
    _must_be_there(batch)
    return unpack_decided(batch.report)


def _plan_anew(batch: LedgerImport, places: Places) -> list[Draft]:
    """Something changed since the preview: what is written is what the rows mean now."""
    staged = staged_rows(batch)
    plan = plan_import(staged.interpretation, staged.unknown, places, lock=True)
    staged.take(plan)
    _keep(batch, staged, plan)
    batch.save(update_fields=["counts", "report_sealed", "report_digest"])
    return plan.people


def staged_rows(batch: LedgerImport) -> Staged:
    """The rows of an import with their outcomes. Raises ImportRefused when they are no longer there."""
    _must_be_there(batch)
    with _collector_at_rest():
        try:
            return unpack(batch.report, is_applied=batch.state == ImportState.APPLIED)
        except NothingStaged:
            raise ImportRefused(
                gettext("The rows of this import are no longer kept. Please upload the ledger again.")
            ) from None


def _must_be_there(batch: LedgerImport) -> None:
    if batch.state == ImportState.PREVIEWED and has_expired(batch):
        raise ImportRefused(gettext("This preview is older than a day. Please upload the ledger again."))


def ledger_report(batch: LedgerImport, *, unmasked: bool = False) -> dict[str, Any]:
    """The report of an import (members.ledger.report). Raises ImportRefused when its rows are gone.

    Full values need the right to see them where the ledger goes (PermissionDenied otherwise), and are recorded.
    """
    if unmasked:
        access.require(Right.REVEAL_IDENTITY, batch.organization)
        _record_unmasked(batch)
    staged = staged_rows(batch)
    head = ReportHead(batch.file_name, str(batch.state), str(batch.pk))
    return build_report(head, staged.interpretation, staged.outcomes, unmasked=unmasked)


def _record_unmasked(batch: LedgerImport) -> None:
    AuditEntry.objects.create(
        actor=str(access.actor()), action="report_unmasked", organization=batch.organization,
        object_type="members.ledgerimport", object_id=batch.pk, detail={"counts": batch.counts},
    )  # fmt: skip


def has_expired(batch: LedgerImport) -> bool:
    return timezone.now() - batch.created_at > PREVIEW_LIFETIME


def forget_expired(organization: Organization) -> None:
    """Remove the rows of previews that nobody confirmed within a day."""
    LedgerImport.objects.filter(
        organization=organization, state=ImportState.PREVIEWED, created_at__lt=timezone.now() - PREVIEW_LIFETIME
    ).update(state=ImportState.DISCARDED, report_sealed=None, report_digest=None)


def layout_of(staged: Staged) -> list[list[str]]:
    """[header, field or ""] of every column in its order: the sheet with most people stands for the file."""
    used = [sheet for sheet in staged.interpretation.sheets if sheet.used]
    if not used:
        return []
    columns = max(used, key=lambda sheet: sheet.rows).columns
    seen: set[int] = set()
    layout = []
    for column in columns:
        if column.index not in seen:
            seen.add(column.index)
            layout.append([column.header, column.field or ""])
    return layout


def _keep(batch: LedgerImport, staged: Staged, plan: Plan) -> None:
    """Seal the rows and what was decided, and count the outcomes."""
    counts = dict.fromkeys(("new", "changed", "unchanged", "ask", "error", "skipped"), 0)
    for row in staged.interpretation.rows:
        outcome = staged.outcomes.get((row.sheet, row.row))
        counts[outcome.outcome if outcome else "skipped"] += 1
    batch.counts = counts
    batch.report = pack(staged, pack_plan(plan))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rows by the ten thousand and no cycles among them: looking for some takes as long as all the rest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _take_turns(organization: Organization) -> None:
    """Imports into one organization, or into one above or below it, run one after the other."""
    with connection.cursor() as cursor:
        for node in organization.path.split("."):
            shared = "" if node == organization.pk.hex else "_shared"
            cursor.execute(f"select pg_advisory_xact_lock{shared}(hashtextextended(%s, 0))", [f"ledger {node}"])


def _must_act(by: access.Actor) -> None:
    if access.current() != by:
        raise access.NoActor(str(by))


def _not_saved() -> str:
    return gettext(
        "The import could not be saved. Please check the entries, or ask your superior office to check them."
    )
