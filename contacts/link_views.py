"""The clerk's page of one liaison's work link: give, replace, take back. What is shown once is never stored."""

import uuid

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.copy_texts import text_with_link
from contacts.models import Liaison
from contacts.services import access_liaison
from contacts.work_links import issue_link, latest_link, revoke_link
from portal import access
from portal.links import Issued
from portal.models import WorkLink
from portal.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
def work_link(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """State of the link; `action` issue or revoke. The address and the PIN are in the answer to the issue alone."""
    actor = access.actor()
    liaison = access_liaison(actor, pk)
    access.require(Right.ASSIGN_LIAISONS, liaison.organization)
    issued = None
    if request.method == "POST" and request.POST.get("action") == "revoke":
        revoke_link(liaison=liaison, by=actor)
        messages.success(request, _("The work link has been taken back. It stops working at once."))
        return redirect("contacts:work_link", pk=liaison.pk)
    if request.method == "POST" and request.POST.get("action") == "issue":
        try:
            issued = issue_link(liaison=liaison, by=actor)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
    return _page(request, liaison, issued)


def _page(request: HttpRequest, liaison: Liaison, issued: Issued | None) -> HttpResponse:
    link = latest_link(liaison)
    address = settings.BASE_URL + reverse("work_members", args=[issued.token]) if issued else ""
    return TemplateResponse(  # never kept by the browser: the admin's own header says so
        request,
        "contacts/work_link.html",
        admin.site.each_context(request)
        | {
            "title": _("Work link"),
            "subtitle": liaison.name,
            "opts": Liaison._meta,
            "original": liaison,
            "liaison": liaison,
            "link": link,
            "state": _state(link),
            "is_open": link is not None and link.closed_at is None,
            "issued": issued,
            "text": text_with_link(liaison.organization, address) if issued else "",
        },
    )


def _state(link: WorkLink | None) -> str:
    if link is None:
        return _("no link yet")
    if link.closed_at is not None:
        return link.get_closed_reason_display()
    if link.expires_at <= timezone.now():
        return _("expired")
    return _("in use on one phone") if link.device_digest is not None else _("waiting for its first use")
