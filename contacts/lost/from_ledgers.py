"""Whom a ledger calls out of touch (是否失联): each becomes a check that waits for a person, never a decision."""

import datetime as dt
import re
from typing import Any

from django.db.models import Q
from django.utils import timezone

from contacts.lost.models import LostCase
from members.enums import Direction
from members.importing.hooks import Told
from members.models import LedgerImport, Member, Movement
from portal import access
from portal.roles import Right

YES, NO = "是", "否"
_IN_TOUCH = re.compile("能|取得联系|保持联系|联系上")
QUIET = dt.timedelta(days=180)
"""A check that ended so lately is not begun again because the same list comes once more."""


def open_checks(batch: LedgerImport, told: dict[str, Told]) -> None:
    """Begin a check of everybody whom the ledger calls lost, whose home side manages the file, and of whom no check is
    open or ended lately. Four statements whatever the number; goes with the import when that is undone."""
    named: Any = [pk for pk, one in told.items() if says_lost(one)]
    if not named:
        return
    by = access.actor()
    offices = access.organization_ids(Right.LOG_CONTACTS)
    lately = Q(closed_on=None) | Q(closed_on__gt=timezone.localdate() - QUIET)
    known = LostCase.objects.filter(lately, member__in=named).values("member_id")
    hosted = Movement.objects.filter(member__in=named, ended_on="", direction=Direction.INFLOW).values("member_id")
    rows: Any = Member.objects.filter(pk__in=named, organization__in=offices, state__in=("pending", "floating"))
    rows = rows.filter(same_as=None).exclude(pk__in=known).exclude(pk__in=hosted).order_by("pk")
    today = timezone.localdate()
    LostCase.objects.bulk_create(
        [
            LostCase(member=row, organization_id=row.organization_id, opened_on=today, opened_by_id=by.user_id,
                     batch=batch.pk)
            for row in rows
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def says_lost(one: Told) -> bool:
    """「能否取得联系」 asks the other way round than 「是否失联」."""
    return one.value == (NO if _IN_TOUCH.search(one.header) else YES)
