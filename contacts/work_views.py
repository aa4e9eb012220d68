"""The phone pages behind a personal work link, on the small stack of portal.public: no session, no login.

The device's cookie names nobody else, so every page is made as the link's own actor. Whatever is not the device's own
link gets one neutral page, byte for byte the same for every reason.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import visit_views, visits, work_links
from contacts.enums import ObligationState
from contacts.models import Liaison
from contacts.needs.forms import NeedPart, need_part, save_boxes
from contacts.services import log_once
from contacts.work_forms import PinForm, WorkContactForm
from portal import access, links
from portal.public import public_page

MAX_FORM_BYTES = 64 * 1024
MAX_TOKEN = 64

Page = Callable[..., HttpResponse]


def _guarded(view: Page) -> Callable[..., HttpResponseBase]:
    """One neutral answer for whatever is not there, and a plain page while the database is away."""

    @public_page
    @wraps(view)
    def answered(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if len(token) > MAX_TOKEN or not length.isdecimal() or int(length) > MAX_FORM_BYTES:
            return _neutral()
        try:
            found = links.find(token, links.device_of(request, token))
            return view(request, token, found, **kwargs) if found else _neutral()
        except Http404:
            return _neutral()
        except (OperationalError, InterfaceError):
            return _page("contacts/work/unavailable.html", 503, typed=_typed(request))

    return answered


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form sent, its key included, so that the page can send the same again; never a PIN."""
    if request.method != "POST" or "pin" in request.POST:
        return []
    return [(name, value) for name, values in request.POST.lists() for value in values]


@_guarded
def my_members(request: HttpRequest, token: str, found: links.Found) -> HttpResponse:
    """Who is to be called, the most urgent first; before the device is bound, the question for the PIN."""
    if not found.is_bound:
        return _ask_pin(request, token)
    if request.method == "POST":  # the PIN form sent again by the device that it has bound
        return HttpResponseRedirect(request.path)
    with access.acting_as(access.link_actor(found.link_id)) as actor:
        liaison = _liaison(actor)
        if visits.visits_only(actor):
            shown = visit_views.phone_list(request, token, actor)
            return _page("contacts/work/visits.html", 200, liaison=liaison, **shown)
        members = list(work_links.own_members(actor))
        for member in members:
            _add_lamp(member)
        logged = request.GET.get("logged", "")
        return _page(
            "contacts/work/members.html", 200, liaison=liaison, token=token, groups=work_links.by_urgency(members),
            count=len(members), logged=next((member for member in members if str(member.pk) == logged), None),
        )  # fmt: skip


def _ask_pin(request: HttpRequest, token: str) -> HttpResponse:
    mark, notice = links.form_mark(token, ""), ""
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.is_valid() and links.is_own_form(token, "", form.cleaned_data["mark"]):
            tried = links.try_pin(token, form.cleaned_data["pin"])
            if tried is None or tried.tries_left == 0:
                return _neutral()
            if tried.link_id:
                return _bound(request, token, tried)
            notice = _("This PIN is wrong. Tries left: %(count)d.") % {"count": tried.tries_left}
        else:
            notice = _("Please type the six digits.")
    return _page("contacts/work/pin.html", 200, mark=mark, notice=notice)


def _bound(request: HttpRequest, token: str, tried: links.Tried) -> HttpResponse:
    with access.acting_as(access.link_actor(tried.link_id)) as actor:  # type: ignore[arg-type]
        work_links.note_binding(actor, _liaison(actor))
    response = HttpResponseRedirect(request.path)
    response.status_code = 303
    links.bind_device(response, token, tried.device)
    return response


@_guarded
def one_member(request: HttpRequest, token: str, found: links.Found, pk: uuid.UUID) -> HttpResponse:
    """Call one member, and log the contact."""
    if not found.is_bound:
        raise Http404
    device = links.device_of(request, token)
    with access.acting_as(access.link_actor(found.link_id)) as actor:
        liaison = _liaison(actor)
        if visits.visits_only(actor):
            shown = visit_views.phone_visit(request, token, device, pk, actor)
            return shown if isinstance(shown, HttpResponse) else _page("contacts/work/visit.html", 200, **shown)
        member = work_links.access_own(actor, pk)
        home = work_links.household(actor, member)
        sent = request.POST if request.method == "POST" else None
        form = WorkContactForm(sent, member=member, actor=actor, home=home)
        part = need_part(sent, member, actor)
        typed = (form, part)
        if form.is_bound and form.is_valid() & part.is_valid() and _is_logged(typed, token, device, found, member):
            response = HttpResponseRedirect(f"{reverse('work_members', args=[token])}?logged={member.pk}")
            response.status_code = 303
            return response
        _add_lamp(member)
        mobile, why_not = work_links.number_to_call(member, actor)
        return _page(
            "contacts/work/member.html", 200, liaison=liaison, token=token, member=member, form=form,
            mobile=mobile, why_not=why_not, mark=links.form_mark(token, device),
            key=_key(form), notice=_notice(form, part), need_part=part,
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


def _neutral() -> HttpResponse:
    return _page("contacts/work/closed.html", 404)


def _page(template: str, status: int, **context: Any) -> HttpResponse:
    # without the request: no context processor may ask who is logged in
    return HttpResponse(render_to_string(template, {"demo": settings.DEMO, **context}), status=status)
