"""今日核实: a person confirms one section of a file; a job at night marks the files that nobody looked at for long."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from members.file_fields import Part
from members.models import Member, Verification
from portal import access
from portal.changes import Authors
from portal.models import AuditEntry
from portal.roles import Purpose, Right


@dataclass(frozen=True)
class PartCheck:
    """When a section was last verified and by whom (None and "": never), and whether the reader may do it now."""

    part: Part
    on: dt.date | None = None
    who: str = ""
    may_verify: bool = False

    @property
    def is_today(self) -> bool:
        return self.on == timezone.localdate()


def verify_part(*, member: Member, part: str, by: access.Actor) -> None:
    """Note that a section was found right today. Raises PermissionDenied without the right to change the file,
    ValueError for a section that is none."""
    access.must_act(by)
    access.require(Right.CHANGE_MEMBERS, member.organization)
    row = Verification(member=member, part=Part(part), verified_on=timezone.localdate(), verified_by=str(by))
    Verification.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["member", "part"],
        update_fields=["verified_on", "verified_by"],
    )
    AuditEntry.objects.create(
        actor=str(by), action="verify_file", organization=member.organization, object_type="member",
        object_id=member.pk, detail={"part": str(row.part)},
    )  # fmt: skip


def checks_of(member: Member) -> dict[Part, PartCheck]:
    """Every section with its last verification, for the managing side. Three queries."""
    may = access.may(Right.CHANGE_MEMBERS, member.organization) and member.same_as_id is None
    rows = {row.part: row for row in member.verifications.all()}
    names = Authors(member.organization, Right.VIEW_MEMBERS, {row.verified_by for row in rows.values()})
    return {
        part: PartCheck(part, rows[part].verified_on, names.name(rows[part].verified_by), may)
        if part in rows
        else PartCheck(part, may_verify=may)
        for part in Part
    }


def mark_stale_files() -> int:
    """Mark the files that nobody touched for longer than their office allows, tree by tree. Returns how many."""
    marked = 0
    for root in access.roots():
        actor = access.system_actor(Purpose.REMINDERS, root)
        with access.acting_as(actor), connection.cursor() as cursor:
            cursor.execute("select portal.mark_stale_files(%s)", [root.pk])
            marked += cursor.fetchone()[0]
    return marked
