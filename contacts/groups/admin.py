"""The registry of chat groups, and the filter of the members who are in none."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.groups.models import WechatGroup
from contacts.groups.services import in_no_group
from members.admin import MemberAdmin
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


class GroupFilter(admin.SimpleListFilter):
    title = _("chat groups")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("in no group"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return in_no_group(queryset) if self.value() == "none" else queryset


@admin.register(WechatGroup)
class WechatGroupAdmin(ScopedModelAdmin):
    """Which groups there are. Groups are closed, not deleted; what is said in them is nowhere."""

    rights = {"view": Right.VIEW_MEMBERS, "add": Right.CHANGE_MEMBERS, "change": Right.CHANGE_MEMBERS}
    list_display = ["name", "organization", "owner", "number", "opened_on", "closed_on", "people"]
    list_filter = [OrganizationFilter]
    list_select_related = ["organization", "owner"]
    search_fields = ["name"]
    fields = ["organization", "name", "owner", "opened_on", "closed_on"]
    ordering = ["name", "id"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        inside = Q(memberships__left_on=None, memberships__isnull=False)
        return super().get_queryset(request).annotate(number=Count("memberships", filter=inside))

    @display(description=_("people in it"), ordering="number")
    def number(self, row: Any) -> int:
        return row.number

    @display(description=_("people"))
    def people(self, row: WechatGroup) -> str:
        link = reverse("contacts:group", args=[row.pk])
        return format_html('<a class="text-primary-600 font-medium" href="{}">{}</a>', link, gettext("Who is in it"))


MemberAdmin.list_filter = [*MemberAdmin.list_filter, GroupFilter]
