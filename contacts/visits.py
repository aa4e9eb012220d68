"""What a visiting worker does: see the names of the own list, log a visit. Nothing is read back.

Rows of members and contacts are out of a visiting worker's sight; the database hands out names and takes visits
(contacts/sql/visits.sql). How clerks make the lists is in contacts.assigning.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import ContactLog
from members.models import Member
from portal import access


@dataclass(frozen=True)
class Visited:
    """Somebody on the own list."""

    id: uuid.UUID
    name: str


def visits_only(by: access.Actor) -> bool:
    """Is the actor a visiting worker (by the person's kind, or by a login with no other role)?"""
    access.must_act(by)
    with connection.cursor() as cursor:
        cursor.execute("select portal.visits_only()")
        return bool(cursor.fetchone()[0])


def own_list(by: access.Actor) -> list[Visited]:
    """The acting visiting worker's people by name; empty for everybody else."""
    access.must_act(by)
    with connection.cursor() as cursor:
        cursor.execute("select member_id, name from portal.visit_list()")
        return [Visited(*row) for row in cursor.fetchall()]


def access_visited(by: access.Actor, pk: uuid.UUID) -> Visited:
    """One person of the own list. Raises Http404 alike for others and absent ones."""
    for visited in own_list(by):
        if visited.id == pk:
            return visited
    raise Http404


def log_visit(
    *, visited: Visited, by: access.Actor, key: uuid.UUID, contacted_on: dt.date, method: str, outcome: str, note: str
) -> None:
    """Write one visit under a key; the same key, or the same visit within ten minutes, writes nothing more.

    Raises Http404 for somebody who is not on the own list (any more), ValidationError for a date to come.
    """
    access.must_act(by)
    if contacted_on > timezone.localdate():
        raise ValidationError(_("The day of the contact is still to come."))
    with connection.cursor() as cursor:
        cursor.execute("select portal.visit_key(%s)", [visited.id])
        data_key = cursor.fetchone()[0]
        if data_key is None:
            raise Http404
        # never saved: it seals the note for the place where the database writes it
        log = ContactLog(id=key, member=Member(id=visited.id, data_key=data_key))
        log.note = note
        cursor.execute(
            "select portal.log_visit(%s, %s, %s, %s, %s, %s, %s)",
            [key, visited.id, contacted_on, method, outcome, log.note_sealed, log.note_digest],  # type: ignore[attr-defined]
        )
