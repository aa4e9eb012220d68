"""Moving many files to another community of the own street: choose, confirm the number, done."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from members import transfers
from members.services import MemberRefused
from members.transfer_forms import MoveForm
from portal import access
from portal.roles import Right

MOST_SHOWN = 100


@admin.action(description=_("Move to another community"), permissions=["change"])
def move_members_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """First the community, then a page that says how many go where from where, then all or nothing."""
    actor = access.current()
    if actor is None or not access.may(Right.CHANGE_MEMBERS):
        messages.error(request, gettext("You may not do this here."))
        return None
    form = MoveForm(request.POST if "organization" in request.POST else None)
    to = form.cleaned_data["organization"] if form.is_bound and form.is_valid() else None
    if to is not None and "confirmed" in request.POST:
        try:
            count = transfers.move_members(members=queryset, organization=to, by=actor)
        except MemberRefused as refusal:
            messages.error(request, str(refusal))
        except (PermissionDenied, Http404):
            messages.error(request, gettext("Nothing was moved."))
        else:
            told = ngettext("%(count)d person is now with %(to)s.", "%(count)d people are now with %(to)s.", count)
            messages.success(request, told % {"count": count, "to": to})
        return None
    members = queryset.select_related("organization")
    context = screen.admin_site.each_context(request) | {
        "title": gettext("Move to another community"),
        "opts": screen.opts,
        "form": form,
        "to": to,
        "count": members.count(),
        "shown": list(members[:MOST_SHOWN]),
        "chosen": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/members/transfer/move_many.html", context)
