"""The running state in words, for the operator: the same answers as /readyz."""

import json

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.health import readyz
from portal.navigation import is_operator


@require_safe
def running_state(request: HttpRequest) -> HttpResponse:
    """Database, Redis and worker, each with a sentence; there is no such page for anybody but operators."""
    if not is_operator(request):
        raise Http404
    state = json.loads(readyz(request).content)
    parts = [
        (_("Database"), state["database"], _("It does not answer: look at the log folder of the portal.")),
        (_("Redis (queue and cache)"), state["redis"], _("It does not answer: reminders wait until it does.")),
        (_("Background work (reminders)"), state["worker"], _("Not heard of for two minutes: restart the portal.")),
    ]
    context = admin.site.each_context(request) | {"title": _("Running state"), "parts": parts}
    return TemplateResponse(request, "portal/status.html", context)
