"""Roles that two persons give: what waits, and the second person's decision."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal import grants
from portal.administration import reach
from portal.administration.forms import DecideForm
from portal.administration.pages import administrators_only, page
from portal.models import GrantRequest

MOST_SHOWN = 200


@administrators_only
def waiting(request: HttpRequest) -> HttpResponse:
    """Every request of the subtree that waits, and what was decided lately."""
    rows = list(reach.waiting()[:MOST_SHOWN])
    for row in rows:
        row.is_mine_to_decide = reach.may_decide(row)  # type: ignore[attr-defined]
    return page(
        request, "waiting", _("Requests waiting for a second administrator"), rows=rows,
        decided=reach.decided_lately()[:MOST_SHOWN],
    )  # fmt: skip


@administrators_only
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The second person approves or refuses. Whoever asked, or would get the role, may look only."""
    asked = reach.request_or_404(pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not reach.may_decide(asked):
            raise PermissionDenied("grant_refused")
        try:
            return _decided(request, asked, form.cleaned_data["answer"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return page(
        request, "decide", _("Decide on a role"), asked=asked, form=form, may_decide=reach.may_decide(asked),
    )  # fmt: skip


def _decided(request: HttpRequest, asked: GrantRequest, answer: str) -> HttpResponse:
    approve = request.POST.get("decision") == "approve"
    grants.decide_grant(asked.pk, approve=approve, answer=answer)
    said = _("%(person)s now has the role.") if approve else _("Refused: %(person)s does not get the role.")
    messages.success(request, said % {"person": asked.user})
    return redirect("administration:waiting")
