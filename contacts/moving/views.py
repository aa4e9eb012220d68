"""The list 可转接组织关系."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from contacts.models import ContactLog
from contacts.moving.models import AdviceState
from contacts.moving.services import note_advice, transferable
from members.models import Movement
from portal import access
from portal.roles import Right

ON_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def transferable_list(request: HttpRequest) -> HttpResponse:
    """Who could transfer the membership; `state` in the address: nothing done yet (open), reminded, not_yet.
    POST: `movement`, `state`, `reason`, `on`."""
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    if request.method == "POST":
        access.require(Right.CHANGE_MEMBERS)
        _note(request)
        return redirect(request.get_full_path())
    state = request.GET.get("state", "")
    if state not in ("", "open", AdviceState.REMINDED, AdviceState.NOT_YET):
        raise Http404
    rows = transferable()
    shown = rows.filter(advice=None) if state == "open" else rows.filter(advice=state) if state else rows
    options = ContactLog._meta
    own = set(access.organization_ids(Right.CHANGE_MEMBERS))
    page = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": gettext("Membership could be transferred"),
        "page": page,
        "lines": [(row, AdviceState(row.advice).label if row.advice else "", row.member.organization_id in own)
                  for row in page],
        "state": state,
        "tabs": [("", gettext("Everybody")), ("open", gettext("nothing done yet")),
                 *((one.value, one.label) for one in (AdviceState.REMINDED, AdviceState.NOT_YET))],
        "opts": options,
        "app_label": options.app_label,
    }  # fmt: skip
    return TemplateResponse(request, "contacts/transferable.html", context)


def _note(request: HttpRequest) -> None:
    if "movement" not in request.POST:
        return
    try:
        movement = transferable().get(pk=uuid.UUID(request.POST["movement"]))
    except (Movement.DoesNotExist, ValueError):
        raise Http404 from None
    try:
        note_advice(
            movement=movement, state=request.POST.get("state", ""), reason=request.POST.get("reason", ""),
            on=parse_date(request.POST.get("on", "") or "") or None, by=access.actor(),
        )  # fmt: skip
    except (ValidationError, ValueError) as refusal:
        why = refusal.messages[0] if isinstance(refusal, ValidationError) else gettext("Write the day as 2026-03-31.")
        messages.error(request, gettext("Nothing is saved yet. %(why)s") % {"why": why})
    else:
        messages.success(request, gettext("Stored."))
