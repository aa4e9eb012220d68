"""The page "why, or why not": what was and what was not reminded about one member on one day."""

import datetime as dt
import uuid

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.models import ContactObligation
from contacts.why import explain
from contacts.why_dates import explain_dates
from contacts.why_needs import explain_needs
from members.models import Member, access_member
from portal import access
from portal.roles import Right


@require_http_methods(["GET", "HEAD"])
def why(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """`on`: the day, today if it is left out. Liaisons do not read what others were sent: 404 for them too."""
    actor = access.actor()
    member = access_member(actor, pk)
    on, is_readable = _asked_day(request.GET.get("on", ""))
    context = admin.site.each_context(request) | {
        "title": _("Why a reminder came, or did not come"),
        "subtitle": member.name,
        "member": member,
        "on": on,
        "is_past": on < timezone.localdate(),
        "is_readable": is_readable,
        "accounts": explain(member, on, by=actor),
        "needs": explain_needs(member, on, by=actor),
        "dates": explain_dates(member, on, by=actor),
        "opts": ContactObligation._meta,
        "app_label": ContactObligation._meta.app_label,
    }
    return TemplateResponse(request, "contacts/why.html", context)


def _asked_day(text: str) -> tuple[dt.date, bool]:
    """The day and whether it could be read."""
    try:
        return (dt.date.fromisoformat(text) if text else timezone.localdate()), True
    except ValueError:
        return timezone.localdate(), False


def why_link(member: uuid.UUID) -> str:
    """The link of the lists."""
    url = reverse("contacts:why", args=[member])
    return format_html('<a class="text-primary-600 font-medium" href="{}">{}</a>', url, _("Why, or why not?"))


def card_tool(member: Member) -> tuple[str, str] | None:
    """The card's button, for whoever sees the member by a right."""
    if not access.may(Right.VIEW_MEMBERS):
        return None
    return _("Why reminded, or not?"), reverse("contacts:why", args=[member.pk])
