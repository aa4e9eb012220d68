"""The office's page of one personal link: what its pages in each app have in common."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.links import Issued
from portal.models import WorkLink


def given(
    request: HttpRequest, *, issue: Callable[[], Issued], revoke: Callable[[], Any]
) -> Issued | HttpResponse | None:
    """Do what the page's form asks by its `action`, issue or revoke: the new link, which the answer to this request
    alone may show; the page anew; or None where nothing was done. What is refused is said in a message."""
    action = request.POST.get("action") if request.method == "POST" else None
    if action == "revoke":
        revoke()
        messages.success(request, _("The link has been taken back. It stops working at once."))
        return HttpResponseRedirect(request.path)
    if action == "issue":
        try:
            return issue()
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
    return None


def link_context(link: WorkLink | None) -> dict[str, Any]:
    """What templates/portal/link_state.html shows of the newest link."""
    return {"link": link, "state": _state(link), "is_open": link is not None and link.closed_at is None}


def _state(link: WorkLink | None) -> str:
    if link is None:
        return _("no link yet")
    if link.closed_at is not None:
        return link.get_closed_reason_display()
    if link.expires_at <= timezone.now():
        return _("expired")
    return _("in use on one phone") if link.device_digest is not None else _("waiting for its first use")
