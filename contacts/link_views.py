"""The clerk's page of one liaison's work link: give, replace, take back. What is shown once is never stored."""

import uuid

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.copy_texts import text_with_link
from contacts.models import Liaison
from contacts.services import access_liaison
from contacts.work_links import issue_link, latest_link, revoke_link
from portal import access
from portal.link_giving import given, link_context
from portal.links import Issued
from portal.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
def work_link(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """State of the link; `action` issue or revoke. The address and the PIN are in the answer to the issue alone."""
    actor = access.actor()
    liaison = access_liaison(actor, pk)
    access.require(Right.ASSIGN_LIAISONS, liaison.organization)
    done = given(
        request,
        issue=lambda: issue_link(liaison=liaison, by=actor),
        revoke=lambda: revoke_link(liaison=liaison, by=actor),
    )
    return done if isinstance(done, HttpResponse) else _page(request, liaison, done)


def _page(request: HttpRequest, liaison: Liaison, issued: Issued | None) -> HttpResponse:
    address = settings.BASE_URL + reverse("work_members", args=[issued.token]) if issued else ""
    return TemplateResponse(  # never kept by the browser: the admin's own header says so
        request,
        "contacts/work_link.html",
        admin.site.each_context(request)
        | link_context(latest_link(liaison))
        | {
            "title": _("Work link"),
            "subtitle": liaison.name,
            "opts": Liaison._meta,
            "original": liaison,
            "liaison": liaison,
            "issued": issued,
            "text": text_with_link(liaison.organization, address) if issued else "",
        },
    )
