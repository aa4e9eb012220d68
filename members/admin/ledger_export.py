"""The page that exports the list of members as it is filtered just now."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import exporting
from members.enums import RevealReason
from members.models import Member
from portal import access
from portal.roles import Right

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASONS = [("", gettext_lazy("please choose")), *RevealReason.choices]


class ExportForm(forms.Form):
    unmasked = forms.BooleanField(label=gettext_lazy("with full ID and phone numbers (recorded)"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=REASONS, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("unmasked") and not cleaned.get("reason"):
            self.add_error("reason", _("Please choose why the full numbers are needed."))
        return cleaned


def export_view(request: HttpRequest) -> HttpResponse:
    """GET asks masked or full; POST sends the file. The address carries the filters of the list."""
    actor = access.actor()
    if not access.may(Right.EXPORT_LEDGER):
        raise PermissionDenied
    screen: Any = admin.site._registry[Member]
    query = request.GET.copy()
    # the list's own code reads the filters from the address
    changelist = screen.get_changelist_instance(request)
    members = changelist.get_queryset(request)
    may_reveal = access.may(Right.REVEAL_IDENTITY)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        name, content = exporting.export_members(
            members=members,
            by=actor,
            organization=_filtered_organization(query.get("organization")),
            unmasked=form.cleaned_data["unmasked"],
            reason=form.cleaned_data["reason"],
        )
        response = HttpResponse(content, content_type=XLSX_TYPE)
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["Cache-Control"] = "private, no-store"
        return response
    options = Member._meta
    context = admin.site.each_context(request) | {
        "title": _("Export the ledger"),
        "opts": options,
        "app_label": options.app_label,
        "form": form,
        "count": exporting.exportable(members).count(),
        "may_reveal": may_reveal,
        "query": query.urlencode(),
    }
    return TemplateResponse(request, "admin/members/ledgerimport/export.html", context)


def _filtered_organization(code: str | None) -> Any:
    return access.organizations(Right.EXPORT_LEDGER).filter(code=code).first() if code else None
