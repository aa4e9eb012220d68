"""Tick date reminders off, and take that back."""

import uuid
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from contacts.dates.enums import DateState
from contacts.dates.models import DateReminder
from portal import access
from portal.roles import Right


def mark(*, reminders: Collection[uuid.UUID], state: DateState, by: access.Actor) -> int:
    """These are done, not needed, or (OPEN) to do after all. Returns how many were in another state.

    All or nothing. Raises PermissionDenied where one is out of reach: of the organizations on which the actor logs
    contacts, and of the own members.
    """
    access.must_act(by)
    with transaction.atomic():
        rows = DateReminder.objects.visible_to(by, Right.LOG_CONTACTS).filter(pk__in=reminders)
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if len(keys) != len(set(reminders)):
            raise PermissionDenied
        by_whom, when = (None, None) if state == DateState.OPEN else (by.user_id, timezone.now())
        changed = DateReminder.objects.filter(pk__in=keys).exclude(state=state)
        return changed.update(state=state, closed_by_id=by_whom, closed_at=when)
