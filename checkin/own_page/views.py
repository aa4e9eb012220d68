"""The member's own pages behind a personal link, on the small stack of portal.public: no session, no login, no script.

Every page is made as the link's own actor. Whatever is not the phone's own link gets one neutral page.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkin.own_page import card, facts, forms, services
from checkin.own_page.entering import PAGES, Entry, people
from checkin.own_page.enums import RequestKind
from members.models import Member
from portal import access, links
from portal.limits import next_hour
from portal.link_pages import page, see_other
from portal.public import AWAY, public_page

LARGE = "large-type"
LATEST = 5
SENT = {
    "need": gettext_lazy("Your wish has arrived. Your community will get in touch with you."),
    "message": gettext_lazy("Your message has arrived."),
    "change": gettext_lazy("Thank you. The community looks at it and then changes it in your file."),
    "parcel": gettext_lazy("Thank you. Your community knows now that it arrived."),
    "journey": gettext_lazy("Thank you. Your community knows now when you come home."),
}
TOO_MANY = gettext_lazy(
    "You have sent many forms in this hour. What you typed is kept: send it again after %(time)s, or call your"
    " community."
)
OUT_OF_DATE = gettext_lazy("This page is out of date. Please send it once more.")


@dataclass(frozen=True)
class Visit:
    """One request of a phone that the page belongs to: who acts, and the own file."""

    request: HttpRequest
    token: str
    entry: Entry
    own: Member

    @property
    def actor(self) -> access.Actor:
        return self.entry.actor

    @property
    def mark(self) -> str:
        return links.form_mark(self.token, self.entry.secret)

    def is_own_form(self, mark: str) -> bool:
        return links.is_own_form(self.token, self.entry.secret, mark)

    def at(self, name: str) -> str:
        return reverse(name, args=[self.token])

    def show(self, template: str, **context: Any) -> HttpResponse:
        shared: dict[str, Any] = {"token": self.token, "own": self.own, "is_large": is_large(self.request)}
        return page(f"checkin/own/{template}", **shared, **context)

    def key(self, given: uuid.UUID, name: str) -> uuid.UUID:
        """The key of a row that a form makes."""
        return links.once_key(self.entry.row_id, name, str(given))


def _own_page(view: Callable[[Visit], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page for the phone that it belongs to, made as the link or the phone that says so."""

    @PAGES.guarded
    @wraps(view)
    def acted(request: HttpRequest, token: str, entry: Entry) -> HttpResponse:
        if not entry.is_bound:
            raise Http404
        with access.acting_as(entry.actor) as actor:
            return view(Visit(request, token, entry, services.own_file(actor)))

    return acted


def is_large(request: HttpRequest) -> bool:
    return request.COOKIES.get(LARGE) == "1"


@PAGES.guarded
def first_page(request: HttpRequest, token: str, entry: Entry) -> HttpResponse:
    """Liaison, office and what can be done; before the phone is bound, the question for the figures."""
    if not entry.is_bound:
        if not services.leads_somewhere(entry.row_id):
            raise Http404
        return PAGES.ask_pin(request, token, _note_binding)
    with access.acting_as(entry.actor) as actor:
        visit = Visit(request, token, entry, services.own_file(actor))
        if request.method == "POST":
            return _pressed(visit)
        response = visit.show(
            "home.html", office=services.office(actor), requests=services.requests(actor, LATEST), mark=visit.mark,
            reminders=services.reminders(actor), parcels=services.parcels(actor), form_key=uuid.uuid4(),
            sent=SENT.get(request.GET.get("sent", "")), has_others=len(people(request)) > 1,
        )  # fmt: skip
    if entry.actor.kind == "link":
        links.remember(request, response, token)
    return response


def _note_binding(link_id: uuid.UUID) -> None:
    with access.acting_as(access.link_actor(link_id)) as actor:
        services.note_binding(actor)


def _pressed(visit: Visit) -> HttpResponse:
    """One of the buttons of the first page."""
    if "remind" in visit.request.POST:
        return _wish(visit)
    return _arrived(visit) if "arrived" in visit.request.POST else _other_type(visit.request)


def _arrived(visit: Visit) -> HttpResponse:
    """A parcel arrived (`arrived`: its key). Pressed twice it is said once."""
    if not visit.is_own_form(visit.request.POST.get("mark", "")):
        return see_other(visit.at("own_page"))
    with suppress(ValueError):
        services.confirm_parcel(uuid.UUID(visit.request.POST["arrived"]), visit.actor)
    return see_other(f"{visit.at('own_page')}?sent=parcel")


def _wish(visit: Visit) -> HttpResponse:
    """Reminders on the own page are wanted (`remind` yes), or not any more. The office sees it in the queue."""
    form = forms.OwnForm(visit.request.POST)
    if not form.is_valid() or not visit.is_own_form(form.cleaned_data["mark"]):
        return see_other(visit.at("own_page"))
    is_wanted = visit.request.POST["remind"] == "yes"
    if services.reminders(visit.actor).is_wanted != is_wanted and services.may_send_more(visit.actor):
        _send(visit, RequestKind.REMIND if is_wanted else RequestKind.SILENCE, form.cleaned_data)
    return see_other(visit.at("own_page"))


