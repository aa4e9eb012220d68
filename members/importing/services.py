"""Preview a ledger, confirm it, discard it. What was uploaded and its checked rows wait sealed for one day."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from members.enums import ImportState
from members.importing import hooks
from members.importing.answering import choices_of
from members.importing.deciding import Decided, find_decided, rows_of
from members.importing.interpreting import check_source, keep_rows
from members.importing.places import Places
from members.importing.planning import plan_import
from members.importing.sources import FILE, Source, find_source, forget_source, keep_source
from members.importing.staging import NothingStaged, Staged, collector_at_rest, unpack, unpack_decided
from members.importing.writing import write_people, write_rows
from members.ledger.answers import COMMUNITY
from members.ledger.report import ReportHead, build_report
from members.models import LedgerImport, LedgerSource
from portal import access
from portal.history import from_source
from portal.models import AuditEntry, Organization
from portal.roles import Right

PREVIEW_LIFETIME = dt.timedelta(hours=24)


class ImportRefused(Exception):
    """The import cannot be confirmed; the text is a plain sentence that may be shown."""


def preview_ledger(
    *, data: bytes, name: str, organization: Organization, by: access.Actor, direction: str | None = None
) -> LedgerImport:
    """Read a ledger and compare it with the files in reach; nothing of it is written to a member file.

    `organization` narrows where rows may go, `direction` is the importer's own word (None: the file tells).
    Raises PermissionDenied without the right on the organization, LedgerRefused for a file that cannot be read
    (then nothing is left behind).
    """
    return preview_source(source=Source(FILE, data), name=name, organization=organization, by=by, direction=direction)


def preview_source(
    *, source: Source, name: str, organization: Organization, by: access.Actor, direction: str | None = None
) -> LedgerImport:
    """`preview_ledger` for whatever was given: a file or pasted rows."""
    batch = new_import(source=source, name=name, organization=organization, by=by, direction=direction)
    check_source(batch, source)
    batch.save(force_insert=True)
    keep_source(batch, source)
    return batch


def new_import(
    *, source: Source, name: str, organization: Organization, by: access.Actor, direction: str | None = None
) -> LedgerImport:
    """An import that is not saved yet. Raises PermissionDenied without the right on the organization."""
    access.must_act(by)
    access.require(Right.IMPORT_LEDGER, organization)
    forget_expired(organization)
    return LedgerImport(
        organization=organization,
        file_name=PurePath(name).name[:200],
        file_digest=hashlib.sha256(source.content).digest(),
        direction=direction or "",
        created_by_id=by.user_id,
    )


def check_again(*, batch: LedgerImport, by: access.Actor, tell: Callable[[str], None] = lambda step: None) -> None:
    """Read an import's source anew, with what was answered meanwhile, and keep the rows for the preview.

    Raises PermissionDenied without the right, ImportRefused when the source is gone or the import is no longer open,
    LedgerRefused for a file that cannot be read.
    """
    access.must_act(by)
    source = find_source(batch)
    if source is None or batch.state not in (ImportState.PREVIEWED, ImportState.READING) or has_expired(batch):
        raise ImportRefused(_too_old())
    check_source(batch, source, tell)
    batch.state = ImportState.PREVIEWED
    batch.save(force_update=True)


def apply_ledger(
    *, batch: LedgerImport, by: access.Actor, tell: Callable[[str], None] = lambda step: None
) -> LedgerImport:
    """Write a previewed ledger, all rows or none; confirmed twice it is written once. `tell` hears every step.

    The rows are matched anew when a file changed meanwhile. Raises PermissionDenied without the right,
    ImportRefused when the preview has expired or was discarded, or when the database refuses a row.
    """
    access.must_act(by)
    with transaction.atomic(), collector_at_rest():
        batch = LedgerImport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=batch.pk)
        if batch.state == ImportState.APPLIED:
            return batch
        if batch.state == ImportState.READING:
            raise ImportRefused(gettext("The ledger is still being checked. Please wait a moment."))
        if batch.state == ImportState.UNDONE:  # its rows are still there: a page from before the undoing can ask for it
            raise ImportRefused(gettext("This import has been taken back already."))
        _must_be_there(batch)
        tell("comparing")
        places = Places(batch.organization, choices_of(batch).names(COMMUNITY))
        _take_turns(batch.organization)
        decided = find_decided(unpack_decided(batch.report), places) or _plan_anew(batch, places)
        tell("saving")
        try:
            with from_source("ledger", batch.pk):
                write_people(decided.people)
                write_rows(batch, decided.rows)
                hooks.hand_on(batch, decided.rows)
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
    access.must_act(by)
    access.require(Right.IMPORT_LEDGER, batch.organization)
    with transaction.atomic():
        batch = LedgerImport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=batch.pk)
        if batch.state in (ImportState.PREVIEWED, ImportState.READING):
            batch.state, batch.report, batch.choices = ImportState.DISCARDED, "", ""
            batch.save(force_update=True)
            forget_source(batch)
    return batch


def _plan_anew(batch: LedgerImport, places: Places) -> Decided:
    """Something changed since the preview: what is written is what the rows mean now."""
    staged = staged_rows(batch)
    declined = choices_of(batch).declined
    plan = plan_import(staged.interpretation, staged.unknown, places, declined=declined, lock=True)
    staged.take(plan)
    keep_rows(batch, staged, plan)
    batch.save(update_fields=["counts", "report_sealed", "report_digest"])
    return Decided(iter(plan.people), rows_of(plan))


def staged_rows(batch: LedgerImport) -> Staged:
    """The rows of an import with their outcomes. Raises ImportRefused when they are no longer there."""
    _must_be_there(batch)
    try:
        return unpack(batch.report, is_applied=batch.state == ImportState.APPLIED)
    except NothingStaged:
        raise ImportRefused(
            gettext("The rows of this import are no longer kept. Please upload the ledger again.")
        ) from None


def _must_be_there(batch: LedgerImport) -> None:
    if batch.state == ImportState.PREVIEWED and has_expired(batch):
        raise ImportRefused(_too_old())


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
    """Remove the rows of previews that nobody confirmed within a day, and files that were kept for a day."""
    a_day_ago = timezone.now() - PREVIEW_LIFETIME
    LedgerSource.objects.filter(batch__organization=organization, created_at__lt=a_day_ago).delete()
    LedgerImport.objects.filter(
        organization=organization, state__in=(ImportState.PREVIEWED, ImportState.READING), created_at__lt=a_day_ago
    ).update(
        state=ImportState.DISCARDED, report_sealed=None, report_digest=None, choices_sealed=None, choices_digest=None
    )


def forget_old_ledgers() -> int:
    """The same everywhere, a day after the upload; needs no actor. Returns how many imports and files it touched."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_old_ledgers()")
        return int(cursor.fetchone()[0])


def _take_turns(organization: Organization) -> None:
    """Imports into one organization, or into one above or below it, run one after the other."""
    with connection.cursor() as cursor:
        for node in organization.path.split("."):
            shared = "" if node == organization.pk.hex else "_shared"
            cursor.execute(f"select pg_advisory_xact_lock{shared}(hashtextextended(%s, 0))", [f"ledger {node}"])


def not_open() -> str:
    """The sentence for an import that is not waiting for its confirmation."""
    return gettext("This import is no longer waiting to be confirmed.")


def _too_old() -> str:
    return gettext("This preview is older than a day. Please upload the ledger again.")


def _not_saved() -> str:
    return gettext(
        "The import could not be saved. Please check the entries, or ask your superior office to check them."
    )
