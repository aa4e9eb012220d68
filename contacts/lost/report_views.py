"""What the sides told each other about lost contacts, the letter of it, and the page for decisions of earlier years."""

import io
import uuid

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts import letters
from contacts.lost import old_cases, reporting
from contacts.models import ContactLog
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

ON_A_PAGE = 50


class OldCasesForm(forms.Form):
    """Decisions taken before the portal, one a line."""

    body = forms.CharField(
        label=_("Deciding body"), max_length=100, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please give the deciding body.")},
    )  # fmt: skip
    lines = forms.CharField(
        label=_("Name, ID number or mobile number (if need be), day of the decision, document number"),
        max_length=20_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_("One person a line, copied from a table or typed with commas."),
        error_messages={"required": _("Please paste at least one row.")},
    )  # fmt: skip


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What was told and heard about lost contacts, the latest first."""
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    context = admin.site.each_context(request) | {
        "title": gettext("Reports of lost contacts"),
        "page": Paginator(reporting.reports(), ON_A_PAGE).get_page(request.GET.get("page")),
        "ours": set(access.organization_ids(Right.VIEW_MEMBERS)),
        "opts": ContactLog._meta,
        "app_label": ContactLog._meta.app_label,
    }
    return TemplateResponse(request, "contacts/lost_reports.html", context)


@require_safe
def letter(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One report as a letter to be stamped; who printed it is written down. 404 for a report that is another's."""
    row = reporting.reports().filter(pk=pk).first()
    if row is None:
        raise Http404
    access.require(Right.LOG_CONTACTS, row.sender)
    target = io.BytesIO()
    letters.draw_letter(target, reporting.compose(row, row.member))
    AuditEntry.objects.create(
        actor=str(access.actor()), action="print_letter", organization=row.sender, object_type="member",
        object_id=row.member_id, detail={"letter": "lost"},
    )  # fmt: skip
    response = HttpResponse(target.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letter.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def old(request: HttpRequest) -> HttpResponse:
    """Enter decisions of earlier years with their document numbers. 403 for who may not decide."""
    actor = access.actor()
    if not access.may(Right.DECIDE_LOST) or not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    form = OldCasesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            lines = old_cases.read_lines(form.cleaned_data["lines"])
            stored = old_cases.enter_old_cases(lines=lines, body=form.cleaned_data["body"], by=actor)
        except ValidationError as refusal:
            form.add_error("lines", refusal)
        else:
            told = ngettext("%(count)d decision is stored.", "%(count)d decisions are stored.", stored)
            messages.success(request, told % {"count": stored})
            return redirect("contacts:unreachable")
    context = admin.site.each_context(request) | {
        "title": gettext("Enter earlier decisions"),
        "form": form,
        "opts": ContactLog._meta,
        "app_label": ContactLog._meta.app_label,
    }
    return TemplateResponse(request, "contacts/lost_old.html", context)
