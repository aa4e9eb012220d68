"""The list's action: one decision for all report-ins that are ticked."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from checkin.enums import OPEN_STATES
from checkin.queue.decisions import decide_many
from checkin.queue.forms import BatchForm
from portal import access

MOST = 100


@admin.action(description=_("Decide for all that are ticked"))
def decide_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask which decision, then carry it out; what has to be looked at one by one stays and is counted."""
    waiting = queryset.filter(state__in=OPEN_STATES).select_related("organization", "point")
    rows = list(waiting.order_by("submitted_at", "pk")[:MOST])
    origin = rows[0].organization if rows else None
    form = BatchForm(request.POST if "decision" in request.POST else None, origin=origin)
    if rows and form.is_bound and form.is_valid():
        done, left = decide_many(keys=[row.pk for row in rows], given=form.cleaned_data, by=access.actor())
        told = ngettext("Done for %(count)d report-in.", "Done for %(count)d report-ins.", done)
        messages.success(request, told % {"count": done})
        if left:
            told = ngettext(
                "%(count)d report-in has to be looked at by itself: there is a file that may be the same person's,"
                " somebody else filled it in, or it was decided meanwhile.",
                "%(count)d report-ins have to be looked at one by one: there is a file that may be the same person's,"
                " somebody else filled them in, or they were decided meanwhile.",
                left,
            )
            messages.warning(request, told % {"count": left})
        return None
    context = screen.admin_site.each_context(request) | {
        "title": gettext("Decide for all that are ticked"),
        "opts": screen.opts,
        "form": form,
        "rows": rows,
        "most": MOST if len(rows) == MOST and waiting.count() > MOST else 0,
        "chosen": [str(row.pk) for row in rows],
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "checkin/decide_many.html", context)
