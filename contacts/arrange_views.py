"""The page on which an organization pauses the contact with one member, waives it, or sets an interval of its own."""

import uuid

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.arrange_forms import ArrangeForm
from contacts.arranging import decide, decisions_about, end_decision, may_decide, own_duties
from contacts.models import ContactObligation
from members.models import access_member
from portal import access


@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is in force for the own side, each with a way to end it, and one form. 403 for who may not decide."""
    actor = access.actor()
    member = access_member(actor, pk)
    duties = own_duties(member)
    if not duties:
        raise PermissionDenied
    if request.method == "POST" and "end" in request.POST:
        try:
            end_decision(uuid.UUID(request.POST["end"]), member=member, by=actor)
        except ValueError:
            raise Http404 from None
        messages.success(request, _("The arrangement has ended; the usual interval counts again."))
        return redirect("contacts:arrange", member.pk)
    form = ArrangeForm(request.POST if request.method == "POST" else None, duties=duties)
    if form.is_bound and form.is_valid():
        try:
            decide(member=member, by=actor, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The arrangement for %(name)s is stored.") % {"name": member.name})
            return redirect("admin:members_member_card", member.pk)
    decisions = decisions_about(member, actor)
    context = admin.site.each_context(request) | {
        "title": _("Arrange contact"),
        "subtitle": member.label,
        "opts": ContactObligation._meta,
        "member": member,
        "duties": duties,
        "decisions": [(row, may_decide(row.kind, row.organization_id)) for row in decisions],
        "form": form,
    }
    return TemplateResponse(request, "contacts/arrange.html", context)
