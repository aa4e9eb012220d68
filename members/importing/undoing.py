"""Taking an import back: the database knows what it wrote and what stood there before (members/sql/undo.sql)."""

import uuid
from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from members.enums import ImportState
from members.models import LedgerImport, Member
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

REMOVED, RESTORED, CHANGED, IN_USE = "removed", "restored", "changed", "in_use"
KEPT = (CHANGED, IN_USE)


@dataclass(frozen=True)
class Undone:
    """What became of the people an import had written: how many of each kind, and who was left as they are."""

    counts: Counter[str]
    kept: tuple[tuple[Member, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.kept


def undo_ledger(*, batch: LedgerImport, by: access.Actor) -> Undone:
    """Bring every file back to what it was before an import: new ones go, changed ones get their former values.

    Files that changed since, or that other rows point to by now, are left alone and listed. Undone twice it does
    nothing the second time. Raises PermissionDenied without the right, or for an import that was never applied.
    """
    access.must_act(by)
    access.require(Right.IMPORT_LEDGER, batch.organization)
    with transaction.atomic():
        batch = LedgerImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if batch.state == ImportState.UNDONE:
            return Undone(Counter())
        if batch.state != ImportState.APPLIED:
            raise PermissionDenied("undo_ledger")
        found = _ask_database(batch.pk)
        _renew_search_keys([pk for pk, outcome in found if outcome == RESTORED])
        counts = Counter(outcome for _pk, outcome in found)
        LedgerImport.objects.filter(pk=batch.pk).update(state=ImportState.UNDONE, undone_at=timezone.now())
        AuditEntry.objects.create(
            actor=str(by), action="undo_import", organization_id=batch.organization_id, object_type="ledger_import",
            object_id=batch.pk, detail={"counts": dict(counts)},
        )  # fmt: skip
    return Undone(counts, _kept(found))


def _ask_database(batch: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select member_id, outcome from portal.undo_ledger(%s)", [batch])
        return list(cursor.fetchall())


def _renew_search_keys(restored: list[uuid.UUID]) -> None:
    """History does not keep what is made out of the name."""
    renamed = []
    for member in Member.objects.filter(pk__in=restored).only("name", "name_pinyin", "name_initials", "name_grams"):
        former = member.name_grams
        member.set_name(member.name)
        if member.name_grams != former:
            renamed.append(member)
    Member.objects.bulk_update(renamed, ["name_pinyin", "name_initials", "name_grams"], batch_size=1_000)


def _kept(found: list[tuple[uuid.UUID, str]]) -> tuple[tuple[Member, str], ...]:
    why = {pk: outcome for pk, outcome in found if outcome in KEPT}
    members = Member.objects.filter(pk__in=list(why)).select_related("organization")  # others were moved out of sight
    return tuple((member, why[member.pk]) for member in members)
