"""Staff pages of contacts: who is due, what was logged, liaisons, intervals, and the reminders that went out."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.admin_actions import (
    LiaisonFilter,
    LoadFilter,
    assign_liaison_action,
    assign_visits_action,
    primary_liaison,
    with_primary_liaison,
)
from contacts.assign_views import card_tool
from contacts.assigning import released_by
from contacts.copy_texts import folded, text_to_person
from contacts.enums import VISITING, ObligationState, Side, Standing
from contacts.forms import LiaisonForm
from contacts.models import ContactLog, ContactObligation, ContactPolicy, Liaison, LiaisonAssignment
from contacts.policy_forms import GROUPS, PolicyForm
from contacts.refreshing import is_refreshing
from contacts.services import may_log
from contacts.since import MemberSinceFilter, SinceFilter
from contacts.views import about
from contacts.why_views import card_tool as why_tool
from contacts.why_views import why_link
from members import card
from members.admin import MemberAdmin, extra_columns, extra_steps
from members.masks import mask_mobile
from members.models import Member
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


class OwnMembersMixin:
    """Open to liaisons too: they hold no right on an organization and see the rows of their own members."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or _is_liaison(request)  # type: ignore[misc]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or _is_liaison(request)  # type: ignore[misc]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(member__in=Member.objects.named_like(search_term)), False


def _is_liaison(request: HttpRequest) -> bool:
    actor = access.current()
    if actor is None or actor.user_id is None:
        return False
    if not hasattr(request, "_is_liaison"):
        with connection.cursor() as cursor:  # the database knows who visits only
            cursor.execute("select portal.acting_liaison() is not null")
            request._is_liaison = cursor.fetchone()[0]  # type: ignore[attr-defined]
    return bool(request._is_liaison)  # type: ignore[attr-defined]


class LampFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ObligationState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=self.value()) if self.value() in ObligationState.values else queryset


class SideFilter(admin.SimpleListFilter):
    title = _("side")
    parameter_name = "side"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Side.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(side=self.value()) if self.value() in Side.values else queryset


