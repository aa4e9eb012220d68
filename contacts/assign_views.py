"""Who looks after one member and who visits: the page behind the card's button."""

import uuid

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.assigning import over_capacity, set_deputies, set_visitors
from contacts.enums import VISITING
from contacts.forms import OneMemberForm
from contacts.models import LiaisonAssignment
from contacts.services import assign_liaison
from members.models import Member, access_member
from portal import access
from portal.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose liaison and visiting workers of one member. 403 for readers who may not assign."""
    actor = access.actor()
    member = access_member(actor, pk)
    access.require(Right.ASSIGN_LIAISONS, member.organization)
    form = OneMemberForm(request.POST if request.method == "POST" else None, actor=actor, initial=_now(member))
    if form.is_bound and form.is_valid() and _is_assigned(form, member, actor):
        messages.success(request, _("Liaison and visiting workers of %(name)s are stored.") % {"name": member.name})
        if form.cleaned_data["liaison"] and (warning := over_capacity([form.cleaned_data["liaison"]])):
            messages.warning(request, warning)
        return redirect("admin:members_member_card", member.pk)
    context = admin.site.each_context(request) | {
        "title": _("Assign a liaison"), "subtitle": member.label, "opts": Member._meta, "member": member, "form": form,
    }  # fmt: skip
    return TemplateResponse(request, "contacts/assign_one.html", context)


def card_tool(member: Member) -> tuple[str, str] | None:
    """The card's button, for whoever may assign."""
    if not access.may(Right.ASSIGN_LIAISONS, member.organization):
        return None
    return _("Assign a liaison"), reverse("contacts:assign", args=[member.pk])


def _now(member: Member) -> dict[str, object]:
    rows = list(LiaisonAssignment.objects.open().filter(member=member).select_related("liaison"))
    return {
        "liaison": next((row.liaison_id for row in rows if row.is_primary), None),
        "deputies": [row.liaison_id for row in rows if not row.is_primary and row.liaison.kind not in VISITING],
        "visitors": [row.liaison_id for row in rows if row.liaison.kind in VISITING],
    }


def _is_assigned(form: OneMemberForm, member: Member, actor: access.Actor) -> bool:
    try:
        with transaction.atomic():
            if form.cleaned_data["liaison"]:
                assign_liaison(member=member, liaison=form.cleaned_data["liaison"], by=actor)
            set_deputies(member=member, deputies=form.cleaned_data["deputies"], by=actor)
            set_visitors(member=member, visitors=form.cleaned_data["visitors"], by=actor)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    except (PermissionDenied, Http404):
        form.add_error(None, _("You may not do this here."))
    return not form.errors
