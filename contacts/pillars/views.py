"""The page 三联三帮三促, its file, and the page on which an office sets its own pillars."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.models import ContactObligation
from contacts.pillars import services
from contacts.pillars.exporting import export_pillars
from contacts.pillars.figures import pillar_report
from contacts.pillars.forms import PartsFormSet, initial_lines
from contacts.pillars.metrics import EXPLAINED, Metric
from contacts.reports.choosing import asked, asked_node, offices, tools
from portal import access
from portal.downloads import file_response


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The shares of one organization and those right below it; POST sends them as a file."""
    node, period = asked(request)
    found = pillar_report(node, period)
    if request.method == "POST":
        return file_response(*export_pillars(found, by=access.actor()))
    context = _frame(request) | tools(node, period) | {
        "report": found,
        "may_set": access.may(services.SETS, node),
        "explained": [(Metric(code).label, EXPLAINED[Metric(code)]) for code in _used(found.scheme)],
    }  # fmt: skip
    return TemplateResponse(request, "contacts/pillars/report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Set the pillars of one organization; `reset` lets those above hold again. 403 for who does not administer it."""
    node = asked_node(request, services.SETS)
    scheme = services.scheme_of(node)
    meanwhile: tuple[services.Pillar, ...] = ()
    lines = PartsFormSet(request.POST if request.method == "POST" else None, initial=initial_lines(scheme))
    if request.method == "POST":
        is_reset = "reset" in request.POST
        try:
            if is_reset or lines.is_valid():
                parts = [] if is_reset else lines.parts()
                services.set_scheme(node, parts, shown=request.POST.get("shown", ""), by=access.actor())
                messages.success(request, _("Stored."))
                return redirect(f"{reverse('contacts:pillars')}?{urlencode({'organization': node.code})}")
        except ValidationError as refusal:  # the own lines stay; saving again is then a choice
            messages.error(request, refusal.messages[0])
            meanwhile = scheme.pillars
    context = _frame(request) | {
        "title": _("Set the pillars"),
        "node": node,
        "scheme": scheme,
        "lines": lines,
        "meanwhile": meanwhile,
        "offices": offices(services.SETS),
        "explained": [(one.label, EXPLAINED[one]) for one in Metric],
    }  # fmt: skip
    return TemplateResponse(request, "contacts/pillars/settings.html", context)


def _used(scheme: services.Scheme) -> list[str]:
    """The metrics of the pillars, each once, in their order."""
    return list(dict.fromkeys(part.metric for pillar in scheme.pillars for part in pillar.parts))


def _frame(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request) | {
        "title": _("Pillars of the work"),
        "opts": ContactObligation._meta,
        "app_label": ContactObligation._meta.app_label,
    }
