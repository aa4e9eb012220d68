"""The page on which the members of one chat group are ticked."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.groups.models import GroupMembership, WechatGroup
from contacts.groups.services import access_group, change_group
from contacts.numbers import LOOKED_AFTER
from contacts.posted import posted_day, posted_keys
from members.models import Member
from portal import access
from portal.roles import Right

MOST = 300


@require_http_methods(["GET", "HEAD", "POST"])
def members_of_group(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who is in, who is not: tick, give the day, save once."""
    actor = access.actor()
    group = access_group(actor, pk)
    manages = access.may(Right.CHANGE_MEMBERS, group.organization)
    if request.method == "POST":
        if not manages:
            raise PermissionDenied
        return _saved(request, group, actor)
    inside = GroupMembership.objects.filter(group=group, left_on=None).select_related("member__organization")
    rows = list(inside.order_by("member__name_pinyin", "member_id"))
    below = Member.objects.visible_to(actor).filter(
        organization__path__descendants=group.organization.path, state__in=LOOKED_AFTER, same_as=None
    )
    outside = below.exclude(pk__in=[row.member_id for row in rows]).select_related("organization")
    found = list(outside.order_by("organization__path", "name_pinyin", "id")[: MOST + 1]) if manages else []
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Members of a chat group"),
        "subtitle": group.name,
        "group": group,
        "inside": rows,
        "outside": found[:MOST],
        "is_cut": len(found) > MOST,
        "manages": manages,
        "today": timezone.localdate(),
        "opts": WechatGroup._meta,
        "app_label": WechatGroup._meta.app_label,
    }
    return TemplateResponse(request, "contacts/groups/members.html", context)


def _saved(request: HttpRequest, group: WechatGroup, actor: access.Actor) -> HttpResponse:
    try:
        joined, left = (posted_keys(request, name, 2 * MOST) for name in ("joined", "left"))
        came, gone = change_group(group=group, joined=joined, left=left, on=posted_day(request, "on"), by=actor)
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
    else:
        messages.success(request, _("Joined: %(came)d, left: %(gone)d.") % {"came": came, "gone": gone})
    return redirect("contacts:group", group.pk)
