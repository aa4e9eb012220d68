"""Long ledgers go to a worker: what is asked for waits in the database, the queue carries nothing but the import's id.

A worker reads who asked (portal.import_requester), acts as that account with its present rights, and does one step in
one transaction: killed at any moment it leaves the import as it was, and the step is begun again.
"""

import datetime as dt
import logging
import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from members.enums import ImportState, RowOutcome
from members.importing import progress, services
from members.importing.sources import Source, forget_source, keep_source
from members.ledger.workbook import LedgerRefused
from members.models import LedgerImport
from portal import access
from portal.models import Organization, User
from portal.queueing import send_task

TASK = "members.run_import"
NOT_SAVED = "not_saved"
IMPATIENT = dt.timedelta(seconds=30)
_WAITING = (ImportState.READING, ImportState.APPLYING)
logger = logging.getLogger(__name__)


def submit_ledger(
    *, source: Source, name: str, organization: Organization, by: access.Actor, direction: str | None = None
) -> LedgerImport:
    """Preview a ledger: a small one at once, a long one by a worker.

    Raises PermissionDenied without the right on the organization, LedgerRefused for a small one that cannot be read.
    """
    options = {"source": source, "name": name, "organization": organization, "by": by, "direction": direction}
    if len(source.content) <= settings.LEDGER_INLINE_BYTES:
        return services.preview_source(**options)  # type: ignore[arg-type]
    batch = services.new_import(**options)  # type: ignore[arg-type]
    _ask(batch, ImportState.READING, by)
    batch.save(force_insert=True)
    keep_source(batch, source)
    return batch


def submit_check(*, batch: LedgerImport, by: access.Actor) -> None:
    """Read an import anew with the answers that it holds now (saved here), at once or by a worker.

    Raises ImportRefused when its source is gone.
    """
    if sum(batch.counts.values()) <= settings.LEDGER_INLINE_ROWS:
        services.check_again(batch=batch, by=by)
        return
    _ask(batch, ImportState.READING, by)
    batch.save(force_update=True)


def submit_confirmation(*, batch: LedgerImport, by: access.Actor) -> LedgerImport:
    """Write a previewed ledger: a short one at once, a long one by a worker. Raises ImportRefused."""
    will_write = sum(batch.counts.get(name, 0) for name in (RowOutcome.NEW, RowOutcome.CHANGED))
    if batch.state != ImportState.PREVIEWED or will_write <= settings.LEDGER_INLINE_ROWS:
        return services.apply_ledger(batch=batch, by=by)
    services.staged_rows(batch)
    _ask(batch, ImportState.APPLYING, by)
    batch.save(update_fields=["state", "requested_by", "requested_at", "refusal"])
    return batch


def restart(*, batch: LedgerImport, by: access.Actor) -> bool:
    """Ask again for work that nobody does; False where a worker is at it or nothing waits."""
    if batch.state not in _WAITING or progress.is_claimed(batch.pk):
        return False
    _ask(batch, ImportState(batch.state), by)
    batch.save(update_fields=["state", "requested_by", "requested_at", "refusal"])
    return True


def is_waiting(batch: LedgerImport) -> bool:
    """Whether a worker has an import, or is to get it."""
    return batch.state in _WAITING


def is_stuck(batch: LedgerImport) -> bool:
    """Whether an import waits although nobody works on it: the worker died, or none runs."""
    asked_at = batch.requested_at or batch.created_at
    return is_waiting(batch) and timezone.now() - asked_at > IMPATIENT and not progress.is_claimed(batch.pk)


def run(batch_id: uuid.UUID) -> None:
    """What the worker does: the step that waits, in the scope of who asked for it, all of it or nothing.

    Somebody who may no longer import finds nothing to do here, and neither does a second worker.
    """
    requester = _requester(batch_id)
    if requester is None or not User.objects.filter(pk=requester, is_active=True).exists():
        return
    try:
        with access.acting_as(access.Actor("user", str(requester))) as actor:
            if not progress.claim(batch_id):
                return
            batch = LedgerImport.objects.select_for_update(of=("self",)).filter(pk=batch_id, state__in=_WAITING).first()
            if batch is not None:
                _work(batch, actor)
    except PermissionDenied:
        logger.warning("ledger import %s: whoever asked for it may no longer import", batch_id)
    except DatabaseError as error:  # its text may hold what a row held
        logger.error("ledger import %s was not finished: %s", batch_id, type(error).__name__)


def _work(batch: LedgerImport, actor: access.Actor) -> None:
    def tell(step: str) -> None:
        progress.tell(batch.pk, step)

    try:
        with transaction.atomic():
            if batch.state == ImportState.READING:
                services.check_again(batch=batch, by=actor, tell=tell)
            else:
                services.apply_ledger(batch=batch, by=actor, tell=tell)
    except LedgerRefused as refusal:
        _end(batch, ImportState.REFUSED, refusal.code)
        forget_source(batch)
    except services.ImportRefused:
        is_open = batch.state == ImportState.APPLYING
        _end(batch, ImportState.PREVIEWED if is_open else ImportState.DISCARDED, NOT_SAVED)


def _end(batch: LedgerImport, state: ImportState, refusal: str) -> None:
    LedgerImport.objects.filter(pk=batch.pk).update(state=state, refusal=refusal)


def _ask(batch: LedgerImport, state: ImportState, by: access.Actor) -> None:
    batch.state, batch.requested_by_id, batch.requested_at, batch.refusal = state, by.user_id, timezone.now(), ""
    pk = batch.pk

    def send() -> None:
        progress.tell(pk, progress.STEPS[0])
        if not send_task(TASK, [str(pk)]):
            logger.error("ledger import %s waits: the queue does not answer", pk)  # its page offers to ask again

    transaction.on_commit(send)


def _requester(batch_id: uuid.UUID) -> uuid.UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("select portal.import_requester(%s)", [batch_id])
        return cursor.fetchone()[0]
