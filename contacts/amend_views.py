"""The page on which a logged contact is corrected."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.forms import ContactForm
from contacts.logbook.amending import access_contact, amend_contact, may_amend
from contacts.models import ContactLog
from contacts.views import back, own_key
from portal import access

TAKEN_OVER = ("contacted_on", "method", "outcome", "direction", "next_on", "through", "note", "work", "life",
              "next_step")  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The form of a contact, filled with what was logged; saved as a new record that corrects the old one."""
    actor = access.actor()
    contact = access_contact(actor, pk)
    form = ContactForm(request.POST or None, member=contact.member, actor=actor, initial=_stored(contact))
    if request.method == "POST" and form.is_valid():
        details: Any = form.details() | {"key": own_key(form, actor, contact.pk)}
        try:
            amend_contact(contact=contact, by=actor, then=lambda row: form.save_parts(row, actor), **details)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The record is corrected. The former one stays readable."))
            return redirect(back(request))
    elif not may_amend(contact, actor):
        raise PermissionDenied
    context = admin.site.each_context(request) | {
        "title": _("Correct a contact"), "subtitle": contact.member.name, "member": contact.member, "form": form,
        "back": back(request), "contact": contact, "opts": ContactLog._meta, "app_label": "contacts",
    }  # fmt: skip
    return TemplateResponse(request, "contacts/amend.html", context)


def _stored(contact: ContactLog) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in TAKEN_OVER} | {"liaison": contact.liaison_id}
