"""Staff pages of check-in: the points with their posters, and the queue of report-ins."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from checkin import services
from checkin.conversion import home_shown
from checkin.enums import OPEN_STATES, ReportInState
from checkin.matching import Match, suggest_members
from checkin.models import CheckinPoint, ReportIn, ReportInLink
from checkin.own_page.staff_views import card_section, card_tool
from checkin.queue.batch import decide_action
from checkin.queue.decisions import carry_out
from checkin.queue.forms import DecisionForm, JoinForm, PhotoForm, offices_in_reach
from contacts import work_views
from members import card
from members.revealing import TooMany
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


@admin.register(CheckinPoint)
class CheckinPointAdmin(ScopedModelAdmin):
    rights = {"view": Right.VIEW_MEMBERS, "add": Right.RUN_CHECKIN, "change": Right.RUN_CHECKIN}
    list_display = ["name", "organization", "kind", "address", "is_active", "submitted", "waiting", "poster"]
    list_filter = [OrganizationFilter, "kind", "is_active"]
    list_select_related = ["organization"]
    list_before_template = "checkin/point_tools.html"
    search_fields = ["name", "address"]
    fields = ["organization", "name", "kind", "address", "hours", "contact_name", "contact_phone", "is_active"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).with_counts()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_count = access.may(Right.RUN_CHECKIN)
        return super().changelist_view(request, (extra_context or {}) | {"may_count": may_count})

    def save_model(self, request: HttpRequest, obj: CheckinPoint, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            services.open_point(point=obj, by=access.actor())

    @display(description=_("report-ins"), ordering="submitted")
    def submitted(self, point: CheckinPoint) -> int:
        return point.submitted

    @display(description=_("to verify"), ordering="waiting")
    def waiting(self, point: CheckinPoint) -> int:
        return point.waiting

    @display(description=_("Poster"))
    def poster(self, point: CheckinPoint) -> str:
        url = reverse("checkin:poster_page", args=[point.pk])
        return format_html('<a class="text-primary-600" href="{}">{}</a>', url, gettext("Show and print"))


@admin.register(ReportInLink)
class ReportInLinkAdmin(ScopedModelAdmin):
    """Addresses for reporting in without a poster."""

    rights = {"view": Right.RUN_CHECKIN, "add": Right.RUN_CHECKIN, "change": Right.RUN_CHECKIN}
    list_display = ["address", "organization", "contact_phone", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["organization"]
    fields = ["organization", "word", "contact_phone", "is_active"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "organization":
            kwargs["queryset"] = offices_in_reach()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("address"))
    def address(self, link: ReportInLink) -> str:
        return settings.BASE_URL + reverse("report_in_link", args=[link.word])


class QueueFilter(admin.SimpleListFilter):
    """Waiting for a decision, for longer than a day, or decided."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting")), ("late", _("waiting for more than a day")), ("decided", _("dealt with"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() == "waiting":
            return queryset.waiting()
        if self.value() == "late":
            return queryset.late()
        return queryset.exclude(state__in=OPEN_STATES) if self.value() == "decided" else queryset


class ReportInOrganizationFilter(OrganizationFilter):
    right = Right.RUN_CHECKIN


@admin.register(ReportIn)
class ReportInAdmin(ScopedModelAdmin):
    """The queue. Rows are made by the public page and at the counter, and changed by decisions only, so there is no
    form for them here."""

    rights = {"view": Right.RUN_CHECKIN}
    list_display = [
        "person", "mobile_shown", "organization", "point", "submitted_at", "way_shown", "state_shown", "suggestion"
    ]  # fmt: skip
    list_filter = [QueueFilter, "state", "way", ReportInOrganizationFilter]
    list_select_related = ["organization", "point", "member__organization"]
    list_display_links = ["person"]
    list_before_template = "checkin/queue_tools.html"
    actions = [decide_action]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Who waits comes first, the longest first; then what was dealt with, the latest first."""
        since = models.Case(models.When(state__in=OPEN_STATES, then="submitted_at"))
        return [since.asc(nulls_last=True), "-submitted_at", "pk"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = [row for row in changelist.result_list if row.is_open]
        found = suggest_members(rows, access.actor())
        for row in rows:
            row.matches = found[row.pk]
        return changelist

    @display(description=_("full name"))
    def person(self, row: ReportIn) -> str:
        return gettext("(deleted)") if row.is_forgotten else row.name

    @display(description=_("mobile number"))
    def mobile_shown(self, row: ReportIn) -> str:
        return row.masked_mobile

    @display(description=_("filled in"), ordering="way")
    def way_shown(self, row: ReportIn) -> str:
        if row.is_by_proxy and row.is_open:
            return gettext("by somebody else: call the person first")
        return str(row.get_way_display())

    @display(
        description=_("state"),
        ordering="state",
        # every state: the theme shows the bare code of one that is not named
        label=dict.fromkeys(ReportInState.values, "info")
        | dict.fromkeys(OPEN_STATES, "warning")
        | {"late": "danger", ReportInState.CONFIRMED: "success", ReportInState.JOINED: "success"},
    )
    def state_shown(self, row: ReportIn) -> tuple[str, str]:
        if row.is_late:
            return "late", gettext("%(state)s, for more than a day") % {"state": row.get_state_display()}
        return row.state, row.get_state_display()

    @display(description=_("found in the files"))
    def suggestion(self, row: ReportIn) -> str:
        if row.member:
            return row.member.label
        matches: list[Match] = getattr(row, "matches", [])
        if not matches:
            return ""
        if matches[0].has_mobile:
            return gettext("same mobile number: %(name)s") % {"name": matches[0].member.label}
        count = len(matches)
        return ngettext("same name: %(count)d file", "same name: %(count)d files", count) % {"count": count}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        if request.method != "POST":
            return self._detail(request, row, _form(row))
        if "reveal" in request.POST:
            return self._revealed(request, row)
        form = _form(row, request.POST)
        if form.is_valid() and (after := self._decided(request, row, form)):
            return redirect(after)
        return self._detail(request, row, form)

    def _revealed(self, request: HttpRequest, row: ReportIn) -> HttpResponse:
        """The page with the numbers to call; 429 without them beyond the hour's number."""
        form, mobile, status = _form(row), "", 200
        try:
            mobile = services.reveal_mobile(report_in=row, by=access.actor())
        except TooMany:
            messages.error(request, gettext("You have opened many full numbers in this hour"))
            status = 429
        response = self._detail(request, row, form, mobile=mobile)
        response.status_code = status
        return response

    def _decided(self, request: HttpRequest, row: ReportIn, form: DecisionForm | JoinForm) -> str:
        """Carry out the decision; the page that comes next, "" with a message on the form when it is refused."""
        try:
            told, after = carry_out(row, form.cleaned_data, access.actor())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except PermissionDenied:
            form.add_error(None, gettext("You may not do this here."))
        else:
            messages.success(request, told)
            return after
        return ""

    def _detail(
        self, request: HttpRequest, row: ReportIn, form: DecisionForm | JoinForm, mobile: str = ""
    ) -> HttpResponse:
        row.refresh_from_db(fields=["state", "member", "proof", "decided_at", "decided_by"])
        actor = access.actor()
        others = ReportIn.objects.visible_to(actor).exclude(pk=row.pk)
        repeated = others.none() if row.is_forgotten else others.filter(mobile_digest=row.mobile_digest)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Report-in %(receipt)s") % {"receipt": row.receipt},
            "opts": self.opts,
            "original": row,
            "row": row,
            "form": form,
            "home": home_shown(row),
            "matches": suggest_members([row], actor)[row.pk] if row.is_open else [],
            "repeated": repeated.select_related("point")[:5],
            "signed_forms": row.signed_forms.select_related("added_by").defer("content", "data_key"),
            "mobile": mobile or row.masked_mobile,
            "is_revealed": bool(mobile),
            "may_reveal": not mobile and access.may(Right.REVEAL_IDENTITY, row.organization),
            "chosen": str(form.data.get("target", "")),
            "photo_form": PhotoForm(),
        }
        return TemplateResponse(request, "checkin/report_in_detail.html", context)


def _form(row: ReportIn, sent: Any = None) -> DecisionForm | JoinForm:
    """What may be decided about a report-in in its state."""
    if row.state == ReportInState.CONFIRMED:
        return JoinForm(sent)
    return DecisionForm(sent, origin=row.organization, record=row)


card.tools.append(card_tool)
card.sections.append(card_section)
work_views.tools.append((_("Sign in by figures"), "own_card_typed"))


from checkin.letters import admin as letters_admin  # noqa: E402, F401  registered with the others
