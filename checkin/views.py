"""The public page of a code. Runs on the small middleware stack of portal.public: no session, no cookie, no actor.

Every answer is made from the code and the form alone; no member is looked up, so it cannot tell who is one.
"""

import secrets
import uuid
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from checkin import limits, submissions
from checkin.codes import read_code
from checkin.forms import ReportInForm
from checkin.submissions import PublicPoint
from portal.public import public_page

MAX_FORM_BYTES = 8 * 1024
BLANK = secrets.token_hex(16)  # where a kept page has its receipt number or form key; nobody can have typed it


@public_page
def report_in(request: HttpRequest, code: str) -> HttpResponse:
    """The form behind a poster. Reading it writes nothing; sending it writes one row at most."""
    code_id = read_code(code)
    if code_id is None:
        return _page("checkin/unknown.html", 404)
    if request.method == "POST":
        return _submitted(request, code, code_id)
    try:
        point = submissions.find_point(code_id)
        return _ready_page("checkin/report_in.html", point) if point.state == "active" else _closed(point)
    except (OperationalError, InterfaceError):
        return _page("checkin/unavailable.html", 503)


def _submitted(request: HttpRequest, code: str, code_id: uuid.UUID) -> HttpResponse:
    if not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
        return _page("checkin/too_large.html", 400)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FORM_BYTES:
        return _page("checkin/too_large.html", 413)
    if not limits.is_within_limits(code=code, address=_address(request)):
        return _page("checkin/limited.html", 429)
    form = ReportInForm(request.POST)
    try:
        if not form.is_valid():
            return _form_page(submissions.find_point(code_id), form, _form_key(form))
        given = form.cleaned_data
        point, receipt = submissions.submit_report_in(
            code_id=code_id, client_key=given["client_key"], name=given["name"], mobile=given["mobile"]
        )
    except (OperationalError, InterfaceError):
        # the same form again, with the same key: sending it once more can do no harm
        return _page("checkin/report_in.html", 503, form=form, client_key=_form_key(form), is_retry=True)
    if point.state != "active":
        return _closed(point)
    return _ready_page("checkin/submitted.html", point, receipt)


def _form_page(point: PublicPoint, form: ReportInForm, client_key: str) -> HttpResponse:
    if point.state != "active":
        return _closed(point)
    return _page("checkin/report_in.html", 200, point=point, form=form, client_key=client_key)


def _closed(point: PublicPoint) -> HttpResponse:
    if point.state == "revoked":
        return _page("checkin/revoked.html", 410, point=point)
    return _page("checkin/unknown.html", 404)


def _form_key(form: ReportInForm) -> str:
    """The key that the form came with, or a new one where it was spoilt."""
    return str(getattr(form, "cleaned_data", {}).get("client_key") or uuid.uuid4())


def _address(request: HttpRequest) -> str:
    direct = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:  # a proxy is in front; what it appended last is who asked it
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or direct
    return direct


def _page(template: str, status: int, **context: Any) -> HttpResponse:
    # without the request: no context processor may ask who is logged in
    return HttpResponse(render_to_string(template, {"demo": settings.DEMO, **context}), status=status)


def _ready_page(template: str, point: PublicPoint, number: str = "") -> HttpResponse:
    """A page that differs from the point's others only by a receipt number, or by the key of a fresh form."""
    return HttpResponse(_rendered(template, point).replace(BLANK, number or str(uuid.uuid4())))


@lru_cache(maxsize=512)
def _rendered(template: str, point: PublicPoint) -> str:
    """Rendering took a third of the time of a form sent; a changed point is another key."""
    blank = {"receipt": BLANK, "client_key": BLANK, "form": ReportInForm(), "point": point, "demo": settings.DEMO}
    return render_to_string(template, blank)
