"""Recording who came."""

import uuid
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from activities.models import Activity, Attendance
from members.models import Member
from portal import access
from portal.roles import Right

MOST_OFFERED = 500


def attendance_choices(activity: Activity, actor: access.Actor) -> Any:
    """The members who may be ticked: those placed at the activity's organization or below it, and who came already."""
    placed = Member.objects.visible_to(actor).filter(placements__organization=activity.organization_id)
    came = Member.objects.visible_to(actor).filter(attendances__activity=activity)
    return Member.objects.visible_to(actor).filter(pk__in=placed.values("pk").union(came.values("pk")))


def record_attendance(
    *, activity: Activity, came: Collection[uuid.UUID], offered: Collection[uuid.UUID], by: access.Actor
) -> tuple[int, int]:
    """Make the attendance list agree with the ticks: `came` of the members that were `offered`; others stay.

    Returns how many were added and removed. What is written after the day of the activity is marked as late.
    Raises PermissionDenied without the right on the activity's organization, or for a member out of sight.
    """
    access.require(Right.MANAGE_ACTIVITIES, activity.organization)
    came, offered = set(came), set(offered)
    visible = set(attendance_choices(activity, by).filter(pk__in=came | offered).values_list("pk", flat=True))
    if not came <= offered or not offered <= visible:
        raise PermissionDenied(Right.MANAGE_ACTIVITIES)
    user = get_user_model().objects.filter(pk=by.user_id).first() if by.user_id else None
    with transaction.atomic():
        listed = set(activity.attendances.filter(member__in=offered).values_list("member_id", flat=True))
        activity.attendances.filter(member__in=listed - came).delete()
        is_late = timezone.localdate() > activity.held_on
        Attendance.objects.bulk_create(
            [
                Attendance(activity=activity, member_id=pk, recorded_by=user, is_late_entry=is_late)
                for pk in came - listed
            ],
            ignore_conflicts=True,
        )
    return len(came - listed), len(listed - came)
