"""The page that exports the list of members as it is filtered just now."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import exporting, revealing
from members.enums import RevealReason
from members.layouts import UnknownLayout, layout_choices
from members.models import Member
from portal import access
from portal.downloads import file_response
from portal.models import Organization
from portal.roles import Right

REASONS = [("", gettext_lazy("please choose")), *RevealReason.choices]
FORMATS = [
    ("xlsx", gettext_lazy("Excel or WPS workbook (xlsx)")),
    ("ods", gettext_lazy("OpenDocument (ods)")),
    ("csv", gettext_lazy("plain table for other programs (csv)")),
]


class ExportForm(forms.Form):
    layout = forms.ChoiceField(label=gettext_lazy("Columns"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("File format"), choices=FORMATS, required=False)
    unmasked = forms.BooleanField(label=gettext_lazy("with full ID and phone numbers (recorded)"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=REASONS, required=False)
    text = forms.CharField(
        label=gettext_lazy("Reason in words"), required=False, max_length=revealing.MOST_TEXT, strip=True
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = layout_choices(organization)  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid.uuid4

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("unmasked"):
            try:
                revealing.reason_detail(cleaned.get("reason") or "", cleaned.get("text") or "")
            except ValidationError as problem:
                self.add_error("reason", problem)
        return cleaned

    def wish(self) -> exporting.ExportWish:
        given = self.cleaned_data
        # made together with who asks: no row of another can be hit
        key = uuid.uuid5(given["key"], str(access.actor())) if given["key"] else None
        return exporting.ExportWish(
            given["kind"] or "xlsx", given["layout"], given["unmasked"], given["reason"], given["text"], key
        )


def export_view(request: HttpRequest) -> HttpResponse:
    """GET asks how; POST sends the file, or asks a second person. The address carries the filters of the list."""
    if not access.may(Right.EXPORT_LEDGER):
        raise PermissionDenied
    screen: Any = admin.site._registry[Member]
    query = request.GET.copy()
    # the list's own code reads the filters from the address
    changelist = screen.get_changelist_instance(request)
    members = changelist.get_queryset(request)
    office = _filtered_organization(query.get("organization")) or exporting.own_office()
    assert office is not None  # whoever has the right has it somewhere
    form = ExportForm(office, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = exporting.export_members(members=members, by=access.actor(), wish=form.wish(), organization=office)
        except UnknownLayout:
            form.add_error("layout", _("This layout is no longer there. Please choose another one."))
        else:
            return _answer(request, made)
    options, rows = Member._meta, exporting.exportable(members).order_by()
    ids = dict(rows.values_list("pk", "organization_id"))
    nodes = set(ids.values())
    context = admin.site.each_context(request) | {
        "title": _("Export the ledger"),
        "opts": options,
        "app_label": options.app_label,
        "form": form,
        "office": office,
        "count": len(ids),
        "may_reveal": access.may(Right.REVEAL_IDENTITY),
        "takes_two": not exporting.is_alone(nodes, len(ids), unmasked=False),
        "takes_two_full": not exporting.is_alone(nodes, len(ids), unmasked=True),
        "query": query.urlencode(),
    }
    return TemplateResponse(request, "admin/members/ledgerimport/export.html", context)


def _answer(request: HttpRequest, made: exporting.Made) -> HttpResponse:
    if made.content is None:
        messages.success(request, _("The file is made and sealed. It can be fetched here once a second person agrees."))
        return redirect("admin:members_ledgerexport_change", made.waits)
    return file_response(made.name, made.content)


def _filtered_organization(code: str | None) -> Any:
    return access.organizations(Right.EXPORT_LEDGER).filter(code=code).first() if code else None
