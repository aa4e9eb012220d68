"""The audit log, to be read only: who did what, when, in which organization."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal import access, audit
from portal.administration import reach
from portal.models import AuditEntry, Organization, User
from portal.pagination import CappedPaginator
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin, SealedSearch


class ActionFilter(admin.SimpleListFilter):
    """All actions of the portal, whether or not there is an entry: the choice tells nothing."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((name, str(label)) for name, label in audit.ACTIONS.items()), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


class PeriodFilter(admin.SimpleListFilter):
    title = _("period")
    parameter_name = "period"
    days = {"today": 0, "week": 6, "month": 29, "quarter": 89}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("today")), ("week", _("last 7 days")), ("month", _("last 30 days")),
                ("quarter", _("last 90 days"))]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        days = self.days.get(self.value() or "")
        if days is None:
            return queryset
        day = timezone.localdate() - dt.timedelta(days=days)
        return queryset.filter(at__gte=timezone.make_aware(dt.datetime.combine(day, dt.time.min)))


class AuditedOrganizationFilter(OrganizationFilter):
    right = Right.VIEW_AUDIT


class AuditList(SealedSearch):
    """Names and links of one page, a query for each kind of row."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[AuditEntry] = list(self.result_list)  # type: ignore[has-type]
        self.result_list = described(request, rows)


def described(request: HttpRequest, rows: list[AuditEntry]) -> list[Any]:
    """The entries with `who` and `link`: the address of the object's page, "" where the reader may not open it."""
    names, links = audit.actor_labels(row.actor for row in rows), _links(request, rows)
    for row in rows:
        row.who = names[row.actor]  # type: ignore[attr-defined]
        row.link = links.get((row.object_type, row.object_id), "")  # type: ignore[attr-defined]
    return rows


def _links(request: HttpRequest, rows: list[AuditEntry]) -> dict[tuple[str, Any], str]:
    wanted: dict[str, set[Any]] = {}
    for row in rows:
        if row.object_id and audit.OBJECTS.get(row.object_type, ("", ""))[1]:
            wanted.setdefault(row.object_type, set()).add(row.object_id)
    found = {}
    for object_type, keys in wanted.items():
        model = apps.get_model(audit.OBJECTS[object_type][1])
        for key in _open_to_reader(request, model, keys):
            found[object_type, key] = _page_of(model, key)
    return found


def _open_to_reader(request: HttpRequest, model: type[Model], keys: set[Any]) -> list[Any]:
    """Those of the keys whose page the reader may open: the screen itself is asked."""
    if model in (User, Organization):
        if not access.may(Right.GRANT_ACCESS):
            return []
        rows: Any = reach.accounts() if model is User else reach.nodes()
    else:
        screen = admin.site._registry.get(model)
        if screen is None or not screen.has_view_permission(request):
            return []
        rows = screen.get_queryset(request)
    return list(rows.filter(pk__in=keys).values_list("pk", flat=True))


def _page_of(model: type[Model], key: Any) -> str:
    if model in (User, Organization):
        return reverse("administration:account" if model is User else "administration:node", args=[key])
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return ""


@admin.register(AuditEntry)
class AuditEntryAdmin(ScopedModelAdmin):
    """Read only, newest first. Shows no personal value: an entry holds none, and of its detail only counts appear."""

    rights = {"view": Right.VIEW_AUDIT}
    list_display = ("shown_at", "shown_actor", "shown_action", "organization", "shown_object", "shown_detail")
    list_display_links = None
    actions = None
    list_filter = (PeriodFilter, ActionFilter, AuditedOrganizationFilter)
    list_select_related = ("organization",)
    fields = readonly_fields = list_display
    ordering = ("-at",)
    sortable_by = ()
    paginator = CappedPaginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type:
        return AuditList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        return described(request, [row])[0] if row else None

    @admin.display(description=_("at"))
    def shown_at(self, row: AuditEntry) -> str:
        return timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M")

    @admin.display(description=_("who"))
    def shown_actor(self, row: Any) -> str:
        return str(row.who)

    @admin.display(description=_("action"))
    def shown_action(self, row: AuditEntry) -> str:
        return audit.action_label(row.action)

    @admin.display(description=_("object"))
    def shown_object(self, row: Any) -> str:
        label = audit.object_label(row.object_type)
        if not row.link:
            return label
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', row.link, label)

    @admin.display(description=_("detail"))
    def shown_detail(self, row: AuditEntry) -> str:
        return audit.detail_text(row)
