"""The list of needs, and the part of a member's card that shows them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.admin import OwnMembersMixin
from contacts.needs.enums import NeedState
from contacts.needs.models import Need
from contacts.services import may_log
from contacts.wishes.views import wish_section
from members import card
from members.models import Member
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin

ON_CARD = 10
COLOURS = {
    NeedState.OPEN.value: "warning",
    NeedState.DOING.value: "info",
    NeedState.ANSWERED.value: "primary",
    NeedState.CONFIRMED.value: "success",
}


class LaneFilter(admin.SimpleListFilter):
    """State, or what is to be looked at: the same lists as the lanes of the board and the tiles of the front page."""

    title = _("state")
    parameter_name = "lane"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            *NeedState.choices,
            ("overdue", _("overdue")),
            ("follow", _("to look at again")),
            ("mine", _("in my charge")),
            ("nobody", _("in nobody's charge")),
            ("gone", _("the person has left, not closed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.in_lane(self.value() or "", access.actor(), timezone.localdate())  # type: ignore[attr-defined]


@admin.register(Need)
class NeedAdmin(OwnMembersMixin, ScopedModelAdmin):
    """Needs as a list. They are raised in contacts, and worked on on a page of their own."""

    rights = {"view": Right.VIEW_MEMBERS}
    list_before_template = "contacts/needs/list_tools.html"
    list_display = ["person", "organization", "category", "state_shown", "due_shown", "owner_shown", "raised_on"]
    list_display_links = ["person"]
    list_filter = [LaneFilter, OrganizationFilter, "category"]
    list_select_related = ["member__organization", "organization", "owner"]
    search_fields = ["member__name"]
    search_help_text = _("Name, pinyin or initials")
    ordering = ["due_on", "id"]
    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = {"may_analyse": access.may(Right.VIEW_AGGREGATES)} | (extra_context or {})
        return super().changelist_view(request, shown)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description=_("name"), ordering="member__name_pinyin")
    def person(self, row: Need) -> str:
        return row.member.label

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_charge()

    @display(description=_("person in charge"), ordering="owner__name")
    def owner_shown(self, row: Any) -> Any:
        if not row.is_of_nobody:
            return row.owner or "—"
        return format_html('<strong class="need-late">{}</strong>', gettext("in nobody's charge"))

    @display(description=_("state"), ordering="state", label=COLOURS)
    def state_shown(self, row: Need) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("answer by"), ordering="due_on")
    def due_shown(self, row: Need) -> str:
        day = row.due_on.isoformat()
        if not row.is_overdue:
            return day
        return format_html('<strong class="need-late">{} {}</strong>', day, gettext("overdue"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return redirect("contacts:need", pk=row.pk)


def need_section(member: Member) -> card.Section | None:
    """The member's needs, those to be answered first; nothing on the card of a file whose side is another's."""
    actor = access.current()
    if actor is None:
        return None
    files = [member, *member.linked_files]
    found = Need.objects.visible_to(actor).filter(member__in=files).select_related("organization", "owner")
    rows = list(found.order_by("confirmed_on", "due_on", "id")[:ON_CARD])
    for row in rows:
        row.member = next(file for file in files if file.pk == row.member_id)
    paper = [(f"{row.raised_on} {row.get_category_display()}", str(row.get_state_display())) for row in rows]
    context = {"needs": rows, "may_log": may_log(member, actor)}
    return card.Section(gettext("Needs"), "contacts/needs/on_card.html", context, order=36, paper=paper)


card.sections.append(need_section)
card.sections.append(wish_section)
