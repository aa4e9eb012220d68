"""Reminders that came to an end without arriving: find them, send them again, give them up; forget what is old."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from contacts.dates.enums import DateState
from contacts.dates.models import DateReminder
from contacts.enums import MessageReason, MessageState, Step
from contacts.models import OutboundMessage
from contacts.needs.enums import UNANSWERED
from portal import access
from portal.asking import ask_database
from portal.roles import Right

TOLD_FOR = dt.timedelta(days=30)  # as in portal.office_lines


def undelivered(rows: Any) -> Any:
    """Of these outbox rows those that nobody received and that wait for a person: refused for good or too often, unsure
    after the second sending, or without anybody to receive them; only while their duty still stands at that date, or
    while the work group's robot, if it is one's, has said nothing of a later day, or the date
    they tell of is open."""
    ended = Q(state=MessageState.FAILED) | Q(state=MessageState.UNSURE, reason=MessageReason.TWICE)
    nobody = Q(state=MessageState.PENDING, reason=MessageReason.NO_RECIPIENT)
    told = DateReminder.objects.filter(member=OuterRef("obligation__member"), announce_on=OuterRef("due_on"))
    later = OutboundMessage.objects.filter(account=OuterRef("account"), due_on__gt=OuterRef("due_on"))
    duty = Q(obligation__isnull=False, obligation__ended_on=None) & (
        Q(obligation__due_on=F("due_on")) | Q(Exists(told.filter(state=DateState.OPEN)), step=Step.DATE)
    )
    need = Q(need__state__in=UNANSWERED) & (
        Q(need__follow_on=F("due_on"), step=Step.FOLLOW) | Q(need__due_on=F("due_on")) & ~Q(step=Step.FOLLOW)
    )
    feast = DateReminder.objects.filter(member=None, organization=OuterRef("organization"), state=DateState.OPEN)
    ahead = Exists(feast.filter(announce_on=OuterRef("due_on"), day__gte=timezone.localdate()))
    # of report-ins a later day says it anyway
    of_office = Q(step=Step.TOLD, due_on__gte=timezone.localdate() - TOLD_FOR) | Q(ahead, step=Step.FESTIVAL)
    of_group = Q(account__is_active=True) & ~Exists(later.filter(state=MessageState.SENT))
    return rows.filter(ended | nobody, duty | need | of_group | of_office)


def send_again(messages: Iterable[uuid.UUID], *, by: access.Actor) -> int:
    """Let the next round send these; rows that are not at their end, or whose duty has moved on, stay as they are.

    Returns how many wait now. Raises PermissionDenied, and changes nothing, where one of them is out of reach.
    """
    return _decide("retry_messages", messages, by)


def give_up(messages: Iterable[uuid.UUID], *, by: access.Actor) -> int:
    """Never send these: the same step of the same date is not planned again. Returns how many. Errors as above."""
    return _decide("give_up_messages", messages, by)


def forget_old() -> int:
    """Forget reminders of half a year ago that nothing can plan again (portal.forget_messages). Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_messages()")
        return int(cursor.fetchone()[0])


def _decide(function: str, messages: Iterable[uuid.UUID], by: access.Actor) -> int:
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS)
    return int(ask_database(function, list(messages)))
