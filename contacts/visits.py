"""What a visiting worker does: see the names of the own list, log a visit. Nothing is read back.

Rows of members and contacts are out of a visiting worker's sight; the database hands out names and takes visits
(contacts/sql/visits.sql). How clerks make the lists is in contacts.assigning.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

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


TOPICS = ("through", "work", "life", "next_step")


def log_visit(
    *, visited: Visited, by: access.Actor, key: uuid.UUID, contacted_on: dt.date, method: str, outcome: str, **told: Any
) -> None:
    """Write one visit under a key; the same key, or the same visit within ten minutes, writes nothing more.

    `told`: note, through (whom), work, life, next_step and next_on, as far as something was said. Raises Http404 for
    somebody who is not on the own list (any more), ValidationError for a date to come, or a next step before the visit.
    """
    access.must_act(by)
    next_on = told.get("next_on")
    if contacted_on > timezone.localdate():
        raise ValidationError(_("The day of the contact is still to come."))
    if next_on is not None and next_on < contacted_on:
        raise ValidationError(_("The next step cannot lie before the contact."))
    with connection.cursor() as cursor:
        cursor.execute("select portal.visit_key(%s)", [visited.id])
        data_key = cursor.fetchone()[0]
        if data_key is None:
            raise Http404
        # never saved: it seals the texts for the place where the database writes them
        log = ContactLog(id=key, member=Member(id=visited.id, data_key=data_key))
        for name in ("note", *TOPICS):
            setattr(log, name, told.get(name, ""))
        sealed, marks = ([getattr(log, f"{name}_{part}") for name in TOPICS] for part in ("sealed", "digest"))
        cursor.execute(
            "select portal.log_visit(%s, %s, %s, %s, %s, %s, %s, %s::bytea[], %s::bytea[], %s)",
            [key, visited.id, contacted_on, method, outcome, log.note_sealed, log.note_digest,  # type: ignore[attr-defined]
             sealed, marks, next_on],
        )  # fmt: skip
