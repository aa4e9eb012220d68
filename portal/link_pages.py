"""What the phone pages behind personal links have in common: who gets in, the PIN, one neutral answer for all else."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal import links
from portal.public import AWAY, public_page

MAX_FORM_BYTES = 64 * 1024
MAX_TOKEN = 64

View = Callable[..., HttpResponse]


def page(template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page made without the request: no context processor may ask who is logged in."""
    return HttpResponse(render_to_string(template, {"demo": settings.DEMO, **context}), status=status)


def see_other(address: str) -> HttpResponse:
    """After a form: to be fetched anew, so that reloading sends nothing twice."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@dataclass(frozen=True)
class LinkPages:
    """The pages of one kind of person (portal.models.LinkSubject). `templates`: the folder with closed.html (shown for
    whatever is not there), unavailable.html and pin.html; `pin`: what the figures that are asked for look like,
    `hint`: what is said to somebody who typed something else."""

    kind: str
    templates: str
    pin: re.Pattern[str]
    hint: str | Promise

    def guarded(self, view: View) -> Callable[..., HttpResponseBase]:
        """`view(request, token, found, …)` for a link in force; byte for byte the same page for all other reasons."""

        @public_page
        @wraps(view)
        def answered(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if len(token) > MAX_TOKEN or not length.isdecimal() or int(length) > MAX_FORM_BYTES:
                return self.closed()
            try:
                found = self.find(request, token)
                return view(request, token, found, **kwargs) if found else self.closed()
            except (Http404, PermissionDenied):
                return self.closed()
            except AWAY:
                return self.unavailable(request)

        return answered

    def find(self, request: HttpRequest, token: str) -> Any:
        """What stands behind the address for this phone; None alike for every reason there may be."""
        return links.find(token, links.device_of(request, token), self.kind)

    def ask_pin(self, request: HttpRequest, token: str, when_bound: Callable[[uuid.UUID], None]) -> HttpResponse:
        """The question for the figures; the right ones bind the phone, are written down and lead to the first page."""
        mark, notice = links.form_mark(token, ""), ""
        if request.method == "POST":
            given = self.pin.fullmatch(request.POST.get("pin", "").strip())
            if given and links.is_own_form(token, "", request.POST.get("mark", "")):
                tried = links.try_pin(token, given[0])
                if tried is None or tried.tries_left == 0:
                    return self.closed()
                if tried.link_id:
                    when_bound(tried.link_id)
                    response = see_other(request.path)
                    links.bind_device(response, token, tried.device)
                    return response
                notice = _("This PIN is wrong. Tries left: %(count)d.") % {"count": tried.tries_left}
            else:
                notice = str(self.hint)
        return page(f"{self.templates}/pin.html", mark=mark, notice=notice)

    def unavailable(self, request: HttpRequest) -> HttpResponse:
        """What was sent stays on the page, key included, to be sent again as it was; never a PIN."""
        keeps = request.method == "POST" and "pin" not in request.POST
        typed = [(name, value) for name, values in request.POST.lists() for value in values] if keeps else []
        return page(f"{self.templates}/unavailable.html", 503, typed=typed)

    def closed(self) -> HttpResponse:
        return page(f"{self.templates}/closed.html", 404)
