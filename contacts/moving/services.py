"""Who could transfer the membership, and what was done about it."""

import calendar
import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.moving.models import AdviceState, TransferAdvice
from members.enums import Direction, MemberState
from members.models import Member, Movement
from members.services import MemberRefused, set_state
from portal import access
from portal.roles import Right

MONTHS = 6
ABROAD = "境外"


def began_by(day: dt.date) -> Q:
    """Condition on movements with `precision` (the length of the start): they began by this day in every reading of a
    partial date. "2026-03" has begun by its last day, "2025" by the 31st of December."""
    text, is_last = day.isoformat(), day.day == calendar.monthrange(day.year, day.month)[1]
    month = Q(precision=7, started_on__lt=text[:7])
    year = Q(precision=4, started_on__lt=text[:4])
    if is_last:
        month |= Q(precision=7, started_on=text[:7])
    if text.endswith("-12-31"):
        year |= Q(precision=4, started_on=text[:4])
    return Q(precision=10, started_on__lte=text) | month | year


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day some months ago; the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def transferable(today: dt.date | None = None) -> Any:
    """Open outgoing movements in the actor's reach, for six months or longer, to a place that is known, not abroad;
    each with `advice`, `advice_reason` and `advice_at` of the latest entry."""
    access.actor()
    entries = TransferAdvice.objects.filter(movement=OuterRef("pk")).order_by("-noted_at", "id")
    placed = Q(destination_sealed__isnull=False) | ~Q(host_text="") | Q(host_organization__isnull=False)
    rows = Movement.objects.filter(
        placed, direction=Direction.OUTFLOW, ended_on="", member__state=MemberState.FLOATING, member__same_as=None,
        member__organization__in=access.organization_ids(Right.VIEW_MEMBERS),
    )  # fmt: skip
    return (
        rows.exclude(scope=ABROAD)
        .annotate(precision=Length("started_on"))
        .filter(began_by(months_before(today or timezone.localdate(), MONTHS)))
        .annotate(
            advice=Subquery(entries.values("state")[:1]),
            advice_reason=Subquery(entries.values("reason")[:1]),
            advice_at=Subquery(entries.values("noted_at")[:1]),
        )
        .select_related("member__organization", "host_organization")
        .order_by("member__organization__code", "member__name_pinyin", "id")
    )


def note_advice(*, movement: Movement, state: str, by: access.Actor, reason: str = "", on: Any = None) -> None:
    """Told about it, not possible yet (with a reason), or transferred (`on`, a day: the file ends with it).

    Raises PermissionDenied without the right to change the file, ValidationError for what is missing or refused.
    """
    access.must_act(by)
    member: Member = movement.member
    access.require(Right.CHANGE_MEMBERS, member.organization)
    if state not in AdviceState.values:
        raise ValidationError(_("Please choose what became of it."))
    if state == AdviceState.NOT_YET and not reason.strip():
        raise ValidationError(_("Please give the reason."))
    today = timezone.localdate()
    day = on or today
    if state == AdviceState.MOVED and day > today:
        raise ValidationError(_("The day is still to come."))
    with transaction.atomic():
        TransferAdvice.objects.bulk_create([
            TransferAdvice(member=member, movement=movement, organization=member.organization, state=state,
                           reason=reason.strip()[:100], noted_by_id=by.user_id)
        ])  # fmt: skip
        if state == AdviceState.MOVED:
            try:
                set_state(member=member, state=MemberState.TRANSFERRED, by=by, ended_on=day.isoformat())
            except MemberRefused as refusal:
                raise ValidationError(str(refusal)) from None
