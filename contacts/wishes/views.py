"""The board of small wishes, and the form for a new one of a member."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.models import Need
from contacts.wishes import services
from contacts.wishes.models import Wish, WishState
from members import card
from members.models import Member, access_member
from portal import access
from portal.roles import Right

IN_A_LANE = 50
CLOSED_FOR_DAYS = 90
ON_CARD = 5


@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest) -> HttpResponse:
    """Wishes by state, those that wait longest first. POST: `action` about the wish `wish`."""
    actor = access.actor()
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    if request.method == "POST":
        if not access.may(Right.MANAGE_NEEDS):
            raise PermissionDenied
        return _saved(request, actor)
    today = timezone.localdate()
    rows = Wish.objects.visible_to(actor).select_related("member__organization", "organization")
    waiting = services.unclaimed(rows, today)
    closed = rows.filter(state=WishState.FULFILLED, closed_on__gte=today - dt.timedelta(days=CLOSED_FOR_DAYS))
    is_waiting = request.GET.get("lane") == "unclaimed"
    shown = waiting if is_waiting else rows.filter(state=WishState.OPEN)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Small wishes"),
        "open": list(shown.order_by("posted_on", "id")[:IN_A_LANE]),
        "claimed": list(rows.filter(state=WishState.CLAIMED).order_by("claimed_on", "id")[:IN_A_LANE]),
        "fulfilled": list(closed.order_by("-closed_on", "id")[:IN_A_LANE]),
        "waiting": waiting.count(),
        "is_waiting": is_waiting,
        "late_before": today - dt.timedelta(days=services.UNCLAIMED_DAYS),
        "days": services.UNCLAIMED_DAYS,
        "manages": access.may(Right.MANAGE_NEEDS),
        "opts": Need._meta,
        "app_label": Need._meta.app_label,
    }
    return TemplateResponse(request, "contacts/wishes/board.html", context)


def _saved(request: HttpRequest, actor: access.Actor) -> HttpResponse:
    try:
        wish = uuid.UUID(request.POST.get("wish", ""))
    except ValueError:
        raise Http404 from None
    try:
        _do(request, wish, actor)
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
    else:
        messages.success(request, _("Stored."))
    return redirect("contacts:wishes")


def _do(request: HttpRequest, wish: uuid.UUID, actor: access.Actor) -> None:
    action = request.POST.get("action", "")
    if action == "claim":
        services.claim_wish(wish=wish, claimant=request.POST.get("claimant", ""), by=actor)
    elif action == "back":
        services.give_back(wish=wish, by=actor)
    elif action == "fulfil":
        services.fulfil_wish(wish=wish, by=actor)
    elif action == "withdraw":
        services.withdraw_wish(wish=wish, by=actor)
    else:
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def of_member(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down a wish of one member. 403 for who does not manage needs there."""
    actor = access.actor()
    member = access_member(actor, pk)
    access.require(Right.MANAGE_NEEDS, member.organization)
    text = request.POST.get("text", "")
    if request.method == "POST":
        try:
            services.post_wish(member=member, text=text, by=actor, key=_key(request))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("Stored."))
            return redirect("contacts:wishes")
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("A small wish"),
        "subtitle": member.label,
        "member": member,
        "text": text,
        "key": request.POST.get("key") or uuid.uuid4(),
        "opts": Need._meta,
        "app_label": Need._meta.app_label,
    }
    return TemplateResponse(request, "contacts/wishes/post.html", context)


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404 from None


def wish_section(member: Member) -> card.Section | None:
    """The member's latest small wishes, for the offices."""
    actor = access.current()
    if actor is None or not access.may(Right.VIEW_MEMBERS, member.organization):
        return None
    rows = list(Wish.objects.visible_to(actor).filter(member=member).order_by("-posted_on", "id")[:ON_CARD])
    for row in rows:
        row.member = member  # holds the key that opens the text
    context = {"wishes": rows, "member": member, "manages": access.may(Right.MANAGE_NEEDS, member.organization)}
    paper = [(str(row.posted_on), str(row.get_state_display())) for row in rows]
    return card.Section(_("Small wishes"), "contacts/wishes/on_card.html", context, order=37, paper=paper)
