"""What staff do at a desk. Each function checks the right, then the database judges every row again.

`by` is the actor of the current scope, with the right to run check-in at the desk's organization.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Activity
from checkin.arrivals.enums import GUEST, Way
from checkin.arrivals.models import Arrival, Desk, random_typed_code
from portal import access
from portal.asking import ask_database
from portal.roles import Right


@transaction.atomic
def open_desk(
    *, activity: Activity, opens_at: dt.datetime, closes_at: dt.datetime, has_check_out: bool, by: access.Actor
) -> Desk:
    """The desk of an activity, made or given other hours; one that was closed is open again.

    Raises ValidationError for hours that end before they begin.
    """
    _must_run(activity.organization_id, by)
    if closes_at <= opens_at:
        raise ValidationError(_("The check-in must close after it opens."))
    hours = {"opens_at": opens_at, "closes_at": closes_at, "has_check_out": has_check_out, "closed_at": None}
    if not Desk.objects.filter(activity=activity).update(**hours):
        try:
            with transaction.atomic():
                Desk.objects.create(
                    activity=activity, organization_id=activity.organization_id, created_by_id=by.user_id, **hours
                )
        except IntegrityError:
            raise ValidationError(_("Somebody else is opening this check-in at the moment.")) from None
    return Desk.objects.select_related("activity").get(activity=activity)


def close_desk(*, desk: Desk, by: access.Actor) -> None:
    """No phone gets in any more, at once. Again: no change."""
    _must_run(desk.organization_id, by)
    Desk.objects.filter(pk=desk.pk, closed_at=None).update(closed_at=timezone.now())


def renew_poster(*, desk: Desk, by: access.Actor) -> None:
    """Put a new poster and typed code in force; former ones say from now on that they are out of use."""
    _must_run(desk.organization_id, by)
    Desk.objects.filter(pk=desk.pk).update(poster_number=F("poster_number") + 1, typed_code=random_typed_code())
    desk.refresh_from_db(fields=["poster_number", "typed_code"])


def confirm(*, desk: Desk, chosen: Mapping[uuid.UUID, uuid.UUID], remembers: bool, by: access.Actor) -> int:
    """These lines (arrival → member) came: each stands in the attendance list, once. `remembers`: their phones need not
    be typed into next time, as far as they stood before the screen. Returns how many were new.

    Raises PermissionDenied for a member outside the desk's organization.
    """
    _must_run(desk.organization_id, by)
    if not chosen:
        return 0
    return int(ask_database("confirm_arrivals", desk.pk, list(chosen), list(chosen.values()), remembers))


def undo(*, arrival: Arrival, reason: str, by: access.Actor) -> bool:
    """Take one line back, with a reason of at most 100 characters; False when it was taken back already."""
    _must_run(arrival.organization_id, by)
    if not reason.strip():
        raise ValidationError(_("Please write down why."))
    return bool(ask_database("undo_arrival", arrival.pk, reason.strip()[:100]))


def note_guest(*, arrival: Arrival, by: access.Actor) -> bool:
    """Somebody is here who has no file within reach: counted on the list of the desk alone, forgotten with the scan.
    False where the line was decided already."""
    _must_run(arrival.organization_id, by)
    waiting = Arrival.objects.filter(pk=arrival.pk, confirmed_at=None, undone_at=None)
    return bool(waiting.update(undone_at=timezone.now(), reason=GUEST))


@transaction.atomic
def add_people(*, desk: Desk, members: Collection[uuid.UUID], is_late: bool, by: access.Actor) -> int:
    """Write down people without a phone, or from a paper list: `is_late` marks what is entered afterwards (补录).

    Returns how many were new on the list. Raises PermissionDenied for a member outside the desk's organization,
    ValidationError before the day of the activity.
    """
    _must_run(desk.organization_id, by)
    if desk.activity.held_on > timezone.localdate():
        raise ValidationError(_("This activity has not been held yet."))
    way = Way.PAPER if is_late else Way.STAFF
    rows = [
        Arrival(desk=desk, organization_id=desk.organization_id, way=way, is_sure=True, is_late_entry=is_late)
        for _member in dict.fromkeys(members)
    ]
    Arrival.objects.bulk_create(rows)
    chosen = {row.pk: member for row, member in zip(rows, dict.fromkeys(members), strict=True)}
    return confirm(desk=desk, chosen=chosen, remembers=False, by=by)


def check_out(*, desk: Desk, arrivals: Collection[uuid.UUID], by: access.Actor) -> int:
    """These left just now; those whose leaving is known stay as they are. Returns how many."""
    _must_run(desk.organization_id, by)
    there = desk.arrivals.filter(pk__in=arrivals, left_at=None, undone_at=None)  # type: ignore[attr-defined]
    return there.update(left_at=timezone.now())


def set_hours(*, arrival: Arrival, hours: Decimal | None, by: access.Actor) -> None:
    """Other hours than the activity's; None: the activity's."""
    _must_run(arrival.organization_id, by)
    Arrival.objects.filter(pk=arrival.pk, undone_at=None).update(hours=hours)


def _must_run(organization_id: uuid.UUID, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, organization_id)