@admin.register(ContactObligation)
class ContactObligationAdmin(OwnMembersMixin, ScopedModelAdmin):
    """Who has to be contacted, the most urgent first. Dates follow from contacts; nothing is edited here."""

    rights = {"view": Right.VIEW_MEMBERS}
    list_before_template = "contacts/duty_tools.html"
    list_display = ["person", "organization", "side", "liaison", "last_success_on", "due_on", "next_step", "lamp",
                    "log_link"]  # fmt: skip
    list_display_links = ["person"]
    list_filter = [LampFilter, SinceFilter, OrganizationFilter, SideFilter]
    list_select_related = ["member__organization", "organization__parent"]
    search_fields = ["member__name"]
    search_help_text = _("Name, pinyin or initials")
    ordering = ["due_on", "member__name_pinyin", "id"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        primary = LiaisonAssignment.objects.open().filter(member=OuterRef("member_id"), is_primary=True)
        rows = super().get_queryset(request).of_own_side(access.actor()).current().with_state(timezone.localdate())
        if not (request.resolver_match and "object_id" in request.resolver_match.kwargs):
            # nobody's work here, until somebody asks for them: what the member does, and sides outside the portal
            if request.GET.get("side") != Side.MEMBER:
                rows = rows.exclude(side=Side.MEMBER)
            if request.GET.get("state") != ObligationState.OUTSIDE:
                rows = rows.exclude(standing=Standing.OUTSIDE)
        latest = ContactLog.objects.latest_of(OuterRef("member_id"), OuterRef("organization_id"))
        return rows.annotate(
            liaison_name=Subquery(primary.values("liaison__name")[:1]), next_on=Subquery(latest.values("next_on")[:1])
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        request._log_back = request.get_full_path()  # type: ignore[attr-defined]
        shown = {
            "title": gettext("Contacts due"),
            "may_log": bool(access.may(Right.LOG_CONTACTS)) or _is_liaison(request),
            "may_count": access.may(Right.VIEW_AGGREGATES),
            "is_refreshing": is_refreshing(access.granted_nodes(Right.VIEW_MEMBERS)),
            "may_tell_group": access.may(Right.VIEW_MEMBERS),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        def log_link(row: ContactObligation) -> str:
            return _log_link(row.member_id, getattr(request, "_log_back", ""))

        shown = [display(description=_("Log contact"))(log_link), display(description=_("To copy"))(_copy_text)]
        if access.may(Right.VIEW_MEMBERS):  # a liaison does not read what others are sent
            shown.append(display(description=_("Reminders"))(lambda row: why_link(row.member_id)))
        return [*(name for name in self.list_display if name != "log_link"), *shown]

    def log_link(self, row: ContactObligation) -> str:
        return _log_link(row.member_id, "")

    @display(description=_("name"), ordering="member__name_pinyin")
    def person(self, row: ContactObligation) -> str:
        return row.member.label

    @display(description=_("next step on"), ordering="next_on")
    def next_step(self, row: Any) -> Any:
        return row.next_on or "—"

    @display(description=_("liaison"), ordering="liaison_name")
    def liaison(self, row: Any) -> str:
        if not row.liaison_name and row.organization_id != row.member.organization_id:
            return "—"  # the managing side names the liaison
        return row.liaison_name or gettext("none yet")

    @display(
        description=_("state"),
        ordering="due_on",
        label={
            ObligationState.NORMAL.value: "success",
            ObligationState.DUE.value: "warning",
            ObligationState.OVERDUE.value: "danger",
            ObligationState.PAUSED.value: "info",
            ObligationState.EXEMPT.value: "info",
            ObligationState.OUTSIDE.value: "info",
        },
    )
    def lamp(self, row: Any) -> tuple[str, Any]:
        return row.state, ObligationState(row.state).label

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return redirect("contacts:log", pk=row.member_id)


def _log_link(member: Any, back: str) -> str:
    url = reverse("contacts:log", args=[member])
    if back:
        url = f"{url}?{urlencode({'next': back})}"
    return format_html('<a class="text-primary-600 font-medium" href="{}">{}</a>', url, gettext("Log contact"))


def _copy_text(row: Any) -> str:
    own = row.liaison_name if row.organization_id == row.member.organization_id else ""  # the managing side names one
    return folded(text_to_person(row.organization, own or ""), row.member.name)


@admin.register(Liaison)
class LiaisonAdmin(ScopedModelAdmin):
    rights = {"view": Right.VIEW_MEMBERS, "add": Right.ASSIGN_LIAISONS, "change": Right.ASSIGN_LIAISONS}
    list_before_template = "contacts/liaison_tools.html"
    form = LiaisonForm
    list_display = ["name", "organization", "kind", "mobile_shown", "email", "looks_after", "is_active"]
    ordering = ["name", "id"]  # the count below drops the model's own
    list_filter = [OrganizationFilter, "kind", "is_active", LoadFilter]
    list_select_related = ["organization"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        current = Q(assignments__ended_on=None, assignments__isnull=False)
        rows = super().get_queryset(request).with_load()
        return rows.annotate(looks_after=Count("assignments", filter=current))

    def save_model(self, request: HttpRequest, obj: Liaison, form: LiaisonForm, change: bool) -> None:
        """Whose work ends gives up members and link with the save (contacts/sql/visits.sql); say how many."""
        ends = change and form.ends_work()
        given_up = released_by(obj) if ends else 0
        super().save_model(request, obj, form, change)
        if ends:
            told = ngettext(
                "The work of %(name)s has ended. %(count)d person is without this person now.",
                "The work of %(name)s has ended. %(count)d people are without this person now.",
                given_up,
            )
            messages.warning(
                request,
                format_html(
                    '{} <a class="font-medium underline" href="{}">{}</a>',
                    told % {"name": obj.name, "count": given_up},
                    reverse("contacts:find_liaisons"),
                    gettext("Find liaisons for those without one"),
                ),
            )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = {"may_assign": access.may(Right.ASSIGN_LIAISONS)} | (extra_context or {})
        return super().changelist_view(request, shown)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ["organization", "name", "kind", "new_mobile", "office_phone", "email", "is_active"] + (
            ["work_link", "hand_over"] if obj else []
        )
        if not self._may("change" if obj else "add", obj):  # a reader gets values, not form fields
            return ["organization", "name", "kind", "mobile_shown", "office_phone", "email", "is_active"]
        return [*own, "username"] if access.may(Right.GRANT_ACCESS) else own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["mobile_shown", "work_link", "hand_over"]

    @display(description=_("mobile number"))
    def mobile_shown(self, row: Liaison) -> str:
        return mask_mobile(row.mobile)

    @display(description=_("work link"))
    def work_link(self, row: Liaison) -> str:
        return format_html(
            '<a class="text-primary-600 font-medium" href="{}">{}</a>',
            reverse("contacts:work_link", args=[row.pk]),
            gettext("Give or take back the work link"),
        )

    @display(description=_("people looked after"))
    def hand_over(self, row: Liaison) -> str:
        return format_html(
            '<a class="text-primary-600 font-medium" href="{}">{}</a>',
            reverse("contacts:hand_over", args=[row.pk]),
            gettext("Hand members over"),
        )

    @display(
        description=_("people / limit"),
        ordering="load",
        label={"over": "danger", "fits": "success", "visits": "info"},
    )
    def looks_after(self, row: Any) -> tuple[str, str]:
        """Members of the members that the rules allow; a visiting worker's list has no limit."""
        if row.kind in VISITING:
            return "visits", str(row.looks_after)
        return "over" if row.load > row.capacity else "fits", f"{row.load} / {row.capacity}"


@admin.register(ContactPolicy)
class ContactPolicyAdmin(ScopedModelAdmin):
    rights = dict.fromkeys(("view", "add", "change", "delete"), Right.ASSIGN_LIAISONS)
    form = PolicyForm
    fieldsets = [(title, {"fields": fields}) for title, fields in GROUPS]
    list_display = ["organization", "target_days", "limit_days", "go_live_on", "capacity"]
    list_select_related = ["organization"]
    actions = None

    def save_model(self, request: HttpRequest, obj: ContactPolicy, form: PolicyForm, change: bool) -> None:
        """Few duties follow with the save; many are worked off in the background, and this says so."""
        super().save_model(request, obj, form, change)
        if is_refreshing([obj.organization_id]):
            messages.warning(request, gettext("Many dates follow from this interval. They are being worked out now; "
                                              "until then the list still shows some of the former ones."))  # fmt: skip


def contact_section(member: Member) -> card.Section | None:
    """Liaison, the lamps of both sides and the latest contacts, for the member's card."""
    actor = access.current()
    if actor is None:
        return None
    context = about(member, actor) | {"may_log": may_log(member, actor)}
    context["copy_text"] = _text_on_card(member, context)
    paper = [(_side_on_paper(duty), str(duty.state_label)) for duty in context["duties"]]
    if context["shows_liaison"] and context["assignment"]:
        paper.append((gettext("Liaison"), context["assignment"].liaison.name))
    return card.Section(gettext("Contact"), "contacts/on_card.html", context, order=15, paper=paper)


def _text_on_card(member: Member, context: dict[str, Any]) -> str:
    """What the reader's own side may send, if it is one that makes contact."""
    if not context["may_log"]:
        return ""
    known = context["assignment"] if context["shows_liaison"] else None
    ours = (duty.organization for duty in context["duties"] if duty.is_ours and duty.side != Side.MEMBER)
    office = member.organization if context["shows_liaison"] else next(ours, None)
    return text_to_person(office, known.liaison.name if known else "") if office else ""


def _side_on_paper(duty: Any) -> str:
    if duty.side == Side.MEMBER:
        return str(duty.get_side_display())
    place = duty.place or gettext("not known") if duty.standing == Standing.OUTSIDE else duty.organization
    return f"{duty.get_side_display()}（{place}）"


card.sections.append(contact_section)
card.tools.append(card_tool)
card.tools.append(why_tool)
extra_columns.append(primary_liaison)
extra_steps.append(with_primary_liaison)
MemberAdmin.list_filter = [*MemberAdmin.list_filter, LiaisonFilter, MemberSinceFilter]
MemberAdmin.actions = [*(MemberAdmin.actions or []), assign_liaison_action, assign_visits_action]

import contacts.channels.admin  # noqa: E402
import contacts.dates.admin  # noqa: E402
import contacts.groups.admin  # noqa: E402
import contacts.needs.admin  # noqa: E402, F401
from contacts import message_admin  # noqa: E402, F401  screens of files of their own
from contacts.logbook import admin as logbook_admin  # noqa: E402, F401
