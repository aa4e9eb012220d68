"""The page of what one was told (站内消息), and the number of the bell in the header."""

import uuid
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.channels.reading import MOST_UNREAD, count_unread, mark_read, read_page, unread_keys
from contacts.mails import REPORT_INS_PAGE, list_address
from contacts.models import Digest
from portal import access

PER_PAGE = 10


@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What the reader was told, the latest first. `read` marks one digest, or all of them ("all")."""
    actor = access.actor()
    if request.method == "POST":
        mark_read(_posted(request, actor), by=actor)
        return redirect("contacts:inbox")
    page = Paginator(Digest.objects.inbox_of(actor), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Messages for me"),
        "told": read_page(list(page.object_list), actor),
        "page": page,
        "report_ins_link": list_address(REPORT_INS_PAGE),
    }
    return TemplateResponse(request, "contacts/channels/inbox.html", context)


def _posted(request: HttpRequest, actor: access.Actor) -> list[uuid.UUID]:
    wanted = request.POST.get("read", "")
    if wanted == "all":
        return list(unread_keys(actor))
    try:
        return [uuid.UUID(wanted)] if wanted else []
    except ValueError:
        raise Http404 from None


def bell() -> str:
    """The number on the bell: unread digests of whoever acts, "" for none."""
    count = count_unread(access.current())
    return f"{MOST_UNREAD - 1}+" if count >= MOST_UNREAD else str(count or "")
