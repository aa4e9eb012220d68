"""Filters of the list of members. Nothing outside the actor's reach is offered."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.enums import Direction
from members.models import Movement, StaleFile
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter

MOST_OFFERED = 200


def chosen_organization(request: HttpRequest) -> Organization | None:
    """The organization that the list is filtered by, if it is within reach; asked once for a request."""
    if not hasattr(request, "_chosen_organization"):
        code = request.GET.get(CommunityFilter.parameter_name, "")
        is_code = code and "\0" not in code
        request._chosen_organization = (
            access.organizations(Right.VIEW_MEMBERS).filter(code=code).first() if is_code else None
        )
    return request._chosen_organization


class CommunityFilter(OrganizationFilter):
    """By managing organization, what lies below it included."""

    title = gettext_lazy("community")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reach = access.organizations(self.right).filter(is_active=True).order_by("code")[:MOST_OFFERED]
        return [(organization.code, str(organization)) for organization in reach]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        chosen = chosen_organization(request)
        if chosen is None:
            return queryset.none()
        # ids and not the path: behind the policies only equality keeps its index
        below = list(Organization.objects.below(chosen).values_list("pk", flat=True))
        return queryset.filter(organization__in=below)


class PlacedFilter(admin.SimpleListFilter):
    """The list 待分社区: members who are still managed by the street itself."""

    title = gettext_lazy("community assigned")
    parameter_name = "placed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("no community yet"))] if self._streets() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(organization__in=self._streets()) if self.value() == "no" else queryset

    def _streets(self) -> list[Any]:
        if not hasattr(self, "_found"):
            reach = access.organizations(Right.VIEW_MEMBERS).filter(kind=OrganizationKind.STREET)
            self._found = list(reach.values_list("pk", flat=True))
        return self._found


class FreshnessFilter(admin.SimpleListFilter):
    """The list 久未核实: files that nobody changed or verified for long, as the nightly job marked them."""

    title = gettext_lazy("last verified")
    parameter_name = "stale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("not verified for long"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        marked = StaleFile.objects.filter(member=OuterRef("pk"))
        return queryset.filter(Exists(marked)) if self.value() == "yes" else queryset


class DirectionFilter(admin.SimpleListFilter):
    """By the direction of an open movement, as the reader's side sees it: outgoing for the home is incoming for the
    host. Movements are stored as the managing side sees them."""

    title = gettext_lazy("direction")
    parameter_name = "direction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Direction.choices, ("none", _("not away now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        open_now = Movement.objects.filter(member=OuterRef("pk"), ended_on="")
        if self.value() == "none":
            return queryset.exclude(Exists(open_now))
        value = self.value()
        if value in Direction.values:
            asked = Direction(str(value))
            ours = Q(organization__in=access.organization_ids(Right.VIEW_MEMBERS))
            return queryset.filter(
                (ours & Q(Exists(open_now.filter(direction=asked))))
                | (~ours & Q(Exists(open_now.filter(direction=asked.opposite))))
            )
        return queryset if not self.value() else queryset.none()
