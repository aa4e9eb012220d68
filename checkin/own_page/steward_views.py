"""What a steward gets who scans a member's card with WeChat's scanner, or types its figures: the work link on the phone
says who asks. Everybody else gets the neutral page."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.own_page import card
from checkin.own_page.entering import PAGES
from portal import access, links
from portal.asking import ask_database, ask_rows
from portal.limits import HourlyCounter, next_hour
from portal.link_pages import page, see_other
from portal.models import LinkSubject
from portal.public import AWAY, public_page

TRIES_AN_HOUR = 60
_tries = HourlyCounter("card figures")


@public_page
def scanned(request: HttpRequest, code: str) -> HttpResponse:
    """确认签到: the name to be compared with the person, and the check-ins that are open. POST `desk` signs in."""
    member = card.read_code(code, timezone.localdate())
    if member is None:
        return PAGES.closed()
    return _as_steward(request, lambda token, actor: _one_card(request, token, actor, member))


@public_page
def typed(request: HttpRequest) -> HttpResponse:
    """The figures below a code that cannot be scanned."""
    return _as_steward(request, lambda _token, actor: _figures(request, actor))


def _as_steward(request: HttpRequest, answer: Callable[[str, access.Actor], HttpResponse]) -> HttpResponse:
    """The answer, made as the first work link in force on this phone; the neutral page where there is none."""
    try:
        for token in links.held(request):
            found = links.find(token, links.device_of(request, token), LinkSubject.LIAISON)
            if found is not None and found.is_bound:
                with access.acting_as(access.link_actor(found.link_id)) as actor:
                    return answer(token, actor)
    except (Http404, PermissionDenied):
        pass
    except AWAY:
        return PAGES.unavailable(request)
    return PAGES.closed()


def _one_card(request: HttpRequest, token: str, actor: access.Actor, member: uuid.UUID) -> HttpResponse:
    secret, notice = links.device_of(request, token), ""
    desks = [dict(zip(("name", "id", "title", "has_come"), row, strict=True)) for row in ask_rows("card_desks", member)]
    if request.method == "POST":
        if links.is_own_form(token, secret, request.POST.get("mark", "")):
            _sign_in(request.POST.get("desk", ""), desks, member)
            return see_other(request.path)
        notice = _("This page is out of date. Please send it once more.")
    mark = links.form_mark(token, secret)
    return page("checkin/own/scanned.html", desks=desks, mark=mark, notice=notice)


def _sign_in(desk: str, desks: list[dict[str, Any]], member: uuid.UUID) -> None:
    chosen = next((row["id"] for row in desks if str(row["id"]) == desk), None)
    if chosen is None:
        raise Http404
    ask_database("confirm_card", uuid.uuid4(), chosen, member)  # one standing line for each desk and member


def _figures(request: HttpRequest, actor: access.Actor) -> HttpResponse:
    notice, status, figures = "", 200, ""
    if request.method == "POST":
        figures = "".join(sign for sign in request.POST.get("figures", "")[:20] if not sign.isspace())
        if _tries.count(str(actor)) > TRIES_AN_HOUR:
            notice = _("You have tried many figures in this hour. Please try again after %(time)s.")
            notice, status = notice % {"time": f"{next_hour():%H:%M}"}, 429
        else:
            member = ask_database("card_of_number", figures) if figures.isascii() and len(figures) == 8 else None
            if member is not None:
                return see_other(reverse("own_card_scanned", args=[card.make_code(member, timezone.localdate())]))
            notice = _("Nobody was found with these figures. Is the check-in open, and is the card of today?")
    return page("checkin/own/figures.html", status, notice=notice, figures=figures if status == 429 else "")
