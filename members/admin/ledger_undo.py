"""The page that takes an import back: what it means before, who was left as they are after."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from members.enums import ImportState, RowOutcome
from members.importing.undoing import CHANGED, undo_ledger
from members.models import LedgerImport
from portal import access
from portal.roles import Right


def undo_view(request: HttpRequest, pk: uuid.UUID, shared: dict[str, Any]) -> HttpResponse:
    """GET asks, POST takes back and lists. `shared`: what every page of the admin gets. Raises Http404 out of reach."""
    reach = access.organization_ids(Right.IMPORT_LEDGER)
    rows = LedgerImport.objects.filter(organization__in=reach).select_related("organization").defer("report_sealed")
    batch = rows.filter(pk=pk).first()
    if batch is None:
        raise Http404
    context = shared | {
        "title": _("Take the import back"),
        "batch": batch,
        "is_open": batch.state == ImportState.APPLIED,
        "is_done": batch.state == ImportState.UNDONE,
        "new": batch.counts.get(RowOutcome.NEW, 0),
        "changed": batch.counts.get(RowOutcome.CHANGED, 0),
    }
    if request.method == "POST" and context["is_open"]:
        undone = undo_ledger(batch=batch, by=access.actor())
        context |= {"is_open": False, "is_done": True, "undone": undone, "kept": _kept(undone.kept)}
    response = TemplateResponse(request, "admin/members/ledgerimport/undo.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _kept(kept: Any) -> list[tuple[Any, str]]:
    since, held = _("changed since the import"), _("contacts or other records were made since")
    return [(member, since if why == CHANGED else held) for member, why in kept]