def _other_type(request: HttpRequest) -> HttpResponse:
    """Larger type, or the usual one again: kept on the phone alone."""
    response = see_other(request.path)
    if request.POST.get("type") in ("large", "usual"):
        value = "1" if request.POST["type"] == "large" else "0"
        response.set_cookie(
            LARGE, value, max_age=links.LIFETIME, path="/m/", httponly=True, samesite="Lax", secure=settings.IS_HTTPS
        )
    return response


@public_page
def choose(request: HttpRequest) -> HttpResponse:
    """我是…: the people whose pages this phone opens. One: straight to the page; none: the neutral page."""
    try:
        found = people(request)
    except AWAY:
        return PAGES.unavailable(request)
    if not found:
        return PAGES.closed()
    if len(found) == 1:
        return see_other(reverse("own_page", args=[found[0].token]))
    return page("checkin/own/choose.html", people=found, is_large=is_large(request))


@_own_page
def my_card(visit: Visit) -> HttpResponse:
    """The card, with the code that a steward scans. A picture of it is soon worth nothing."""
    return visit.show(
        "card.html", office=services.office(visit.actor), picture=card.picture(visit.own.pk),
        number=services.card_number(visit.actor),
    )  # fmt: skip


@_own_page
def my_activities(visit: Visit) -> HttpResponse:
    rows = services.activities(visit.actor)
    today = timezone.localdate()
    return visit.show(
        "activities.html", came=[row for row in rows if row.has_come],
        ahead=sorted((row for row in rows if row.held_on >= today and not row.has_come), key=lambda row: row.held_on),
    )  # fmt: skip


@_own_page
def my_data(visit: Visit) -> HttpResponse:
    """What is stored, masked, and which unit looked at it when and why."""
    return visit.show(
        "data.html", facts=facts.of_file(visit.own), away=facts.of_movements(services.movements(visit.actor)),
        views=facts.of_views(services.views(visit.actor)),
    )  # fmt: skip


@_own_page
def raise_need(visit: Visit) -> HttpResponse:
    """Raise a need; `met` or `not_met` (a need's key): what the member says about one that was answered."""
    said = next((name for name in ("met", "not_met") if name in visit.request.POST), "")
    if said:
        if visit.is_own_form(visit.request.POST.get("mark", "")):
            need_id = visit.request.POST[said]
            services.say_whether_met(own=visit.own, need_id=need_id, is_met=said == "met", by=visit.actor)
        return see_other(visit.at("own_need"))

    def store(given: dict[str, Any]) -> None:
        services.ask_for_help(
            own=visit.own, category=given["category"], detail=given["detail"], by=visit.actor,
            key=visit.key(given["key"], "need"),
        )  # fmt: skip

    shown = {"title": _("What do you need help with?"), "needs": facts.of_needs(services.needs(visit.actor))}
    return _form(visit, forms.HelpForm, store, "need", **shown)


@_own_page
def write(visit: Visit) -> HttpResponse:
    def store(given: dict[str, Any]) -> None:
        _send(visit, RequestKind.MESSAGE, given, text=given["text"])

    return _form(
        visit, forms.MessageForm, store, "message", title=_("Write to my community"),
        office=services.office(visit.actor),
    )  # fmt: skip


@_own_page
def change(visit: Visit) -> HttpResponse:
    def store(given: dict[str, Any]) -> None:
        for kind in (RequestKind.MOBILE, RequestKind.ADDRESS):
            if given[kind.value]:
                _send(visit, kind, given, text=given[kind.value])

    return _form(
        visit, forms.ChangeForm, store, "change", title=_("New phone number or place of living"),
        hint=_("Fill in only what has changed. The community checks it before it changes your file."),
    )  # fmt: skip


@_own_page
def journey(visit: Visit) -> HttpResponse:
    def store(given: dict[str, Any]) -> None:
        _send(visit, RequestKind.JOURNEY, given, **{name: given[name] for name in ("from_on", "until_on", "text")})

    return _form(visit, forms.JourneyForm, store, "journey", title=_("I am coming home"))


@_own_page
def stop(visit: Visit) -> HttpResponse:
    """Stop the service on this phone, after a question."""
    if visit.request.method != "POST":
        return visit.show("stop.html", mark=visit.mark)
    if not visit.is_own_form(visit.request.POST.get("mark", "")):
        raise Http404
    services.stop(visit.actor)
    return page("checkin/own/stopped.html", is_large=is_large(visit.request))


def _send(visit: Visit, kind: RequestKind, given: dict[str, Any], **said: Any) -> None:
    key = visit.key(given["key"], kind.value)
    services.send_request(own=visit.own, kind=kind.value, by=visit.actor, key=key, **said)


def _form(
    visit: Visit, make: type[forms.OwnForm], store: Callable[[dict[str, Any]], None], sent: str, **shown: Any
) -> HttpResponse:
    """A form's page; what was sent and is in order is stored, and told on the first page."""
    form, status = make(visit.request.POST if visit.request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        if not visit.is_own_form(form.cleaned_data["mark"]):
            form.add_error(None, str(OUT_OF_DATE))
        elif not services.may_send_more(visit.actor):
            form.add_error(None, str(TOO_MANY) % {"time": f"{next_hour():%H:%M}"})
            status = 429
        else:
            store(form.cleaned_data)
            return see_other(f"{visit.at('own_page')}?sent={sent}")
    key = getattr(form, "cleaned_data", {}).get("key") or uuid.uuid4()
    return visit.show("form.html", status=status, form=form, form_key=key, mark=visit.mark, **shown)
