"""Plan visits of care for a festival, note that they were made, take that back."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.care.models import CareVisit
from contacts.models import Liaison
from contacts.numbers import LOOKED_AFTER
from members.models import Member
from portal import access
from portal.roles import Right


def not_visited(actor: access.Actor, year: int, festival: str) -> Any:
    """Members of files that the actor's offices manage whom nobody visited in this year, and for whom no visit is
    planned at this festival."""
    ours = access.organization_ids(Right.MANAGE_NEEDS)
    own = CareVisit.objects.filter(member=OuterRef("pk"), organization__in=ours)
    made, planned = own.filter(visited_on__year=year), own.filter(year=year, festival=festival)
    rows = Member.objects.visible_to(actor, Right.MANAGE_NEEDS).filter(
        ~Exists(made), ~Exists(planned), organization__in=ours, state__in=LOOKED_AFTER, same_as=None
    )
    return rows.select_related("organization").order_by("organization__path", "name_pinyin", "id")


def plan_visits(
    *, members: Collection[uuid.UUID], festival: str, year: int, planned_for: dt.date, by: access.Actor,
    visitor: Liaison | None = None,
) -> int:  # fmt: skip
    """Plan a visit for each of these members; who has one at this festival keeps it. Returns how many are new.

    All or nothing, a fixed number of statements. Raises Http404 for somebody whose file the actor's offices do not
    manage.
    """
    _check(by)
    ours = access.organization_ids(Right.MANAGE_NEEDS)
    rows = list(Member.objects.filter(pk__in=members, organization__in=ours, same_as=None).order_by("pk"))
    if len(rows) != len(set(members)):
        raise Http404
    visits = [
        CareVisit(member=row, organization_id=row.organization_id, festival=festival, year=year,
                  planned_for=planned_for, visitor=visitor, recorded_by_id=by.user_id)
        for row in rows
    ]  # fmt: skip
    known = CareVisit.objects.filter(member__in=rows, organization__in=ours, festival=festival, year=year)
    there = set(known.values_list("member_id", flat=True))
    new = [visit for visit in visits if visit.member_id not in there]
    CareVisit.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def note_visits(*, visits: Collection[uuid.UUID], on: dt.date, by: access.Actor, note: str = "") -> int:
    """These planned visits were made on that day, each counts as a contact. Returns how many were not noted before.

    Raises Http404 for a visit out of reach, ValidationError for a day to come.
    """
    rows = [row for row in _rows(visits, by) if row.visited_on is None]
    if on > timezone.localdate():
        raise ValidationError(_("The day is still to come."))
    for row in rows:
        row.visited_on, row.recorded_by_id = on, by.user_id
        if note.strip():
            row.note = note
    CareVisit.objects.bulk_update(rows, ["visited_on", "recorded_by", "note_sealed", "note_digest"])
    return len(rows)


def undo_visits(*, visits: Collection[uuid.UUID], by: access.Actor) -> int:
    """These visits were not made after all: they are planned again, their contacts are withdrawn."""
    rows = [row for row in _rows(visits, by) if row.visited_on is not None]
    return CareVisit.objects.filter(pk__in=[row.pk for row in rows]).update(
        visited_on=None, note_sealed=None, note_digest=None
    )


def drop_visits(*, visits: Collection[uuid.UUID], by: access.Actor) -> int:
    """Take planned visits off the plan; those that were made stay. Returns how many."""
    rows = [row.pk for row in _rows(visits, by) if row.visited_on is None]
    return CareVisit.objects.filter(pk__in=rows, visited_on=None).delete()[0]


def _rows(visits: Collection[uuid.UUID], by: access.Actor) -> list[CareVisit]:
    """These visits, locked in one order. Raises Http404 unless all are the actor's to work on."""
    _check(by)
    reach = CareVisit.objects.visible_to(by, Right.MANAGE_NEEDS).filter(pk__in=visits)
    rows = list(reach.select_related("member").order_by("pk").select_for_update(of=("self",)))
    if len(rows) != len(set(visits)):
        raise Http404
    return rows


def _check(by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.MANAGE_NEEDS)
