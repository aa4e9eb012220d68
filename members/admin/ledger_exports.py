"""Exports that take two persons: what waits, the decision of the second person, and fetching the file once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from members import exporting
from members.enums import ExportState
from members.models import LedgerExport
from members.resources import HEADERS
from portal import access
from portal.downloads import file_response
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin

MOST_SHOWN = 50


class DecisionForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("A word to whoever asks (optional)"), max_length=200, required=False,
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip


@admin.register(LedgerExport)
class LedgerExportAdmin(ScopedModelAdmin):
    """The list names what waits and what was fetched; a row is the decision, or the way to the file."""

    rights = {"view": Right.EXPORT_LEDGER}

    def get_urls(self) -> list[Any]:
        fetch = self.admin_site.admin_view(self.fetch_view)
        return [path("<uuid:pk>/file/", fetch, name="members_ledgerexport_file"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("organization", "asked_by", "decided_by")[:MOST_SHOWN]
        shown = [self._told(row) for row in rows]
        return self._page(request, "list.html", title=_("Exports of ledgers"), rows=shown)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("admin:members_ledgerexport_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        export = self._export(request, object_id)
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._decide(request, export, form.cleaned_data["answer"])
        fields = [str(HEADERS.get(name, name)) for name in export.fields]
        context = {"export": self._told(export), "form": form, "fields": fields, "deciders": []}
        if export.is_open and export.is_mine:
            context["deciders"] = exporting.deciders(export)
        return self._page(request, "one.html", title=_("Export of a ledger"), **context)

    def fetch_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The file, once; an address that is only looked at uses nothing up."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        export = self._export(request, str(pk))
        try:
            return file_response(*exporting.fetch_export(export))
        except ValidationError as problem:
            messages.error(request, problem.message)
        except PermissionDenied:
            messages.error(request, _("This file can no longer be fetched. Please export anew."))
        return redirect("admin:members_ledgerexport_change", export.pk)

    def _decide(self, request: HttpRequest, export: Any, answer: str) -> HttpResponse:
        asked = request.POST.get("decision")
        if asked not in ("approve", "refuse", "withdraw"):
            return redirect("admin:members_ledgerexport_change", export.pk)
        try:
            if asked == "withdraw":
                exporting.withdraw_export(export.pk)
            else:
                exporting.decide_export(export.pk, approve=asked == "approve", answer=answer)
        except PermissionDenied:
            messages.error(request, _("This is not, or no longer, yours to decide."))
        else:
            messages.success(request, _("Your decision is recorded."))
        return redirect("admin:members_ledgerexport_change", export.pk)

    def _export(self, request: HttpRequest, object_id: str) -> Any:
        export = self.get_object(request, object_id)
        if export is None or not self.has_view_permission(request, export):
            raise Http404
        return self._told(export)

    @staticmethod
    def _told(export: Any) -> Any:
        """The row with what it means for the reader and now."""
        if export.state in (ExportState.WAITING, ExportState.APPROVED) and export.expires_at <= timezone.now():
            export.state = ExportState.EXPIRED
        export.is_mine = export.asked_by_id == access.actor().user_id
        export.is_open = export.state == ExportState.WAITING
        export.may_fetch = export.is_mine and export.state == ExportState.APPROVED
        export.may_decide = export.is_open and not export.is_mine and (
            not export.unmasked
            or set(export.organizations) <= set(access.organization_ids(Right.REVEAL_IDENTITY))
        )  # fmt: skip
        return export

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "app_label": self.opts.app_label}
        response = TemplateResponse(request, f"admin/members/ledgerexport/{template}", shared | context)
        response["Cache-Control"] = "private, no-store"
        return response
