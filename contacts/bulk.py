"""Many contacts in one save: after an afternoon of calls, or what a liaison without a phone brings on paper."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils import timezone

from contacts.models import ContactLog, ContactObligation, LiaisonAssignment
from contacts.services import REPEATED_WITHIN, SAME_CONTACT, ContactDetails, acting_liaison, contact_row
from members.models import Member
from portal import access, crypto
from portal.roles import Right

Entry = tuple[ContactObligation, ContactDetails]


def duties_to_log(by: access.Actor) -> Any:
    """The open duties that the actor may log contacts for, the most urgent first."""
    rows = ContactObligation.objects.visible_to(by).of_own_side(by, Right.LOG_CONTACTS).open()
    return rows.select_related("member__organization").order_by("due_on", "member__name_pinyin", "id")


def log_many(entries: Sequence[Entry], *, by: access.Actor, key: uuid.UUID) -> int:
    """Log one contact for each of these duties, all or none, in a fixed number of statements.

    `key` is of the form: sent twice, it is stored once. So is the same contact within REPEATED_WITHIN, as in log_once.
    Returns how many contacts the form stands for. Raises Http404 for a duty out of reach, ValidationError for a day to
    come.
    """
    wanted = [duty.pk for duty, _details in entries]
    if access.current() != by or duties_to_log(by).filter(pk__in=wanted).count() != len(set(wanted)):
        raise Http404
    files = _files([duty for duty, _details in entries])
    own = acting_liaison(by)
    looked_after: set[Any] = set()
    if own is not None:
        held = LiaisonAssignment.objects.open().filter(liaison=own, member__in=[file.pk for file in files.values()])
        looked_after = set(held.values_list("member_id", flat=True))
    rows = []
    for duty, details in entries:
        file = files[duty.pk]
        numbered: Any = details | {"key": _own_key(key, duty, by)}
        is_own = own if file.pk in looked_after else None
        rows.append(contact_row(file, duty.side, duty.organization_id, by, numbered, is_own))
    known = _logged_lately([row.member_id for row in rows])
    new = [row for row in rows if _same(row) not in known]
    ContactLog.objects.bulk_create(new, ignore_conflicts=True)
    return len(rows)


def _files(duties: list[ContactObligation]) -> dict[Any, Member]:
    """The file in which the side of each duty writes (services.own_file), by duty."""
    elsewhere = [duty for duty in duties if duty.organization_id != duty.member.organization_id]
    linked = {
        (file.same_as_id, file.organization_id): file
        for file in Member.objects.filter(same_as__in=[duty.member_id for duty in elsewhere])
    }
    return {duty.pk: linked.get((duty.member_id, duty.organization_id), duty.member) for duty in duties}


def _own_key(key: uuid.UUID, duty: ContactObligation, by: access.Actor) -> uuid.UUID:
    """The record's id: of this form, this person and this duty, so that nobody can aim at another row's."""
    return uuid.UUID(bytes=crypto.digest("contact form", "\0".join([str(by), str(duty.pk), str(key)]))[:16])


def _logged_lately(members: list[Any]) -> set[tuple[Any, ...]]:
    rows = ContactLog.objects.filter(member__in=members, recorded_at__gte=timezone.now() - REPEATED_WITHIN)
    return {_same(row) for row in rows.defer("note_sealed", "next_step_sealed")}


def _same(row: ContactLog) -> tuple[Any, ...]:
    names = ["liaison_id" if name == "liaison" else name for name in SAME_CONTACT]
    values = [getattr(row, name) for name in names]
    return (row.member_id, *(bytes(value) if isinstance(value, memoryview) else value for value in values))
