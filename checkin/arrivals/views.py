"""The phone pages of check-in at an activity, on the small stack of portal.public: no session, no login.

Reading a page stores nothing; sending its form stores one scan at most. What is typed meets no file here: whose it is
is worked out later (checkin/arrivals/matching.py), so body, status, length and statements are the same for everybody.
A phone that was confirmed before is greeted by name and types nothing.
"""

import time
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from checkin import devices, limits
from checkin.arrivals import claims
from checkin.arrivals.claims import Sent, ShownDesk
from checkin.arrivals.codes import DeskCode, is_ticket, make_code, make_ticket, read_code
from checkin.arrivals.enums import Assurance
from checkin.arrivals.forms import Entry, TypedCodeForm, read_entry
from checkin.arrivals.pages import done_page, page, state_page
from checkin.pages import address_of, refused_size
from portal.link_pages import see_other
from portal.public import AWAY, public_page


@public_page
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """The form behind a code, and what becomes of it."""
    read = read_code(code)
    if read is None:
        return state_page("unknown")
    if request.method == "POST":
        return _sent(request, code, read)
    if not read.is_in_time(time.time()):
        return state_page("expired")
    secret = devices.secret_of(request)
    try:
        desk, people = claims.find_desk(read, devices.digest(secret))
    except AWAY:
        return page("away.html", 503)
    if desk.state != "open":
        return state_page(desk.state, desk)
    key = uuid.uuid4()
    response = _form_page(Entry(key, make_ticket(code, key, time.time())), desk, people=people)
    if not secret:
        devices.leave(response)
    return response


def _sent(request: HttpRequest, code: str, read: DeskCode) -> HttpResponse:
    device = devices.digest(devices.secret_of(request))
    refused = refused_size(request)
    if refused is not None:
        return refused
    entry = read_entry(request.POST)
    # before the limits: what an old photograph sends takes nobody's place
    if not is_ticket(entry.ticket, code, entry.key, time.time()):
        return state_page("expired" if read.poster is None else "old page")
    if not limits.may_check_in(desk=str(read.desk_id), address=address_of(request), device=device):
        return _form_page(entry, None, 429, is_retry=True, again_at=limits.next_window())
    answer = _again if entry.mistakes else _answer
    try:
        return answer(read, entry, device)
    except AWAY:
        # the same form again, with the same key: sending it once more can do no harm
        return _form_page(entry, None, 503, is_retry=True)


def _answer(read: DeskCode, entry: Entry, device: bytes | None) -> HttpResponse:
    typed = {} if entry.known else {"name": entry.name, "mobile": entry.mobile}
    sent = Sent(entry.key, **typed, known=entry.known, is_leaving=entry.is_leaving)
    desk, person = claims.check_in(read, sent, device)
    if desk.state == "stranger":
        return _form_page(Entry(entry.key, entry.ticket), desk, is_stranger=True)
    if desk.state != "open":
        return state_page(desk.state, desk)
    if person:
        is_out = entry.is_leaving and desk.has_check_out
        return page("done.html", 200, desk=desk, person=person, state="leaving" if is_out else "came")
    return done_page(desk, is_leaving=entry.is_leaving)


def _again(read: DeskCode, entry: Entry, device: bytes | None) -> HttpResponse:
    """The form with its mistakes marked."""
    desk, _people = claims.find_desk(read, device)
    return _form_page(entry, desk) if desk.state == "open" else state_page(desk.state, desk)


def _form_page(entry: Entry, desk: ShownDesk | None, status: int = 200, **more: Any) -> HttpResponse:
    """A form with its ticket; one that is shown again keeps the ticket it came with, or ten minutes would never end."""
    return page("form.html", status, desk=desk, entry=entry, **more)


@public_page
def type_code(request: HttpRequest) -> HttpResponse:
    """For whoever cannot scan: eight digits instead of the poster's code."""
    form = TypedCodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return page("typed.html", 200, form=form)
    if not limits.may_type_code(address=address_of(request)):
        return page("typed.html", 429, form=form, again_at=limits.next_window())
    try:
        found = claims.desk_of_typed(form.cleaned_data["digits"]) if form.is_valid() else None
    except AWAY:
        return page("away.html", 503)
    if found is None:
        return page("typed.html", 200, form=form, is_wrong=True)
    return see_other(reverse("check_in", args=[make_code(found[0], Assurance.POSTER, found[1])]))
