"""The list 日期提醒: whose day it is, what is to be done, ticked off and taken back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.admin import OwnMembersMixin, _is_liaison
from contacts.copy_texts import folded
from contacts.dates.enums import DateKind, DateState
from contacts.dates.models import DateReminder
from contacts.dates.services import mark
from contacts.dates.words import TO_DO, greeting_of, title_of
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*DateState.choices, ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        """What is to do stands first and is shown unasked."""
        unasked, *others = super().choices(changelist)
        others[0]["selected"] = others[0]["selected"] or unasked["selected"]
        return others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or DateState.OPEN.value
        return queryset.filter(state=state) if state in DateState.values else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [choice for choice in DateKind.choices if choice[0] != DateKind.WORKDAYS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() in DateKind.values else queryset


@admin.action(description=_("Done"), permissions=["mark"])
def done_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> None:
    _marked(request, queryset, DateState.DONE)


@admin.action(description=_("Not needed"), permissions=["mark"])
def dismiss_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> None:
    _marked(request, queryset, DateState.DISMISSED)


@admin.action(description=_("To do after all"), permissions=["mark"])
def reopen_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> None:
    _marked(request, queryset, DateState.OPEN)


def _marked(request: HttpRequest, queryset: QuerySet, state: DateState) -> None:
    try:
        count = mark(reminders=list(queryset.values_list("pk", flat=True)), state=state, by=access.actor())
    except PermissionDenied:
        messages.error(request, gettext("You may not do this here."))
        return
    told = ngettext("%(count)d date reminder: %(state)s.", "%(count)d date reminders: %(state)s.", count)
    messages.success(request, told % {"count": count, "state": state.label})


@admin.register(DateReminder)
class DateReminderAdmin(OwnMembersMixin, ScopedModelAdmin):
    """Rows come from the rules; people tick them off. A liaison sees those of the own members."""

    rights = {"view": Right.VIEW_MEMBERS}
    list_before_template = "contacts/date_tools.html"
    list_display = ["day", "person", "what", "to_do", "to_copy", "organization", "state_shown"]
    list_filter = [StateFilter, KindFilter, OrganizationFilter]
    list_select_related = ["member__organization", "organization__parent", "closed_by"]
    search_fields = ["member__name"]
    search_help_text = _("Name, pinyin or initials")
    fields = ["day", "person", "what", "to_do", "greeting", "organization", "state", "closed_by", "closed_at"]
    readonly_fields = fields
    ordering = ["day", "organization__path", "id"]
    actions = [done_action, dismiss_action, reopen_action]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).current()

    def has_mark_permission(self, request: HttpRequest) -> bool:
        return access.may(Right.LOG_CONTACTS) or _is_liaison(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = {"may_rule": access.may(Right.ASSIGN_LIAISONS)} | (extra_context or {})
        return super().changelist_view(request, shown)

    @display(description=_("whose date"))
    def person(self, row: DateReminder) -> str:
        return row.member.label if row.member else gettext("the office")

    @display(description=_("occasion"))
    def what(self, row: DateReminder) -> str:
        return title_of(row)

    @display(description=_("what to do"))
    def to_do(self, row: DateReminder) -> str:
        if row.kind == DateKind.FESTIVAL and access.may(Right.MANAGE_NEEDS):
            link = f"{reverse('contacts:care')}?festival={row.festival}&year={row.day.year}"
            return format_html('<a class="text-primary-600 font-medium" href="{}">{}</a>', link, TO_DO[row.kind])
        return str(TO_DO[row.kind])

    @display(description=_("greeting to copy"))
    def greeting(self, row: DateReminder) -> str:
        text = greeting_of(row)
        if not text:
            return "—"
        return render_to_string("portal/copy_text.html", {"text": text, "label": gettext("greeting to copy")})

    @display(description=_("To copy"))
    def to_copy(self, row: DateReminder) -> str:
        text = greeting_of(row)
        return folded(text, row.member.name) if text and row.member else "—"

    @display(
        description=_("state"),
        ordering="state",
        label={DateState.OPEN.value: "warning", DateState.DONE.value: "success", DateState.DISMISSED.value: "info"},
    )
    def state_shown(self, row: DateReminder) -> tuple[str, str]:
        return row.state, row.get_state_display()
