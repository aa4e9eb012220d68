"""Exporting the ledger: only members that the actor manages, in the layout of the last import, always audited."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from members.enums import ImportState
from members.models import LedgerImport
from members.resources import export_ledger
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right


def exportable(members: Any) -> Any:
    """Of a queryset of members those whose organization the current actor may export."""
    return members.filter(organization__in=access.organization_ids(Right.EXPORT_LEDGER))


def export_members(
    *,
    members: Any,
    by: access.Actor,
    organization: Organization | None = None,
    unmasked: bool = False,
    reason: str = "",
) -> tuple[str, bytes]:
    """File name and xlsx file of the members in a queryset that the actor may export.

    `organization` narrows the layout (the list's filter). Full numbers need the right to see them on every member and
    a reason. Raises PermissionDenied otherwise, or without any right to export.
    """
    if access.current() != by:
        raise access.NoActor(str(by))
    nodes = access.granted_nodes(Right.EXPORT_LEDGER)
    if not nodes:
        raise PermissionDenied(Right.EXPORT_LEDGER)
    rows = exportable(members)
    if unmasked:
        hidden = rows.exclude(organization__in=access.organization_ids(Right.REVEAL_IDENTITY))
        if not reason or not access.may(Right.REVEAL_IDENTITY) or hidden.exists():
            raise PermissionDenied(Right.REVEAL_IDENTITY)
    owner = organization or Organization.objects.filter(pk__in=nodes).order_by("path").first()
    assert owner is not None
    rows = list(
        rows.select_related("organization__parent").prefetch_related(
            "movements__home_organization", "movements__host_organization"
        )
    )
    for member in rows:
        for movement in member.movements.all():
            movement.member = member  # its key opens the movement's sealed texts
    content = export_ledger(rows, latest_layout(owner), unmasked=unmasked)
    AuditEntry.objects.create(
        actor=str(by),
        action="export_ledger",
        organization=owner,
        object_type="member",
        detail={"count": len(rows), "unmasked": unmasked, "reason": reason},
    )
    return f"{owner.name}{timezone.localdate():%Y%m%d}.xlsx", content


def latest_layout(organization: Organization) -> list[list[str]]:
    """Columns of the last applied import of an organization, else of one below or above it; empty for none."""
    applied = LedgerImport.objects.filter(state=ImportState.APPLIED).defer("report_sealed").order_by("-applied_at")
    own = applied.filter(organization=organization).first()
    below = Organization.objects.below(organization).values_list("pk", flat=True)
    above = Organization.objects.above(organization).values_list("pk", flat=True)
    for batch in (own, applied.filter(organization__in=list(above)).first() if own is None else None):
        if batch is not None:
            return readable_layout(batch.columns)
    near = applied.filter(organization__in=list(below)).first()
    return readable_layout(near.columns) if near is not None else []


def readable_layout(columns: Any) -> list[list[str]]:
    """[header, field] pairs of a stored layout; anything else counts as none."""
    if not isinstance(columns, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in columns):
        return []
    return [[str(header), str(name)] for header, name in columns]
