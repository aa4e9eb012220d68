"""The office's pages: a member's personal link, and what members send in."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from checkin.own_page import deciding, giving
from checkin.own_page.enums import RequestKind
from checkin.own_page.models import MemberRequest
from members import card
from members.models import Member, access_member
from members.revealing import TooMany
from members.services import note_view
from portal import access
from portal.link_giving import given, link_context
from portal.links import Issued
from portal.roles import Right

ON_A_PAGE, ON_CARD = 50, 5


def card_tool(member: Member) -> tuple[str, str] | None:
    """The card's button, for whoever gives links."""
    if not access.may(Right.ASSIGN_LIAISONS, member.organization):
        return None
    return _("Own page on the phone"), reverse("checkin:own_page_link", args=[member.pk])


def card_section(member: Member) -> card.Section | None:
    """What the member sent in, what waits for the office first; nothing on the card where nothing came, or where the
    reader does not keep the file."""
    actor = access.current()
    if actor is None:
        return None
    found = MemberRequest.objects.visible_to(actor).filter(member__in=[member, *member.linked_files])
    rows = list(found.order_by("-decided_at", "-made_at", "id")[:ON_CARD])  # not decided: first, as PostgreSQL has it
    if not rows:
        return None
    return card.Section(_("Sent in by the member"), "checkin/sent_in_on_card.html", {"rows": rows}, order=37)


@require_http_methods(["GET", "HEAD", "POST"])
def own_page_link(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """State of the link; `action` issue or revoke. The address is in the answer to the issue alone."""
    actor = access.actor()
    member = access_member(actor, pk)
    access.require(Right.ASSIGN_LIAISONS, member.organization)
    done = given(
        request,
        issue=lambda: giving.issue_link(member=member, by=actor),
        revoke=lambda: giving.revoke_link(member=member, by=actor),
    )
    if isinstance(done, HttpResponse):
        return done
    return TemplateResponse(request, "checkin/own_page_link.html", _link_page(request, member, done))


def _link_page(request: HttpRequest, member: Member, issued: Issued | None) -> dict[str, Any]:
    return (
        admin.site.each_context(request)
        | link_context(giving.latest_link(member))
        | {
            "title": _("Own page on the phone"),
            "subtitle": member.name,
            "opts": Member._meta,
            "member": member,
            "why_none": giving.why_none(member),
            "phones": giving.phones_of(member, access.actor()).count(),
            "issued": issued,
            "text": giving.text_to_send(member, issued) if issued else "",
            "knows_figures": bool(giving.known_figures(member)),
            "shown_number": member.masked_mobile,
        }
    )


@require_http_methods(["GET", "HEAD"])
def queue(request: HttpRequest) -> HttpResponse:
    """What members sent in; `state=decided` in the address: what was dealt with."""
    if not access.may(Right.CHANGE_MEMBERS):
        raise PermissionDenied
    waiting = request.GET.get("state") != "decided"
    rows = deciding.requests_of(access.actor(), waiting=waiting)
    context = admin.site.each_context(request) | {
        "title": _("Sent in by members"),
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "waiting": waiting,
        "opts": Member._meta,
    }
    return TemplateResponse(request, "checkin/sent_in.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One of them: `action` done, declined, or show (the new number in full). Opening it is recorded."""
    actor = access.actor()
    row = deciding.access_request(actor, pk)
    action, number, status = request.POST.get("action", ""), "", 200
    try:
        if action == "show" and row.kind == RequestKind.MOBILE:
            number = deciding.show_number(request=row, by=actor)
        elif action in ("done", "declined"):
            decide = deciding.take_over if action == "done" else deciding.decline
            decide(request=row, by=actor)
            messages.success(request, _("Saved."))
            return redirect("checkin:sent_in")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    except TooMany:
        messages.error(request, _("You have opened many numbers in this hour. Please try again later."))
        status = 429
    if request.method in ("GET", "HEAD"):
        note_view(member=row.member, by=actor)
    context = admin.site.each_context(request) | {
        "title": row.get_kind_display(),
        "subtitle": row.member.name,
        "row": row,
        "words": number or deciding.words_of(row),
        "is_masked": row.kind == RequestKind.MOBILE and not number,
        "is_waiting": row.state == "waiting",
        "changes_file": RequestKind(row.kind) in deciding.FIELDS,
        "opts": Member._meta,
    }
    return TemplateResponse(request, "checkin/sent_in_one.html", context, status=status)
