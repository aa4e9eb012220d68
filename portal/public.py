"""The small stack of the public pages: no session, no login, no transaction around the request."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from csp.constants import HEADER, NONE, SELF
from csp.utils import build_policy
from django.core.handlers.exception import convert_exception_to_response
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve
from django.views.decorators.gzip import gzip_page

from portal import alarm

AWAY = (OperationalError, InterfaceError)  # a store that cannot be reached; anything else is a mistake of ours
PREFIXES = ("/a/", "/bd/", "/c/", "/m/", "/s/", "/w/", "/healthz", "/readyz")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
POLICY_TEXT = build_policy(config=POLICY)

View = Callable[..., HttpResponse]


def public_page(view: View) -> Callable[..., HttpResponseBase]:
    """Strict headers, kept nowhere, and only the methods of a form."""

    @gzip_page
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in METHODS:
            response = HttpResponse(status=405)
        elif request.method == "OPTIONS":
            response = HttpResponse(status=204)
        else:
            response = view(request, *args, **kwargs)
        if response.status_code in (204, 405):
            response["Allow"] = ", ".join(METHODS)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Frame-Options"] = "DENY"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


class PublicPagesMiddleware:
    """Answer public paths here, above everything that knows users.

    The signed code in the path is the authority, so there is no session to protect against forgery; each view makes
    its own one-statement transactions. The strict policy is the same for every page, so it is written once, and stands
    on what went wrong too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer = convert_exception_to_response(self._answer)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        response = cast(HttpResponse, self.answer(request))
        response[HEADER] = POLICY_TEXT
        if not response.streaming and response.status_code != 204:
            response.setdefault("Content-Length", str(len(response.content)))  # else it is sent in pieces, one more
        return response

    @staticmethod
    def _answer(request: HttpRequest) -> HttpResponse:
        request.get_host()  # refuses a forged Host header, as CommonMiddleware does for staff pages
        view, args, kwargs = resolve(request.path_info)
        return alarm.answer(lambda asked: view(asked, *args, **kwargs), request)
