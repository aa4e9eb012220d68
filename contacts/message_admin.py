"""The screen of reminders: what was sent to whom and when, why not, and what to do about those that did not arrive."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.dead_letters import give_up, send_again, undelivered
from contacts.enums import OFFICE_STEPS, MessageState
from contacts.models import OutboundMessage
from contacts.why_views import why_link
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


class DeliveryFilter(admin.SimpleListFilter):
    title = _("delivery")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("undelivered", _("not delivered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return undelivered(queryset) if self.value() == "undelivered" else queryset


@admin.action(description=_("Send again"), permissions=["decide"])
def send_again_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> None:
    told = _decided(request, queryset, send_again)
    if told is not None:
        text = ngettext(
            "%(count)d reminder goes out with the next mails.", "%(count)d reminders go out with the next mails.", told
        )
        messages.success(request, text % {"count": told})


@admin.action(description=_("Do not send any more"), permissions=["decide"])
def give_up_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> None:
    told = _decided(request, queryset, give_up)
    if told is not None:
        text = ngettext("%(count)d reminder is not sent any more.", "%(count)d reminders are not sent any more.", told)
        messages.success(request, text % {"count": told})


def _decided(request: HttpRequest, queryset: QuerySet, decide: Any) -> int | None:
    try:
        return int(decide(queryset.values_list("pk", flat=True), by=access.actor()))
    except PermissionDenied:
        messages.error(request, gettext("You may not do this here."))
        return None


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ScopedModelAdmin):
    """Rows are written by the rounds alone; people decide only about those that did not arrive."""

    rights = {"view": Right.VIEW_MEMBERS}
    list_display = ["planned", "person", "organization", "recipient_shown", "due", "step", "state_shown", "reason",
                    "sent", "why"]  # fmt: skip
    list_filter = [DeliveryFilter, "state", "step", OrganizationFilter]
    list_select_related = ["obligation__member", "need__member", "organization", "liaison", "recipient", "account"]
    fields = ["person", "organization", "recipient_shown", "due_on", "step", "state", "reason", "planned_at", "sent_at",
              "why"]  # fmt: skip
    readonly_fields = fields
    actions = [send_again_action, give_up_action]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # a duty whose member went elsewhere is out of sight, and so is what was sent about it
        own = Q(account__isnull=False) | Q(step__in=OFFICE_STEPS)
        return super().get_queryset(request).filter(own | Q(obligation__member__isnull=False))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return access.may(Right.ASSIGN_LIAISONS)

    # ten columns: days and times as short as they may be
    @display(description=_("planned at"), ordering="planned_at")
    def planned(self, row: OutboundMessage) -> str:
        return f"{timezone.localtime(row.planned_at):%Y-%m-%d %H:%M}"

    @display(description=_("due on"), ordering="due_on")
    def due(self, row: OutboundMessage) -> str:
        return row.due_on.isoformat()

    @display(description=_("sent at"), ordering="sent_at")
    def sent(self, row: OutboundMessage) -> str:
        return f"{timezone.localtime(row.sent_at):%Y-%m-%d %H:%M}" if row.sent_at else "—"

    @display(description=_("name"))
    def person(self, row: OutboundMessage) -> str:
        if row.account_id:
            return gettext("numbers for the work group")
        if row.step in OFFICE_STEPS:
            return gettext("the office")
        return row.member.name if row.member else "—"

    @display(description=_("recipient"))
    def recipient_shown(self, row: OutboundMessage) -> str:
        return str(row.liaison or row.recipient or row.account or "")

    @display(
        description=_("state"),
        ordering="state",
        label=dict.fromkeys(MessageState.values, "info")
        | {
            MessageState.SENT.value: "success",
            MessageState.FAILED.value: "danger",
            MessageState.UNSURE.value: "warning",
            MessageState.RETRY.value: "warning",
        },
    )
    def state_shown(self, row: OutboundMessage) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Reminders"))
    def why(self, row: OutboundMessage) -> str:
        return why_link(row.member.pk) if row.obligation else "—"
