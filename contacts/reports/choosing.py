"""Which organization and period an address asks for, and what a page offers."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from contacts.reports.figures import PERIODS, Period, period_named
from portal import access
from portal.models import Organization
from portal.roles import Right


def offices(right: str = Right.VIEW_AGGREGATES) -> Any:
    """The nodes on which the actor was granted the right, in their order: where a page begins."""
    return Organization.objects.filter(pk__in=access.granted_nodes(right)).order_by("code")


def asked_node(request: HttpRequest, right: str = Right.VIEW_AGGREGATES) -> Organization:
    """The organization in the address; the own office where none is named.

    Raises PermissionDenied for whoever holds the right nowhere, Http404 for an organization out of reach.
    """
    if not access.may(right):
        raise PermissionDenied
    code = request.GET.get("organization", "")
    if "\0" in code:
        raise Http404
    node: Organization | None = (
        access.organizations(right).filter(code=code).first() if code else offices(right).first()
    )
    if node is None:
        raise Http404
    return node


def asked(request: HttpRequest) -> tuple[Organization, Period]:
    """The organization and period in the address; the own office and this month where nothing is said."""
    node = asked_node(request)
    try:
        return node, period_named(request.GET.get("period") or "month", timezone.localdate())
    except KeyError:
        raise Http404 from None


def tools(node: Organization, period: Period) -> dict[str, Any]:
    """What templates/contacts/report_tools.html needs to offer other organizations and periods."""
    return {
        "node": node,
        "superior": access.organizations(Right.VIEW_AGGREGATES).filter(pk=node.parent_id).first(),
        "offices": offices(),
        "period": period,
        "periods": PERIODS.items(),
    }
