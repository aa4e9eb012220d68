"""The board of parcels, address labels, and what stands on a member's card."""

import datetime as dt
import io
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from activities.models import Activity
from activities.parcels import services
from activities.parcels.labels import draw_labels
from activities.parcels.models import Parcel, ParcelState
from members import card
from members.models import Member
from portal import access
from portal.downloads import file_response
from portal.roles import Right

IN_A_LANE = 100
RECEIVED_FOR_DAYS = 90
ON_CARD = 5


@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest) -> HttpResponse:
    """Parcels on the way, those that came back, those that arrived. POST: `action` about the parcel `parcel`."""
    actor = access.actor()
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    if request.method == "POST":
        if not access.may(Right.MANAGE_ACTIVITIES):
            raise PermissionDenied
        return _saved(request, actor)
    rows = Parcel.objects.visible_to(actor).select_related("member", "organization")
    since = timezone.localdate() - dt.timedelta(days=RECEIVED_FOR_DAYS)
    on_the_way = rows.filter(state=ParcelState.SENT)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Parcels"),
        "sent": list(on_the_way.order_by("sent_on", "id")[:IN_A_LANE]),
        "returned": list(rows.filter(state=ParcelState.RETURNED).order_by("closed_on", "id")[:IN_A_LANE]),
        "received": list(
            rows.filter(state=ParcelState.RECEIVED, closed_on__gte=since).order_by("-closed_on", "id")[:IN_A_LANE]
        ),
        "most": IN_A_LANE,
        "manages": access.may(Right.MANAGE_ACTIVITIES),
        "prints": access.may(Right.MANAGE_ACTIVITIES) and access.may(Right.REVEAL_IDENTITY),
        "opts": Activity._meta,
        "app_label": Activity._meta.app_label,
    }
    return TemplateResponse(request, "activities/parcels/board.html", context)


def _saved(request: HttpRequest, actor: access.Actor) -> HttpResponse:
    try:
        parcel = uuid.UUID(request.POST.get("parcel", ""))
    except ValueError:
        raise Http404 from None
    action = request.POST.get("action", "")
    try:
        if action == "number":
            services.note_number(parcel=parcel, number=request.POST.get("number", ""), by=actor)
        elif action in services.BEFORE:
            services.change_parcel(parcel=parcel, state=ParcelState(action), by=actor)
        else:
            raise Http404
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
    else:
        messages.success(request, _("Stored."))
    return redirect("activities:parcels")


@require_POST
def labels(request: HttpRequest) -> HttpResponse:
    """A sheet of address labels for everything on the way. POST, because it is recorded."""
    actor = access.actor()
    if not (access.may(Right.MANAGE_ACTIVITIES) and access.may(Right.REVEAL_IDENTITY)):
        raise PermissionDenied
    rows = services.labels(actor)
    if not rows:
        messages.info(request, _("There is no parcel on the way."))
        return redirect("activities:parcels")
    target = io.BytesIO()
    draw_labels(target, rows)
    return file_response("labels.pdf", target.getvalue(), is_saved=False)


def parcel_section(member: Member) -> card.Section | None:
    """The latest parcels to the member, for the offices."""
    actor = access.current()
    if actor is None or not access.may(Right.VIEW_MEMBERS, member.organization):
        return None
    rows = list(Parcel.objects.visible_to(actor).filter(member=member).order_by("-sent_on", "id")[:ON_CARD])
    if not rows:
        return None
    paper = [(str(row.sent_on), f"{row.content} {row.get_state_display()}") for row in rows]
    return card.Section(_("Parcels"), "activities/parcels/on_card.html", {"parcels": rows}, order=45, paper=paper)
