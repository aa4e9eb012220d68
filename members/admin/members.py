"""Members: list, search, filters, form and card.

Other apps append to the lists below in their admin modules; members imports none of them:
`extra_columns`  functions of a member, with `short_description`, shown at the end of the list;
`extra_steps`    functions of the list's queryset that fetch what those columns need, once for the page;
`extra_filters`  filter classes of the list.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import services
from members.admin import card_pages, merging, pages, reveal
from members.admin.filters import CommunityFilter, DirectionFilter, FreshnessFilter, PlacedFilter, chosen_organization
from members.admin.moving import move_members_action
from members.forms import MemberForm
from members.models import NAMED_LIKE_MOST, Member, Movement, access_member, ids_named_like
from members.same_people.services import counted_twice
from members.validators import looks_like_number
from portal import access
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin

extra_columns: list[Callable[[Member], Any]] = []
extra_steps: list[Callable[[QuerySet], QuerySet]] = []
extra_filters: list[type[admin.SimpleListFilter]] = []


@admin.register(Member)
class MemberAdmin(ScopedModelAdmin):
    """One file per person. Nothing is deleted: a file is archived by its state."""

    rights = {"view": Right.VIEW_MEMBERS, "add": Right.CHANGE_MEMBERS, "change": Right.CHANGE_MEMBERS}
    form = MemberForm
    list_display = ["name_link", "gender_word", "organization", "direction_word", "started", "masked", "state"]
    list_display_links = None
    list_filter = [CommunityFilter, PlacedFilter, DirectionFilter, "state", "member_type", FreshnessFilter]
    list_select_related = ["organization"]
    list_fullwidth = True
    change_form_outer_after_template = "admin/members/member/stored.html"
    list_before_template = "admin/members/member/list_tools.html"
    sortable_by = ["name_link"]
    search_fields = ["name"]  # the box only; what it finds is get_search_results
    search_help_text = gettext_lazy("Name, pinyin or initials; or the full mobile or ID number")
    show_add_link = False
    show_facets = admin.ShowFacets.NEVER  # a count for every choice would read the whole scope for each
    actions: list[Any] | None = [move_members_action]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*self.list_display, *extra_columns]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*self.list_filter, *extra_filters]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        open_now = Prefetch("movements", Movement.objects.filter(ended_on=""), to_attr="open_movements")
        # after the page was cut: filters and counts run without what only the columns need
        changelist.result_list = _with_steps(changelist.result_list.prefetch_related(open_now))
        if not changelist.has_active_filters and not changelist.query:
            changelist.full_result_count = changelist.result_count  # no "show all" beside a list that shows all
        return changelist

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        if looks_like_number(search_term):
            return queryset.with_number(search_term), False
        request._found_ids = ids_named_like(search_term)
        if len(request._found_ids) == NAMED_LIKE_MOST:
            sentence = _("Too many people have such a name: type more of it to see everybody.")
            messages.info(request, sentence, fail_silently=True)
        return queryset.filter(pk__in=request._found_ids), False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # not super(): it would sort before the sort key is there
        return pages.in_order(self.scoped, request, chosen_organization(request)).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return [pages.ORDER_KEY, "id"]

    def get_paginator(self, request: HttpRequest, queryset: QuerySet, per_page: int, *args: Any, **kwargs: Any) -> Any:
        return pages.paginator(request, queryset, per_page)

    @admin.display(description=gettext_lazy("name"), ordering=pages.ORDER_KEY)
    def name_link(self, member: Member) -> str:
        return format_html(
            '<a class="font-semibold text-primary-600" href="{}">{}</a>',
            reverse("admin:members_member_card", args=[member.pk]),
            member.name,
        )

    @admin.display(description=gettext_lazy("gender"))
    def gender_word(self, member: Member) -> str:
        return member.get_gender_display() or "—"

    @admin.display(description=gettext_lazy("direction"))
    def direction_word(self, member: Member) -> str:
        is_managing = access.may(Right.VIEW_MEMBERS, member.organization)
        return "、".join(movement.direction_label(is_managing) for movement in member.open_movements) or "—"

    @admin.display(description=gettext_lazy("started on"))
    def started(self, member: Member) -> str:
        return "、".join(filter(None, (movement.started_on for movement in member.open_movements))) or "—"

    @admin.display(description=gettext_lazy("mobile"))
    def masked(self, member: Member) -> str:
        return member.masked_mobile or "—"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Pairs stand in one row: what belongs together is seen together, and the form stays short."""
        identity = ["name", "organization", ("gender", "ethnicity"), ("new_id_number", "new_mobile")]
        party = [("birth_date", "join_date"), ("member_type", "full_member_date"), "shown_version"]
        more = [("membership_status", "certificate_number"), ("id_type", "dues_paid_until")]
        more += [("native_place", "household_address")]
        contact = [("landline", "wechat_id"), ("family_contact", "in_group"), ("liaison_name", "liaison_phone")]
        away = [
            ("direction", "started_on"),
            ("home_organization", "home_text"),
            ("host_organization", "host_text"),
            ("destination", "reason"),
            ("counterpart_contact", "counterpart_phone"),
            ("expected_end_on", "ended_on"),
            ("scope", "destination_kind"),
            ("reported_on", "joined_host_on"),
        ]
        work = [
            ("education", "occupation"),
            "employer",
            "current_address",
            ("degree", "graduated_on"),
            "new_employment",
        ]
        work += [("former_occupation", "former_employer"), "skills", "remark"]
        care = ["care_tags", "needs", "thought_note", ("lost_since", "lost_cause")]
        return [
            (_("Who it is"), {"fields": identity + party + more}),
            (_("Movement"), {"fields": away + ([] if obj is None else ["state"])}),
            (_("Contact"), {"fields": [*contact, "contact_note"]}),
            (_("Work and life"), {"fields": work}),
            (_("Care"), {"fields": care}),
        ]

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path("<uuid:pk>/card/", guarded(self.card_view), name="members_member_card"),
            path("<uuid:pk>/verify/", guarded(card_pages.verify_view), name="members_member_verify"),
            path("<uuid:pk>/pdf/", guarded(card_pages.pdf_view), name="members_member_pdf"),
            path("<uuid:pk>/phones/", guarded(card_pages.phones_view), name="members_member_phones"),
            path("<uuid:pk>/merge/<uuid:other_pk>/", guarded(merging.merge_view), name="members_member_merge"),
            path("<uuid:pk>/reveal/", guarded(reveal.reveal_view), name="members_member_reveal"),
            *super().get_urls(),
        ]

    def card_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """One person on one page, for the screen and for A4."""
        linked = Member.objects.filter(pk=pk, same_as__isnull=False).values_list("same_as", flat=True).first()
        if linked:  # an address from before the own file was linked
            return redirect("admin:members_member_card", access_member(access.actor(), linked).pk)
        member = access_member(access.actor(), pk)
        services.note_view(member=member, by=access.actor())
        return TemplateResponse(request, "admin/members/member/card.html", reveal.page(request, member))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        tools = {"title": _("Floating members"), "may_add": self.has_add_permission(request), "export_url": None}
        tools["in_doubt"] = counted_twice() if access.may(Right.VIEW_MEMBERS) else 0
        if access.may(Right.EXPORT_LEDGER):
            # the export follows the filters of the list
            tools["export_url"] = f"{reverse('admin:members_member_export')}?{request.GET.urlencode()}"
        return super().changelist_view(request, {**tools, **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever may read but not write lands on the card."""
        member = self.get_object(request, unquote(object_id))
        if member is None:
            raise Http404
        if request.method == "GET" and not self.has_change_permission(request, member):
            return redirect("admin:members_member_card", member.pk)
        return super().change_view(request, object_id, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refusal of the services becomes an error of the form, with nothing saved."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except services.MemberRefused as refusal:
            request._member_refused = _with_link(refusal)
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context |= {"show_save_and_continue": False, "show_save_and_add_another": not kwargs.get("change")}
        if kwargs.get("obj") is not None:
            form = context["adminform"].form
            context |= {"member": kwargs["obj"], "stored": reveal.stored_values(kwargs["obj"], form.movement)}
        return super().render_change_form(request, context, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, fields=MemberForm.Meta.fields)
        refusal = getattr(request, "_member_refused", None)
        if refusal is None:
            return form

        class RefusedForm(form):  # type: ignore[valid-type,misc]
            def clean(self) -> Any:
                cleaned = super().clean()
                self.add_error(None, refusal)
                return cleaned

        return RefusedForm

    def save_model(self, request: HttpRequest, obj: Member, form: MemberForm, change: bool) -> None:
        """Hand the form to the services; `obj` only carries the key onwards."""
        by, organization = access.actor(), form.cleaned_data["organization"]
        values, movement = form.member_values(), form.movement_values()
        if not change:
            obj.pk = services.create_member(organization=organization, values=values, by=by, movement=movement).pk
        else:
            stored = access_member(by, obj.pk)
            services.change_member(member=stored, values=values, by=by)
            _save_movement(stored, form, movement, by)
            if organization != stored.organization:
                services.move_member(member=stored, organization=organization, by=by)
        for sentence in form.cross_warnings:
            messages.warning(request, sentence)
        for twin in services.find_namesakes(access_member(by, obj.pk)):
            sentence = _("Possibly the same person: %(name)s. Please compare the two files.")
            told = sentence % {"name": twin.label}
            address = reverse("admin:members_member_merge", args=[obj.pk, twin.pk])
            link = format_html(' <a class="underline" href="{}">{}</a>', address, _("Merge the two files"))
            may_merge = access.may(Right.CHANGE_MEMBERS, twin.organization)
            messages.warning(request, format_html("{}{}", told, link if may_merge else ""))

    def response_post_save_add(self, request: HttpRequest, obj: Member) -> HttpResponse:
        return redirect("admin:members_member_card", obj.pk)

    response_post_save_change = response_post_save_add


def _with_link(refusal: services.MemberRefused) -> str:
    """The sentence, and where a file is in the way that this person sees, the way to it."""
    if refusal.file is None:
        return str(refusal)
    url = reverse("admin:members_member_card", args=[refusal.file.pk])
    return format_html('{} <a class="underline" href="{}">{}</a>', str(refusal), url, _("Open that file"))


def _with_steps(rows: QuerySet) -> QuerySet:
    for step in extra_steps:
        rows = step(rows)
    return rows


def _save_movement(member: Member, form: MemberForm, values: dict[str, Any] | None, by: access.Actor) -> None:
    if values is None:
        return
    if form.movement is None:
        services.start_movement(member=member, values=values, by=by)
    else:
        services.change_movement(movement=form.movement, values=values, by=by)
