"""The phone pages behind a personal work link, on the small stack of portal.public: no session, no login.

The device's cookie names nobody else, so every page is made as the link's own actor. Whatever is not the device's own
link gets one neutral page, byte for byte the same for every reason.
"""

import datetime as dt
import re
import uuid
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import visit_views, visits, work_links
from contacts.copy_texts import text_to_person
from contacts.dates import on_phone
from contacts.enums import ObligationState
from contacts.models import Liaison
from contacts.needs.forms import NeedPart, need_part, save_boxes
from contacts.services import log_once
from contacts.work_forms import WorkContactForm
from portal import access, links
from portal.link_pages import LinkPages, page, see_other
from portal.models import LinkSubject

PAGES = LinkPages(
    LinkSubject.LIAISON, "contacts/work", re.compile("[0-9]{6}"), gettext_lazy("Please type the six digits.")
)


tools: list[tuple[str | Promise, str]] = []
"""Hooks: what else whoever holds a work link can do, as (label, name of the address)."""


@PAGES.guarded
def my_members(request: HttpRequest, token: str, found: links.Found) -> HttpResponse:
    """Who is to be called, the most urgent first; before the device is bound, the question for the PIN."""
    if not found.is_bound:
        return PAGES.ask_pin(request, token, _note_binding)
    device = links.device_of(request, token)
    if request.method == "POST" and links.is_own_form(token, device, request.POST.get("mark", "")):
        with access.acting_as(access.link_actor(found.link_id)) as actor:
            on_phone.tick_off(request.POST.get("date", ""), by=actor)
        return see_other(request.path)
    if request.method == "POST":  # the PIN form sent again by the device that it has bound
        return HttpResponseRedirect(request.path)
    with access.acting_as(access.link_actor(found.link_id)) as actor:
        liaison = _liaison(actor)
        if visits.visits_only(actor):
            shown = visit_views.phone_list(request, token, actor)
            response = page("contacts/work/visits.html", liaison=liaison, tools=tools, **shown)
            links.remember(request, response, token)
            return response
        members = list(work_links.own_members(actor))
        for member in members:
            _add_lamp(member)
        logged = request.GET.get("logged", "")
        response = page(
            "contacts/work/members.html", liaison=liaison, token=token, groups=work_links.by_urgency(members),
            count=len(members), logged=next((member for member in members if str(member.pk) == logged), None),
            tools=tools, dates=on_phone.near_dates(actor, timezone.localdate()), mark=links.form_mark(token, device),
        )  # fmt: skip
    links.remember(request, response, token)
    return response


def _note_binding(link_id: uuid.UUID) -> None:
    with access.acting_as(access.link_actor(link_id)) as actor:
        work_links.note_binding(actor, _liaison(actor))


@PAGES.guarded
def one_member(request: HttpRequest, token: str, found: links.Found, pk: uuid.UUID) -> HttpResponse:
    """Call one member, and log the contact."""
    if not found.is_bound:
        raise Http404
    device = links.device_of(request, token)
    with access.acting_as(access.link_actor(found.link_id)) as actor:
        liaison = _liaison(actor)
        if visits.visits_only(actor):
            shown = visit_views.phone_visit(request, token, device, pk, actor)
            return shown if isinstance(shown, HttpResponse) else page("contacts/work/visit.html", **shown)
        member = work_links.access_own(actor, pk)
        home = work_links.household(actor, member)
        sent = request.POST if request.method == "POST" else None
        form = WorkContactForm(sent, member=member, actor=actor, home=home)
        part = need_part(sent, member, actor)
        typed = (form, part)
        if form.is_bound and form.is_valid() & part.is_valid() and _is_logged(typed, token, device, found, member):
            return see_other(f"{reverse('work_members', args=[token])}?logged={member.pk}")
        _add_lamp(member)
        mobile, why_not = work_links.number_to_call(member, actor)
        return page(
            "contacts/work/member.html", liaison=liaison, token=token, member=member, form=form,
            mobile=mobile, why_not=why_not, mark=links.form_mark(token, device),
            key=_key(form), notice=_notice(form, part), need_part=part,
            copy_text=text_to_person(member.organization, liaison.name),
            today=timezone.localdate().isoformat(), home=home,
        )  # fmt: skip


def _is_logged(
    typed: tuple[WorkContactForm, NeedPart], token: str, device: str, found: links.Found, member: Any
) -> bool:
    form, actor = typed[0], access.actor()
    if not links.is_own_form(token, device, form.cleaned_data["mark"]):
        form.add_error(None, _("This page is out of date. Please send it once more."))
        return False
    try:
        with transaction.atomic():  # all of a household or nobody
            for one in (member, *form.others):
                key = links.once_key(found.link_id, str(one.pk), str(form.cleaned_data["key"]))
                # what is said in the further boxes is about the one whose page it is
                extra = partial(save_boxes, typed=typed, by=actor) if one is member else None
                log_once(member=one, by=actor, then=extra, key=key, **form.contact)
    except PermissionDenied:
        raise Http404 from None
    except ValidationError as refusal:
        form.add_error(None, refusal.messages[0])
        return False
    return True


def _notice(form: WorkContactForm, part: NeedPart) -> str:
    """What to tell above the form: the one sentence that helps, or that something is wrong with it."""
    for name in ("__all__", "contacted_on", "next_on", "new_mobile"):
        if form.errors.get(name):
            return str(form.errors[name][0])
    for errors in part.errors.values():
        return str(errors[0])
    return _("Please check the entries.") if form.errors else ""


def _key(form: WorkContactForm) -> str:
    """The key that the form came with, or a new one where it was spoilt."""
    return str(getattr(form, "cleaned_data", {}).get("key") or uuid.uuid4())


def _liaison(actor: access.Actor) -> Liaison:
    liaison = work_links.acting_liaison(actor)
    if liaison is None:
        raise Http404
    return liaison


def _add_lamp(member: Any, today: dt.date | None = None) -> None:
    """`member.lamp`: an ObligationState, or None where nobody has to make contact. The limits of with_state()."""
    today = today or timezone.localdate()
    member.lamp = None
    if member.due_on is not None:
        late, due = member.limit_on <= today, member.due_on <= today
        member.lamp = ObligationState.OVERDUE if late else ObligationState.DUE if due else ObligationState.NORMAL
        if member.paused_until is not None and member.paused_until >= today:
            member.lamp = ObligationState.PAUSED
