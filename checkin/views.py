"""The public page for reporting in: behind a poster's code, and behind a permanent address. Runs on the small
middleware stack of portal.public: no session, no cookie, no actor.

Every answer is made from the code and the form alone; no member is looked up, so it cannot tell who is one.
"""

import re
import uuid

from django.http import HttpRequest, HttpResponse

from checkin import limits, submissions
from checkin.codes import make_code, read_code
from checkin.forms import ReportInForm
from checkin.pages import address_of, kept_page, page, refused_size
from checkin.queue.models import WORD
from checkin.submissions import Door, PublicPoint
from portal.public import AWAY, public_page

COMMUNITY = re.compile(r"[0-9A-Za-z-]{2,40}")


@public_page
def report_in(request: HttpRequest, code: str) -> HttpResponse:
    """The form behind a poster. Reading it writes nothing; sending it writes one row at most."""
    code_id = read_code(code)
    return _unknown() if code_id is None else _answer(request, Door(code_id), code)


@public_page
def choose_community(request: HttpRequest, word: str) -> HttpResponse:
    """The communities behind a permanent address."""
    if not re.fullmatch(WORD, word):
        return _unknown()
    try:
        choices = submissions.link_choices(word)
    except AWAY:
        return page("checkin/unavailable.html", 503)
    if not choices:
        return _unknown()
    top, communities = choices[0], choices[1:]
    return page("checkin/choose_community.html", 200, word=word, top=top, communities=communities)


@public_page
def report_in_by_link(request: HttpRequest, word: str, community: str) -> HttpResponse:
    """The form of one community behind a permanent address."""
    if not re.fullmatch(WORD, word) or not COMMUNITY.fullmatch(community):
        return _unknown()
    return _answer(request, Door(word=word, community=community), f"{word}/{community}")


def _answer(request: HttpRequest, door: Door, name: str) -> HttpResponse:
    """The form of a door, or what became of a sent one; `name` is what the door is counted by."""
    try:
        if request.method != "POST":
            return _fresh_form(submissions.find_point(door))
        refused = refused_size(request)
        if refused is None and not limits.is_within_limits(code=name, address=address_of(request)):
            refused = _later(request)
        if refused is not None:
            return refused
        return _homes(request, door) if request.POST.get("step") == "find" else _submitted(request, door)
    except AWAY:
        if request.method != "POST":
            return page("checkin/unavailable.html", 503)
        # the same form again, with the same key: sending it once more can do no harm
        form = ReportInForm(request.POST)
        return page("checkin/report_in.html", 503, form=form, client_key=_form_key(form), is_retry=True)


def _submitted(request: HttpRequest, door: Door) -> HttpResponse:
    form = ReportInForm(request.POST)
    if not form.is_valid():
        return _form_page(submissions.find_point(door), form, _form_key(form))
    client_key = form.cleaned_data["client_key"]
    point, receipt = submissions.submit_report_in(door=door, client_key=client_key, given=form.cleaned_data)
    if point.state != "active":
        return _closed(point)
    code = make_code(client_key, "receipt")
    return kept_page("checkin/submitted.html", point, receipt=receipt, status_code=code)


def _homes(request: HttpRequest, door: Door) -> HttpResponse:
    """The form as it was typed, with what the tree has for the home branch. Writes nothing and judges nothing."""
    form, key = _typed(request)
    homes = submissions.find_homes(form.initial.get("home", ""))
    return _form_page(submissions.find_point(door), form, key, homes=homes, is_search=True)


def _later(request: HttpRequest) -> HttpResponse:
    """The form as it was typed, and when to send it. Asks the database nothing: the limit is there to spare it."""
    form, key = _typed(request)
    return page("checkin/report_in.html", 429, form=form, client_key=key, again_at=limits.next_window())


def _typed(request: HttpRequest) -> tuple[ReportInForm, str]:
    """The form as it was typed, not judged, and the key that it came with (a new one where it was spoilt)."""
    typed = {name: str(value) for name, value in request.POST.items() if "\0" not in value}
    try:
        key = str(uuid.UUID(typed.get("client_key", "")))
    except ValueError:
        key = str(uuid.uuid4())
    return ReportInForm(initial=typed), key


def _fresh_form(point: PublicPoint) -> HttpResponse:
    if point.state != "active":
        return _closed(point)
    return kept_page("checkin/report_in.html", point, ReportInForm, client_key=str(uuid.uuid4()))


def _form_page(point: PublicPoint, form: ReportInForm, client_key: str, **found: object) -> HttpResponse:
    if point.state != "active":
        return _closed(point)
    return page("checkin/report_in.html", 200, point=point, form=form, client_key=client_key, **found)


def _closed(point: PublicPoint) -> HttpResponse:
    return page("checkin/revoked.html", 410, point=point) if point.state == "revoked" else _unknown()


def _unknown() -> HttpResponse:
    return page("checkin/unknown.html", 404)


def _form_key(form: ReportInForm) -> str:
    """The key that the form came with, or a new one where it was spoilt."""
    form.is_valid()
    return str(form.cleaned_data.get("client_key") or uuid.uuid4())
