"""Letters to a party organization outside the portal, and the exchanges with it."""

import io
import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts import letters
from contacts.forms import day_field, not_to_come
from contacts.models import ContactObligation
from contacts.outside import log_exchange, outside_sides
from members.models import Member, Movement, access_member
from portal import access
from portal.models import AuditEntry
from portal.roles import Right


class ExchangeForm(forms.Form):
    """One exchange with the other party organization."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    contacted_on = day_field(_("Day of the exchange"))
    is_reached = forms.BooleanField(label=_("They answered"), required=False, initial=True)
    note = forms.CharField(
        label=_("What was exchanged (optional)"), required=False, max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip

    def clean_contacted_on(self) -> Any:
        return not_to_come(self.cleaned_data["contacted_on"])


@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Log one exchange. 403 for who may not log, and where both sides are on the portal."""
    actor = access.actor()
    member = access_member(actor, pk)
    if not outside_sides(member):
        raise PermissionDenied
    first = {"key": uuid.uuid4(), "contacted_on": timezone.localdate()}
    form = ExchangeForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_bound and form.is_valid():
        try:
            log_exchange(member=member, by=actor, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, gettext("The exchange is stored."))
            return redirect("admin:members_member_card", member.pk)
    context = admin.site.each_context(request) | {
        "title": gettext("Log an exchange with the other party organization"),
        "subtitle": member.label,
        "opts": ContactObligation._meta,
        "member": member,
        "form": form,
    }
    return TemplateResponse(request, "contacts/exchange.html", context)


@require_safe
def letter(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """One of the letters as PDF; who printed it is written down. 403 for who may not log contacts."""
    actor = access.actor()
    member = access_member(actor, pk)
    if kind not in letters.TITLES:
        raise Http404
    access.require(Right.LOG_CONTACTS, member.organization)
    target = io.BytesIO()
    letters.draw_letter(target, letters.compose(kind, member, _movement(member), timezone.localdate()))
    AuditEntry.objects.create(
        actor=str(actor), action="print_letter", organization=member.organization, object_type="member",
        object_id=member.pk, detail={"letter": kind},
    )  # fmt: skip
    response = HttpResponse(target.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{kind}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _movement(member: Member) -> Movement | None:
    """The open movement, that with a side outside the portal first."""
    rows = Movement.objects.filter(member=member, ended_on="").select_related("home_organization", "host_organization")
    return min(rows, key=lambda row: bool(row.home_organization_id and row.host_organization_id), default=None)
