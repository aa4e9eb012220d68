"""The small stack of the public pages: no session, no login, no transaction around the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PREFIXES = ("/c/", "/healthz", "/readyz")


class PublicPagesMiddleware:
    """Answer public paths here, below the security headers and above everything that knows users.

    The signed code in the path is the authority, so there is no session to protect against forgery; each view makes
    its own one-statement transactions.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        request.get_host()  # refuses a forged Host header, as CommonMiddleware does for staff pages
        view, args, kwargs = resolve(request.path_info)
        return view(request, *args, **kwargs)
