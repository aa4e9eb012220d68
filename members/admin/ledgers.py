"""Importing ledgers: upload, preview, confirmation, result, and the imports of the past."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from members.admin.ledger_export import export_view
from members.admin.ledger_forms import UploadForm
from members.admin.ledger_preview import preview_context
from members.admin.ledger_undo import undo_view
from members.blank_ledger import blank_ledger
from members.enums import ImportState, RowOutcome
from members.importing import jobs, progress, result_file, services
from members.importing.replies import answer_preview
from members.ledger.workbook import LedgerRefused
from members.models import LedgerImport
from portal import access
from portal.downloads import file_response
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin

RECENT = 20


@admin.register(LedgerImport)
class LedgerImportAdmin(ScopedModelAdmin):
    """The list page is the upload form with the past imports below; the row page is the preview or the result."""

    rights = {"view": Right.IMPORT_LEDGER}

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        result = guarded(require_GET(self.result_view))
        return [
            path("export/", guarded(export_view), name="members_member_export"),
            path("template/", guarded(template_view), name="members_ledgerimport_template"),
            path("<path:object_id>/result/", result, name="members_ledgerimport_result"),
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
        recent = (
            self.get_queryset(request)
            .select_related("organization", "created_by")
            .defer("report_sealed", "choices_sealed")
        )
        return self._page(
            request,
            "upload.html",
            title=_("Import a ledger"),
            form=form,
            recent=[(batch, _counted(batch)) for batch in recent[:RECENT]],
        )

    def _preview(self, form: UploadForm) -> LedgerImport | None:
        """The new import, or None with one sentence on the form; a refused file leaves nothing behind."""
        given = form.cleaned_data
        assert form.source is not None
        try:
            with transaction.atomic():
                return jobs.submit_ledger(
                    source=form.source,
                    name=form.source_name,
                    organization=given["organization"],
                    by=access.actor(),
                    direction=given["direction"] or None,
                )
        except LedgerRefused as refusal:
            form.add_error("file" if given["file"] else "pasted", refusal.message)
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
        if jobs.is_waiting(batch):
            return self._page(request, "progress.html", **context, **_progress(batch))
        if batch.refusal and batch.state == ImportState.REFUSED:
            return self._page(request, "preview.html", **context, refusal=LedgerRefused(batch.refusal).message)
        try:
            staged = services.staged_rows(batch)
        except services.ImportRefused as refusal:
            return self._page(request, "preview.html", **context, refusal=str(refusal))
        context["is_open"] = batch.state == ImportState.PREVIEWED
        context["will_write"] = batch.counts.get("new", 0) + batch.counts.get("changed", 0)
        context["may_download"] = result_file.may_download(batch, access.actor())
        context["was_not_saved"] = batch.refusal == jobs.NOT_SAVED
        return self._page(
            request, "preview.html", **context, **preview_context(request, batch, staged, is_open=context["is_open"])
        )

    def _decide(self, request: HttpRequest, batch: LedgerImport) -> HttpResponse:
        actor = access.actor()
        if "discard" in request.POST:
            services.discard_ledger(batch=batch, by=actor)
            messages.success(request, _("The preview was discarded. Nothing was imported."))
            return redirect("admin:members_ledgerimport_changelist")
        try:
            with transaction.atomic():
                if "restart" in request.POST:
                    self._restart(request, batch)
                elif "answer" in request.POST:
                    answer_preview(batch=batch, posted=request.POST.dict(), fixes=request.POST.getlist("fix"), by=actor)
                    messages.success(request, _("Your answers were used. Please look at the preview again."))
                else:
                    self._confirm(request, batch)
        except (services.ImportRefused, LedgerRefused) as refusal:
            messages.error(request, getattr(refusal, "message", str(refusal)))
        return redirect("admin:members_ledgerimport_change", batch.pk)

    def _restart(self, request: HttpRequest, batch: LedgerImport) -> None:
        if jobs.restart(batch=batch, by=access.actor()):
            messages.success(request, _("The work was begun again."))

    def _confirm(self, request: HttpRequest, batch: LedgerImport) -> None:
        was_applied = batch.state == ImportState.APPLIED
        batch = jobs.submit_confirmation(batch=batch, by=access.actor())
        if was_applied:
            messages.info(request, _("This ledger has been imported already. Nothing was imported twice."))
        elif batch.state == ImportState.APPLIED:
            messages.success(request, _("The ledger was imported."))

    def result_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The office's own file with what became of every row, for whoever uploaded it."""
        batch = self.get_object(request, object_id)
        if batch is None or not result_file.may_download(batch, access.actor()):
            raise Http404
        try:
            name, content = result_file.marked_file(batch=batch, by=access.actor())
        except services.ImportRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:members_ledgerimport_change", batch.pk)
        return file_response(name, content)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "app_label": self.opts.app_label}
        response = TemplateResponse(request, f"admin/members/ledgerimport/{template}", shared | context)
        response["Cache-Control"] = "private, no-store"
        return response


@require_GET
def template_view(request: HttpRequest) -> HttpResponse:
    """The blank ledger to fill in."""
    access.require(Right.IMPORT_LEDGER)
    return file_response(_("blank ledger of floating members.xlsx"), blank_ledger())


def _progress(batch: LedgerImport) -> dict[str, Any]:
    step = progress.step_of(batch.pk)
    return {
        "step": progress.step_text(step),
        "done": progress.STEPS.index(step),
        "steps": len(progress.STEPS),
        "is_stuck": jobs.is_stuck(batch),
    }


def _counted(batch: LedgerImport) -> list[tuple[str, int]]:
    """The outcomes of an import that are not zero, in words."""
    return [(str(label), batch.counts[name]) for name, label in RowOutcome.choices if batch.counts.get(name)]
