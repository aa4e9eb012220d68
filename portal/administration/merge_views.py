"""Merging one organization into another: choose the other one, read what happens, confirm."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.administration import merging, reach
from portal.administration.pages import administrators_only, confirm, page
from portal.administration.tree_views import MOST_FOUND, people, search
from portal.models import Organization


@administrators_only
def choose_kept(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Into which organization: a search among the actor's other nodes of the same kind, the nearest first."""
    gone = reach.node_or_404(pk)
    term = request.GET.get("q", "").strip()
    rows = reach.nodes().filter(kind=gone.kind, is_active=True).exclude(pk=gone.pk)
    if not term:
        rows = rows.filter(parent=gone.parent)  # most merges are between neighbours
    found = list((search(rows, term) if term else rows.order_by("code")).select_related("parent")[: MOST_FOUND + 1])
    return page(
        request, "choose_kept", _("Merge: choose the organization that stays"), node=gone, term=term,
        found=found[:MOST_FOUND], more=len(found) > MOST_FOUND, refusal=_why_not(gone),
    )  # fmt: skip


@administrators_only
def merge(request: HttpRequest, pk: uuid.UUID, kept: uuid.UUID) -> HttpResponse:
    """Name both ends, count what is affected, then merge."""
    gone, stays = reach.node_or_404(pk), reach.node_or_404(kept)
    ends = {"gone": gone, "kept": stays}
    if request.method == "POST":
        if gone.merged_into_id == stays.pk:  # sent twice
            return redirect("administration:node", stays.pk)
        try:
            merging.merge(gone, stays)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("administration:node", gone.pk)
        messages.success(request, _("%(gone)s is now part of %(kept)s.") % ends)
        return redirect("administration:node", stays.pk)
    refusal = _why_not(gone) or merging.why_not_into(gone, stays)
    lines: list[str] = []
    if not refusal:
        seen = merging.preview(gone, stays)
        refusal = merging.refusal_of_files(seen.in_both)
        lines = _lines(gone, stays, seen.below)
    return confirm(
        request, _("Merge %(gone)s into %(kept)s") % ends, node=gone, lines=lines, refusal=refusal, button=_("Merge")
    )


def _lines(gone: Organization, kept: Organization, below: int) -> list[str]:
    ends = {"gone": gone, "kept": kept, "above_gone": gone.parent, "above_kept": kept.parent or "—"}
    return [
        _("%(gone)s (superior: %(above_gone)s) becomes part of %(kept)s (superior: %(above_kept)s).") % ends,
        *people(gone),
        ngettext(
            "%(count)s organization below it moves to %(kept)s.", "%(count)s organizations below it move to %(kept)s.",
            below,
        ) % {"count": below, "kept": kept},
        _("Members, activities, check-in points with their posters, work links and roles of %(gone)s belong to %(kept)s"
          " from then on. Whoever worked for one of the two sees the members of both.") % ends,
        _("%(gone)s stays on record, out of use. This cannot be undone.") % ends,
    ]  # fmt: skip


def _why_not(gone: Organization) -> str:
    if gone.merged_into_id is not None:
        return _("%(gone)s was merged already.") % {"gone": gone}
    return "" if merging.may_merge(gone) else _("Only the superior office can change this.")
