"""The page 转接办理: what waits for this office, what it proposed, what is settled."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from members import card
from members.admin import transfer_pages as pages
from members.admin.transfer_labels import handed, person_label
from members.enums import TransferState
from members.models import Member, Transfer
from portal import access
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin

WAITING, SENT, DONE = "waiting", "sent", "done"
TABS: dict[str, str | Promise] = {
    WAITING: gettext_lazy("To take over"),
    SENT: gettext_lazy("Proposed by us"),
    DONE: gettext_lazy("Settled"),
}


def rows_of_tab(rows: QuerySet, tab: str) -> QuerySet:
    """Of the transfers in reach those of one tab."""
    if tab == DONE:
        return rows.exclude(state=TransferState.PROPOSED)
    end = "to_organization" if tab == WAITING else "from_organization"
    reach = access.organization_ids(Right.CHANGE_MEMBERS)
    return rows.filter(state=TransferState.PROPOSED, **{f"{end}__in": reach})


class TabFilter(admin.SimpleListFilter):
    """Which tab is open; the tabs themselves stand above the list."""

    title = gettext_lazy("transfers")
    parameter_name = "tab"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(TABS.items())

    def value(self) -> str:
        asked = super().value()
        return asked if asked in TABS else WAITING

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return rows_of_tab(queryset, self.value())


@admin.register(Transfer)
class TransferAdmin(ScopedModelAdmin):
    """Both ends see the row; what each may do follows from the end it works on."""

    rights = {"view": Right.CHANGE_MEMBERS}
    list_display = ["person", "kind", "from_organization", "receiver", "state_shown", "day", "text", "to_do"]
    list_display_links = None
    list_filter = [TabFilter]
    list_filter_sheet = False
    list_select_related = ["from_organization", "to_organization", "ended_by"]
    list_before_template = "admin/members/transfer/tabs.html"
    sortable_by: list[str] = []
    actions = None

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        # not by a join: a member who is not in reach is missing, the transfer is not
        known = Member.objects.in_bulk([row.member_id for row in rows])
        reach = set(access.organization_ids(Right.CHANGE_MEMBERS))
        for row in rows:
            row.seen_member = known.get(row.member_id)
            row.is_for_us = row.to_organization_id in reach
            row.is_ours = row.from_organization_id in reach
        changelist.result_list = rows
        changelist.has_filters = changelist.has_active_filters = False  # the tabs are the filter
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context: dict[str, Any] = {"title": _("Transfers")}
        if self.has_view_permission(request):
            asked = request.GET.get(TabFilter.parameter_name, WAITING)
            rows, here = self.get_queryset(request), asked if asked in TABS else WAITING
            context["tabs"] = [
                {"link": f"?tab={tab}", "title": title, "count": rows_of_tab(rows, tab).count(), "is_open": tab == here}
                for tab, title in TABS.items()
            ]
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404  # a transfer has its decisions, and no form

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path("<uuid:pk>/accept/", guarded(pages.accept), name="members_transfer_accept"),
            path("<uuid:pk>/return/", guarded(pages.send_back), name="members_transfer_return"),
            path("<uuid:pk>/withdraw/", guarded(pages.withdraw), name="members_transfer_withdraw"),
            path("of/<uuid:pk>/", guarded(pages.overview), name="members_transfer_of"),
            path("of/<uuid:pk>/move/", guarded(pages.move), name="members_transfer_move"),
            path("of/<uuid:pk>/<str:kind>/", guarded(pages.choose), name="members_transfer_choose"),
            path("of/<uuid:pk>/<str:kind>/outside/", guarded(pages.outside), name="members_transfer_outside"),
            path("of/<uuid:pk>/<str:kind>/to/<uuid:target>/", guarded(pages.propose), name="members_transfer_propose"),
            path("end/<uuid:pk>/", guarded(pages.end), name="members_transfer_end"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("member"))
    def person(self, row: Any) -> str:
        if row.seen_member is not None:
            link = reverse("admin:members_member_card", args=[row.member_id])
            return format_html('<a class="font-semibold text-primary-600" href="{}">{}</a>', link, row.seen_member.name)
        return person_label(row) or "—"

    @display(description=gettext_lazy("to"))
    def receiver(self, row: Transfer) -> str:
        return row.target

    @display(
        description=gettext_lazy("state"),
        label={
            TransferState.PROPOSED.value: "warning", TransferState.ACCEPTED.value: "success",
            TransferState.RETURNED.value: "danger", TransferState.WITHDRAWN.value: "info",
            TransferState.ENDED.value: "info",
        },
    )  # fmt: skip
    def state_shown(self, row: Transfer) -> tuple[str, str]:
        if row.state == TransferState.ENDED and row.ended_by:
            return row.state, _("ended by %(office)s") % {"office": row.ended_by}
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("day"))
    def day(self, row: Transfer) -> str:
        return (row.ended_on or timezone.localdate(row.decided_at or row.proposed_at)).isoformat()

    @display(description=gettext_lazy("note"))
    def text(self, row: Transfer) -> str:
        return row.answer or handed(row).get("note", "")

    @display(description=gettext_lazy("to do"))
    def to_do(self, row: Any) -> str:
        if row.state != TransferState.PROPOSED:
            return ""
        steps = []
        if row.is_for_us:
            steps += [("accept", _("Take over")), ("return", _("Send back"))]
        if row.is_ours:
            steps += [("withdraw", _("Withdraw"))]
        return format_html_join(
            " ", '<a class="text-primary-600 font-medium whitespace-nowrap" href="{}">{}</a>',
            ((reverse(f"admin:members_transfer_{step}", args=[row.pk]), label) for step, label in steps),
        )  # fmt: skip


card.tools += [pages.move_tool, pages.transfer_tool]
