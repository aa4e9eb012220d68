"""Who comes into a chat group and who leaves it; and who is in none."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.groups.models import GroupMembership, WechatGroup
from contacts.numbers import LOOKED_AFTER
from members.models import Member
from portal import access
from portal.roles import Right


def access_group(actor: access.Actor, pk: Any) -> WechatGroup:
    """The group, if the actor reads it. Raises Http404 alike for absent and out of scope."""
    try:
        return WechatGroup.objects.visible_to(actor).select_related("organization", "owner").get(pk=pk)
    except (WechatGroup.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def change_group(
    *, group: WechatGroup, joined: Collection[uuid.UUID], left: Collection[uuid.UUID], on: dt.date, by: access.Actor
) -> tuple[int, int]:
    """Note who joined and who left on a day (keys of members). Returns how many each.

    All or nothing, a fixed number of statements. Somebody who is in already joins no second time. Raises
    PermissionDenied without the right to change members there, Http404 for a member out of reach, ValidationError for a
    day to come, or before somebody joined.
    """
    access.must_act(by)
    access.require(Right.CHANGE_MEMBERS, group.organization)
    if on > timezone.localdate():
        raise ValidationError(_("The day is still to come."))
    reach = Member.objects.visible_to(by, Right.CHANGE_MEMBERS).filter(pk__in=joined, same_as=None)
    if reach.count() != len(set(joined)):
        raise Http404
    inside = GroupMembership.objects.filter(group=group, left_on=None)
    going = inside.filter(member__in=left)
    if going.filter(joined_on__gt=on).exists():
        raise ValidationError(_("Nobody leaves a group before having joined it."))
    there = set(inside.filter(member__in=joined).values_list("member_id", flat=True))
    rows = [GroupMembership(group=group, member_id=pk, joined_on=on) for pk in sorted(set(joined) - there)]
    try:
        with transaction.atomic():
            gone = going.update(left_on=on)
            GroupMembership.objects.bulk_create(rows)
    except IntegrityError:  # two at once put in the same person
        raise ValidationError(_("The list has changed meanwhile. Please look at it again.")) from None
    return len(rows), gone


def in_no_group(members: Any = None) -> Any:
    """Members to be looked after who are in no open group of an organization in reach, of files that an organization
    in reach manages: the list of members with `?group=none`."""
    members = Member.objects.all() if members is None else members
    ours = access.organization_ids(Right.VIEW_MEMBERS)
    inside = GroupMembership.objects.filter(
        member=OuterRef("pk"), left_on=None, group__closed_on=None, group__organization__in=ours
    )
    return members.filter(~Exists(inside), state__in=LOOKED_AFTER, organization__in=ours)
