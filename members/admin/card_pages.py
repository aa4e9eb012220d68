"""What is done from a card: verify a section, keep the phones, take the card along as a PDF."""

import io
import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from members import card, card_pdf, revealing, services, verifying
from members.enums import PhoneUse
from members.file_fields import Part
from members.models import Member, Phone, access_member
from members.validators import clean_field
from portal import access
from portal.models import AuditEntry
from portal.roles import Right


def _to_card(member: Member) -> HttpResponse:
    return redirect("admin:members_member_card", member.pk)


@require_POST
def verify_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """今日核实 of one section. 403 without the right to change the file."""
    member = access_member(access.actor(), pk)
    access.require(Right.CHANGE_MEMBERS, member.organization)
    part = request.POST.get("part", "")
    if part in list(Part):
        verifying.verify_part(member=member, part=part, by=access.actor())
        messages.success(request, _("Noted: verified today."))
    return _to_card(member)


@require_GET
def pdf_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The card on A4, masked as on the screen, with who made it and when behind the text."""
    by = access.actor()
    member = access_member(by, pk)
    target = io.BytesIO()
    card_pdf.draw_card(target, member, card.build(member, request), printed_by=str(request.user))
    AuditEntry.objects.create(
        actor=str(by), action="print_card", organization=member.organization, object_type="member", object_id=member.pk
    )
    response = HttpResponse(target.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="card.pdf"'
    response["Cache-Control"] = "no-store"
    return response


class PhoneForm(forms.Form):
    """A further number. The one in use is changed in the file itself."""

    number = forms.CharField(label=gettext_lazy("phone number"), max_length=30, widget=UnfoldAdminTextInputWidget)
    use = forms.ChoiceField(
        label=gettext_lazy("whose number"), choices=PhoneUse.choices, widget=UnfoldAdminSelectWidget
    )
    from_on = forms.CharField(
        label=gettext_lazy("in use since"), required=False, max_length=20, widget=UnfoldAdminTextInputWidget
    )

    def clean_from_on(self) -> str:
        return clean_field("started_on", self.cleaned_data["from_on"])


def phones_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """All numbers of a member, masked; the office that manages the file notes further ones and ends old ones."""
    by = access.actor()
    member = access_member(by, pk, Right.CHANGE_MEMBERS)
    access.require(Right.CHANGE_MEMBERS, member.organization)
    form = PhoneForm(request.POST if "number" in request.POST else None)
    if request.method == "POST" and _changed(request, member, form, by):
        return redirect("admin:members_member_phones", member.pk)
    facts = revealing.Facts(member, by)
    rows = []
    for phone in member.phones.all():
        phone.member = member  # its key opens the number
        rows.append((phone, facts.show("number", phone)[1]))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Phones of one member"),
        "opts": Member._meta,
        "member": member,
        "in_use": facts.show("mobile")[1],
        "rows": rows,
        "form": form,
        "back": reverse("admin:members_member_card", args=[member.pk]),
    }
    return TemplateResponse(request, "admin/members/member/phones.html", context)


def _changed(request: HttpRequest, member: Member, form: PhoneForm, by: access.Actor) -> bool:
    """Whether something was saved; else the page says why not."""
    try:
        if form.is_bound:
            if not form.is_valid():
                return False
            services.add_phone(member=member, values=form.cleaned_data, by=by)
        else:
            phone = _named(member, request.POST.get("end", ""))
            if phone is None:
                return False
            phone.member = member
            services.end_phone(phone=phone, by=by)
    except services.MemberRefused as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, _("Saved."))
    return True


def _named(member: Member, text: str) -> Phone | None:
    try:
        return member.phones.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        return None
