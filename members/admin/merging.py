"""合并重复档案: two files of one person, side by side, and one choice for each field in which they differ."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from members import merging
from members.models import Member, access_member
from members.services import MemberRefused
from members.timeline import file_version
from portal import access
from portal.roles import Right


def merge_view(request: HttpRequest, pk: uuid.UUID, other_pk: uuid.UUID) -> HttpResponse:
    """The file of the address is kept. 404 unless the actor may change both; a version of each travels along."""
    by = access.actor()
    kept, other = (access_member(by, key, Right.CHANGE_MEMBERS) for key in (pk, other_pk))
    may_both = all(access.may(Right.CHANGE_MEMBERS, member.organization) for member in (kept, other))
    if kept == other or not may_both or kept.same_as_id or other.same_as_id:
        raise Http404
    version = f"{file_version(kept)}|{file_version(other)}"
    if request.method == "POST":
        answer = _merge(request, kept, other, version, by)
        if answer is not None:
            return answer
    found = merging.differences(kept, other)
    chosen = {one.key: request.POST.get(f"choose-{one.key}") or one.chosen for one in found}
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Merge two files of one person"),
        "opts": Member._meta,
        "kept": kept,
        "other": other,
        "rows": [(one, chosen[one.key]) for one in found],
        "version": version,
        "have_two_numbers": merging.have_two_numbers(kept, other),
    }
    return TemplateResponse(request, "admin/members/member/merge.html", context)


def _merge(request: HttpRequest, kept: Member, other: Member, version: str, by: access.Actor) -> HttpResponse | None:
    """The way to the kept file, or None where the page is shown again with a sentence."""
    if request.POST.get("version") != version:
        messages.error(request, _("One of the two files was changed meanwhile. Please compare them again."))
        return None
    choices = {name.removeprefix("choose-"): str(value) for name, value in request.POST.items()
               if name.startswith("choose-")}  # fmt: skip
    sure = bool(request.POST.get("is_sure"))
    try:
        merging.merge_members(kept=kept, other=other, choices=choices, by=by, is_sure=sure)
    except MemberRefused as refusal:
        messages.error(request, str(refusal))
        return None
    messages.success(request, _("The two files are one now. The other one is kept behind it."))
    return redirect(reverse("admin:members_member_card", args=[kept.pk]))
