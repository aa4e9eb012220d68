"""Importing ledgers: upload, preview, confirmation, result, and the imports of the past."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.admin.ledger_export import export_view
from members.admin.ledger_rows import is_flagged, outcome_of, shown_rows
from members.admin.ledger_undo import undo_view
from members.enums import Direction, ImportState, RowOutcome
from members.importing import services
from members.importing.staging import Staged
from members.ledger.workbook import LedgerRefused, Limits
from members.models import LedgerImport
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin

ROWS_PER_PAGE = 50
RECENT = 20
FLAGGED = "flagged"


class OrganizationChoice(forms.ModelChoiceField):
    """Organizations in reach, communities indented below their street."""

    def label_from_instance(self, node: Any) -> str:
        indent = "" if node.kind == OrganizationKind.STREET else "　"
        return f"{indent}{node.name}"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Ledger file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.ods,.et,.tsv,.txt"}),
        error_messages={
            "required": gettext_lazy("Please choose the file of the ledger."),
            "empty": gettext_lazy("The file is empty. Please choose the ledger again."),
        },
    )
    organization = OrganizationChoice(Organization.objects.none(), label=gettext_lazy("Import into"), empty_label=None)
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [OrganizationKind.STREET, OrganizationKind.COMMUNITY]
        reach = access.organizations(Right.IMPORT_LEDGER).filter(is_active=True, kind__in=kinds)
        self.fields["organization"].queryset = reach.order_by("path")  # type: ignore[attr-defined]
        self.fields["direction"].choices = [  # type: ignore[attr-defined]
            ("", _("recognize it from the ledger")),
            *Direction.choices,
        ]
        self.only_one = len(reach) == 1

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > Limits().file_bytes:
            raise forms.ValidationError(LedgerRefused("too_large").message)
        return file


@admin.register(LedgerImport)
class LedgerImportAdmin(ScopedModelAdmin):
    """The list page is the upload form with the past imports below; the row page is the preview or the result."""

    rights = {"view": Right.IMPORT_LEDGER}

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path("export/", guarded(export_view), name="members_member_export"),
            path("<uuid:pk>/undo/", guarded(self.undo), name="members_ledgerimport_undo"),
            *super().get_urls(),
        ]

    def undo(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return undo_view(request, pk, self.admin_site.each_context(request) | {"opts": self.opts})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            batch = self._preview(form)
            if batch is not None:
                return redirect("admin:members_ledgerimport_change", batch.pk)
        recent = self.get_queryset(request).select_related("organization", "created_by").defer("report_sealed")
        return self._page(
            request,
            "upload.html",
            title=_("Import a ledger"),
            form=form,
            recent=[(batch, _counted(batch)) for batch in recent[:RECENT]],
        )

    def _preview(self, form: UploadForm) -> LedgerImport | None:
        """The previewed import, or None with one sentence on the form; a refused file leaves nothing behind."""
        given = form.cleaned_data
        actor = access.actor()
        try:
            with transaction.atomic():
                return services.preview_ledger(
                    data=given["file"].read(),
                    name=given["file"].name,
                    organization=given["organization"],
                    by=actor,
                    direction=given["direction"] or None,
                )
        except LedgerRefused as refusal:
            form.add_error("file", refusal.message)
        return None

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("admin:members_ledgerimport_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        if batch is None or not self.has_view_permission(request, batch):
            raise Http404
        if request.method == "POST":
            return self._decide(request, batch)
        context: dict[str, Any] = {"title": batch.file_name, "batch": batch, "is_open": False}
        try:
            staged = services.staged_rows(batch)
        except services.ImportRefused as refusal:
            return self._page(request, "preview.html", **context, refusal=str(refusal))
        context["is_open"] = batch.state == ImportState.PREVIEWED
        context["will_write"] = batch.counts.get("new", 0) + batch.counts.get("changed", 0)
        return self._page(request, "preview.html", **context, **_preview_context(request, batch, staged))

    def _decide(self, request: HttpRequest, batch: LedgerImport) -> HttpResponse:
        actor = access.actor()
        if "discard" in request.POST:
            services.discard_ledger(batch=batch, by=actor)
            messages.success(request, _("The preview was discarded. Nothing was imported."))
            return redirect("admin:members_ledgerimport_changelist")
        was_applied = batch.state == ImportState.APPLIED
        try:
            with transaction.atomic():
                batch = services.apply_ledger(batch=batch, by=actor)
        except services.ImportRefused as refusal:
            messages.error(request, str(refusal))
        else:
            if was_applied:
                messages.info(request, _("This ledger has been imported already. Nothing was imported twice."))
            else:
                messages.success(request, _("The ledger was imported."))
        return redirect("admin:members_ledgerimport_change", batch.pk)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "app_label": self.opts.app_label}
        response = TemplateResponse(request, f"admin/members/ledgerimport/{template}", shared | context)
        response["Cache-Control"] = "private, no-store"
        return response


def _preview_context(request: HttpRequest, batch: LedgerImport, staged: Staged) -> dict[str, Any]:
    """Chips with counts, one page of rows, and what became of the sheets."""
    chosen = request.GET.get("show", "")
    rows = staged.interpretation.rows
    flagged = [row for row in rows if is_flagged(row, staged)]
    if chosen == FLAGGED:
        rows = flagged
    elif chosen in RowOutcome.values:
        rows = [row for row in rows if outcome_of(row, staged) == chosen]
    else:
        chosen, rows = "", [row for row in rows if outcome_of(row, staged) != RowOutcome.SKIPPED]
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    counts = batch.counts
    everything = sum(count for name, count in counts.items() if name != RowOutcome.SKIPPED)
    chips = [("", _("all"), everything)]
    chips += [(name, str(label), counts.get(name, 0)) for name, label in RowOutcome.choices]
    chips.insert(4, (FLAGGED, _("stored, to look at"), len(flagged)))
    return {
        "chips": chips,
        "chosen": chosen,
        "page": page,
        "rows": shown_rows(page.object_list, staged),
        "sheets": [sheet for sheet in staged.interpretation.sheets if sheet.reason],
        "has_sheets": len({row.sheet for row in staged.interpretation.rows}) > 1,
        "waiting": sum(1 for row in staged.interpretation.rows if _lands_at_street(row, staged)),
    }


def _lands_at_street(row: Any, staged: Staged) -> bool:
    cell = row.cells.get("community")
    written = outcome_of(row, staged) in (RowOutcome.NEW, RowOutcome.CHANGED)
    return bool(written and cell is not None and cell.rule == "community_missing")


def _counted(batch: LedgerImport) -> list[tuple[str, int]]:
    """The outcomes of an import that are not zero, in words."""
    return [(str(label), batch.counts[name]) for name, label in RowOutcome.choices if batch.counts.get(name)]
