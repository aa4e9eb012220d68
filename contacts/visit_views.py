"""The two pages of a visiting worker: names, and one form. For a work link on the phone, and for a login."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts import visits
from contacts.needs.forms import NeedPart
from contacts.needs.services import raise_from_visit
from contacts.work_forms import CONTACT, VisitForm, WorkContactForm
from portal import access, crypto, links
from portal.link_pages import see_other


def phone_list(request: HttpRequest, token: str, actor: access.Actor) -> dict[str, Any]:
    """What the phone's list shows: names alone."""
    people = visits.own_list(actor)
    logged = request.GET.get("logged", "")
    return {"people": people, "token": token, "logged": next((p for p in people if str(p.id) == logged), None)}


def phone_visit(
    request: HttpRequest, token: str, device: str, pk: uuid.UUID, actor: access.Actor
) -> HttpResponse | dict[str, Any]:
    """Log one visit from the phone: a redirect when it is stored, else what the form's page shows."""
    visited = visits.access_visited(actor, pk)
    form = WorkContactForm(request.POST if request.method == "POST" else None, initial={"method": "visit"})
    part = NeedPart(request.POST if request.method == "POST" else None, waiting=[])
    if form.is_bound and form.is_valid() & part.is_valid():
        if not links.is_own_form(token, device, form.cleaned_data["mark"]):
            form.add_error(None, _("This page is out of date. Please send it once more."))
        elif _is_stored(
            (form, part), visited, actor, links.once_key(uuid.UUID(actor.id), str(pk), str(form.cleaned_data["key"]))
        ):
            return see_other(f"{reverse('work_members', args=[token])}?logged={pk}")
    key = getattr(form, "cleaned_data", {}).get("key") or uuid.uuid4()
    return {"visited": visited, "token": token, "form": form, "mark": links.form_mark(token, device), "key": key,
            "notice": _notice(form, part), "need_part": part, "today": timezone.localdate().isoformat()}  # fmt: skip


@require_http_methods(["GET", "HEAD"])
def staff_list(request: HttpRequest) -> HttpResponse:
    """The own list, for a visiting worker with a login. 404 for everybody else."""
    context = admin.site.each_context(request) | {"title": _("Visits to log"), "people": visits.own_list(_visitor())}
    return TemplateResponse(request, "contacts/visits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def staff_visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Log one visit. 404 for whoever is not on the own list."""
    actor = _visitor()
    visited = visits.access_visited(actor, pk)
    form = VisitForm(request.POST or None)
    part = NeedPart(request.POST or None, waiting=[])
    if request.method == "POST" and form.is_valid() & part.is_valid():
        named = "\0".join([str(actor), str(pk), str(form.cleaned_data["key"] or uuid.uuid4())])
        if _is_stored((form, part), visited, actor, uuid.UUID(bytes=crypto.digest("contact form", named)[:16])):
            messages.success(request, _("The contact with %(name)s is logged.") % {"name": visited.name})
            return redirect("contacts:visits")
    context = admin.site.each_context(request) | {
        "title": _("Log a visit"), "subtitle": visited.name, "visited": visited, "form": form, "need_part": part,
    }  # fmt: skip
    return TemplateResponse(request, "contacts/visit.html", context)


def _visitor() -> access.Actor:
    actor = access.current()
    if actor is None or not visits.visits_only(actor):
        raise Http404
    return actor


def _is_stored(typed: tuple[Any, NeedPart], visited: visits.Visited, actor: access.Actor, key: uuid.UUID) -> bool:
    form, part = typed
    given = {name: form.cleaned_data[name] for name in CONTACT}
    try:
        visits.log_visit(visited=visited, by=actor, key=key, **given)
        if part.raised:
            raise_from_visit(visited.id, raised_on=given["contacted_on"], by=actor, key=key, **part.raised)
    except ValidationError as refusal:
        form.add_error(None, refusal.messages[0])
        return False
    return True


def _notice(form: WorkContactForm, part: NeedPart) -> str:
    for name in ("__all__", "contacted_on", "next_on"):
        if form.errors.get(name):
            return str(form.errors[name][0])
    for errors in part.errors.values():
        return str(errors[0])
    return _("Please check the entries.") if form.errors else ""
