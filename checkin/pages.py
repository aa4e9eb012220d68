"""How public pages are rendered: without the request, so that no context processor may ask who is logged in."""

import secrets
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

MAX_FORM_BYTES = 8 * 1024
# Where a kept page has its receipt number, form key or code; nobody can have typed them.
BLANKS = {name: f"{name[0]}{secrets.token_hex(16)}" for name in ("receipt", "client_key", "status_code")}


def page(template: str, status: int, /, **context: Any) -> HttpResponse:
    """A page made for this answer."""
    return HttpResponse(render_to_string(template, {"demo": settings.DEMO, **context}), status=status)


def kept_page(template: str, place: Any, form: Any = None, **texts: str) -> HttpResponse:
    """A page that differs from the others of its place by these texts alone (`BLANKS`)."""
    content = _rendered(template, place, form)
    for name, text in texts.items():
        content = content.replace(BLANKS[name], text)
    return HttpResponse(content)


@lru_cache(maxsize=512)
def _rendered(template: str, place: Any, form: Any) -> str:
    """Rendering took a third of the time of a form sent; a changed place is another key. `form` is a class."""
    context = BLANKS | {"point": place, "form": form() if form else None, "demo": settings.DEMO}
    return render_to_string(template, context)


def refused_size(request: HttpRequest) -> HttpResponse | None:
    """A page for a form that is too long to be one of ours; None for one that may be read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return page("checkin/too_large.html", 400)
    return page("checkin/too_large.html", 413) if int(length) > MAX_FORM_BYTES else None


def address_of(request: HttpRequest) -> str:
    """Whose address a request came from."""
    direct = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:  # a proxy is in front; what it appended last is who asked it
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or direct
    return direct
