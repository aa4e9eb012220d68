"""The page on which members get a new liaison: of one who leaves, or all who have none."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from contacts.assigning import over_capacity
from contacts.handing_over import MOST, hand_over, propose, successors, waiting_members
from contacts.models import Liaison
from contacts.services import access_liaison
from portal import access
from portal.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
def of_liaison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The members of one liaison; with `ends` the work of this person ends with the save."""
    leaving = access_liaison(access.actor(), pk)
    access.require(Right.ASSIGN_LIAISONS, leaving.organization)
    return _page(request, leaving)


@require_http_methods(["GET", "HEAD", "POST"])
def of_nobody(request: HttpRequest) -> HttpResponse:
    """Members without a liaison, each with somebody proposed."""
    if not access.may(Right.ASSIGN_LIAISONS):
        raise PermissionDenied
    return _page(request, None)


def _page(request: HttpRequest, leaving: Liaison | None) -> HttpResponse:
    actor = access.actor()
    if request.method == "POST":
        try:
            return _saved(request, actor, leaving)
        except ValidationError as refusal:
            messages.error(request, gettext("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
            return redirect(request.get_full_path())
    members = list(waiting_members(leaving)[: MOST + 1])
    loads = successors(actor, leaving)
    proposed = propose(members[:MOST], loads)
    context = admin.site.each_context(request) | {
        "title": gettext("Hand members over") if leaving else gettext("Find liaisons for those without one"),
        "subtitle": leaving.name if leaving else "",
        "leaving": leaving,
        "lines": [(member, proposed[member.pk]) for member in members[:MOST]],
        "is_cut": len(members) > MOST,
        "loads": loads,
        "ends": "ends" in request.GET,
        "opts": Liaison._meta,
        "app_label": Liaison._meta.app_label,
    }
    return TemplateResponse(request, "contacts/hand_over.html", context)


def _saved(request: HttpRequest, actor: access.Actor, leaving: Liaison | None) -> HttpResponse:
    ends = leaving is not None and "ends" in request.POST
    try:
        got = hand_over(_chosen(request.POST), by=actor, leaving=leaving, ends_work=ends)
    except (PermissionDenied, Http404):
        raise ValidationError(gettext("The list has changed meanwhile. Please look at it again.")) from None
    count = got.total()
    told = ngettext("%(count)d person has a new liaison.", "%(count)d people have a new liaison.", count)
    messages.success(request, told % {"count": count})
    if warning := over_capacity(Liaison.objects.filter(pk__in=set(_chosen(request.POST).values()))):
        messages.warning(request, warning)
    if ends and leaving is not None:
        messages.success(
            request, gettext("The work of %(name)s has ended; nobody is left behind.") % {"name": leaving.name}
        )
    return redirect("admin:contacts_liaison_changelist")


def _chosen(data: Any) -> dict[uuid.UUID, uuid.UUID]:
    """Member → liaison, of the rows in which somebody was chosen. Raises Http404 for what no page of ours sends."""
    try:
        sent = {uuid.UUID(pk): data.get(f"to-{pk}", "") for pk in data.getlist("row")}
        chosen = {member: uuid.UUID(liaison) for member, liaison in sent.items() if liaison}
    except ValueError:
        raise Http404 from None
    if len(chosen) > MOST:
        raise Http404
    return chosen
