"""The page of needs by kind and community, and the same as a file."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.needs import analysis
from contacts.needs.models import Need
from portal import access
from portal.downloads import file_response
from portal.models import AuditEntry


def _asked(request: HttpRequest) -> analysis.Table:
    return analysis.count_needs(*analysis.choose(request.GET.get("node", ""), request.GET.get("period", "")))


@require_http_methods(["GET", "HEAD"])
def page(request: HttpRequest) -> HttpResponse:
    """Needs by kind and community in a quarter or a year. 403 for whoever may see no totals."""
    table = _asked(request)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Needs by kind and community"),
        "table": table,
        "nodes": analysis.nodes(),
        "periods": analysis.periods(table.node),
        "opts": Need._meta,
        "app_label": Need._meta.app_label,
    }
    return TemplateResponse(request, "contacts/needs/analysis.html", context)


@require_http_methods(["GET", "HEAD"])
def file(request: HttpRequest) -> HttpResponse:
    """The same as xlsx; who took it is recorded."""
    table = _asked(request)
    content = analysis.as_xlsx(table, str(request.user))
    AuditEntry.objects.create(
        actor=str(access.actor()), action="export_need_counts", organization=table.node,
        object_type="portal.organization", object_id=table.node.pk, detail={"format": "xlsx"},
    )  # fmt: skip
    return file_response(f"{_('Needs')}-{table.period.code}.xlsx", content)
