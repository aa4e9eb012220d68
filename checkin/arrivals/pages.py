"""The phone pages of a desk, rendered as checkin/pages.py does."""

import datetime as dt
import secrets
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape

from checkin import pages
from checkin.arrivals.claims import ShownDesk

BLANKS = {name: secrets.token_hex(16) for name in ("title", "place", "community")}  # nobody can have typed them
GONE = ("expired", "old page", "used", "revoked", "over", "closed")
STATUS = {"unknown": 404, "early": 403} | dict.fromkeys(GONE, 410)


def page(template: str, status: int, **context: Any) -> HttpResponse:
    return pages.page(f"checkin/arrivals/{template}", status, **context)


def state_page(state: str, desk: ShownDesk | None = None) -> HttpResponse:
    """The plain page for a code that opens nothing, whoever asks."""
    return HttpResponse(_kept("state.html", state, None if state == "unknown" else desk), status=STATUS[state])


def done_page(desk: ShownDesk, *, is_leaving: bool) -> HttpResponse:
    """The answer to what was typed: the same bytes for everybody at this desk."""
    state = "leaving" if is_leaving and desk.has_check_out else "came"
    content = _done(state, desk.held_on, bool(desk.place))
    for name, blank in BLANKS.items():
        content = content.replace(blank, escape(getattr(desk, name)))
    return HttpResponse(content)


@lru_cache(maxsize=64)
def _done(state: str, held_on: dt.date | None, has_place: bool) -> str:
    """The page with blanks for what differs from desk to desk: any number of desks costs no more rendering."""
    desk = BLANKS | {"held_on": held_on, "place": BLANKS["place"] if has_place else ""}
    return render_to_string("checkin/arrivals/done.html", {"state": state, "desk": desk, "demo": settings.DEMO})


@lru_cache(maxsize=512)
def _kept(template: str, state: str, desk: ShownDesk | None) -> bytes:
    """Rendering took a third of the time of a form sent; a changed desk is another key."""
    context = {"state": state, "desk": desk, "demo": settings.DEMO}
    return render_to_string(f"checkin/arrivals/{template}", context).encode()
