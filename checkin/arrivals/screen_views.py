"""The codes of a desk as staff show them: on a screen, where they change, and on a poster."""

import base64
import time
import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checkin.arrivals.codes import SPAN_SECONDS, make_code
from checkin.arrivals.enums import Assurance
from checkin.arrivals.list_views import access_desk
from checkin.arrivals.models import Desk
from checkin.qr import qr_png

SPANS_AHEAD = 12  # three minutes of codes: so long the screen goes on by itself while its network is away


@require_safe
def screen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The full-screen page. With JavaScript it fetches codes ahead; without it the page loads itself anew."""
    desk, now = access_desk(pk), time.time()
    return _bare(
        request, "screen.html", desk, title=_("Check-in code"), image=_image(_address(desk, int(now // SPAN_SECONDS))),
        state=desk.state_at(timezone.now()), typed=typed_address(), codes=reverse("checkin:desk_codes", args=[desk.pk]),
    )  # fmt: skip


@require_safe
def codes(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The codes of the next minutes: {now, span, state, codes: [[number of the span, image], …]}; seconds of the
    server's clock."""
    desk, now = access_desk(pk), time.time()
    first = int(now // SPAN_SECONDS)
    ahead = [[number, _image(_address(desk, number))] for number in range(first, first + SPANS_AHEAD)]
    state = desk.state_at(timezone.now())
    response = JsonResponse({"now": now, "span": SPAN_SECONDS, "state": state, "codes": ahead})
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def poster(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One page to print: the static code and the digits to type."""
    desk = access_desk(pk)
    address = _address(desk, desk.poster_number, Assurance.POSTER) if desk.poster_number else ""
    digits = f"{desk.typed_code[:4]} {desk.typed_code[4:]}"
    return _bare(
        request, "poster.html", desk, title=_("Check-in poster"), image=_image(address) if address else "",
        digits=digits, typed=typed_address(),
    )  # fmt: skip


def typed_address() -> str:
    """What people type who cannot scan, without the https:// that a phone adds."""
    return (settings.BASE_URL + reverse("type_code")).split("://", 1)[-1]


def _address(desk: Desk, number: int, assurance: Assurance = Assurance.SCREEN) -> str:
    return settings.BASE_URL + reverse("check_in", args=[make_code(desk.pk, assurance, number)])


def _image(address: str) -> str:
    return "data:image/png;base64," + base64.b64encode(qr_png(address, module=10)).decode()


def _bare(request: HttpRequest, template: str, desk: Desk, **context: object) -> HttpResponse:
    response = TemplateResponse(
        request, f"checkin/arrivals/{template}", {"desk": desk, "demo": settings.DEMO} | context
    )
    response["Cache-Control"] = "private, no-store"
    return response
