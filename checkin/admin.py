"""Staff pages of check-in: the points with their posters, and the queue of report-ins."""

from typing import Any

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
from checkin.enums import OPEN_STATES, ReportInState
from checkin.forms import Decision, DecisionForm
from checkin.matching import Match, suggest_members
from checkin.models import CheckinPoint, ReportIn
from members.models import access_member
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
    search_fields = ["name", "address"]
    fields = ["organization", "name", "kind", "address", "hours", "contact_name", "contact_phone", "is_active"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).with_counts()

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


class QueueFilter(admin.SimpleListFilter):
    """Waiting for a decision, or decided."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting")), ("decided", _("dealt with"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() == "waiting":
            return queryset.filter(state__in=OPEN_STATES)
        return queryset.exclude(state__in=OPEN_STATES) if self.value() == "decided" else queryset


class ReportInOrganizationFilter(OrganizationFilter):
    right = Right.RUN_CHECKIN


@admin.register(ReportIn)
class ReportInAdmin(ScopedModelAdmin):
    """The queue. Rows are made by the public page and changed by decisions only, so there is no form for them."""

    rights = {"view": Right.RUN_CHECKIN}
    list_display = ["person", "mobile_shown", "organization", "point", "submitted_at", "state_shown", "suggestion"]
    list_filter = [QueueFilter, "state", ReportInOrganizationFilter]
    list_select_related = ["organization", "point", "member__organization"]
    list_display_links = ["person"]
    actions = None

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        waiting_first = models.Case(models.When(state__in=OPEN_STATES, then=0), default=1)
        return [waiting_first.asc(), "-submitted_at", "pk"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = [row for row in changelist.result_list if row.is_open]
        found = suggest_members(rows, access.actor())
        for row in rows:
            row.matches = found[row.pk]
        return changelist

    @display(description=_("full name"))
    def person(self, row: ReportIn) -> str:
        return row.name

    @display(description=_("mobile number"))
    def mobile_shown(self, row: ReportIn) -> str:
        return row.masked_mobile

    @display(
        description=_("state"),
        ordering="state",
        # every state: the theme shows the bare code of one that is not named
        label=dict.fromkeys(ReportInState.values, "info")
        | dict.fromkeys(OPEN_STATES, "warning")
        | {ReportInState.CONFIRMED: "success", ReportInState.JOINED: "success"},
    )
    def state_shown(self, row: ReportIn) -> tuple[str, str]:
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
            return self._detail(request, row, DecisionForm(origin=row.organization, record=row))
        if "reveal" in request.POST:
            return self._revealed(request, row)
        form = DecisionForm(request.POST, origin=row.organization, record=row)
        if form.is_valid() and self._decided(request, row, form):
            return redirect("admin:checkin_reportin_changelist")
        return self._detail(request, row, form)

    def _revealed(self, request: HttpRequest, row: ReportIn) -> HttpResponse:
        """The page with the number to call; 429 without it beyond the hour's number."""
        form, mobile, status = DecisionForm(origin=row.organization, record=row), "", 200
        try:
            mobile = services.reveal_mobile(report_in=row, by=access.actor())
        except TooMany:
            messages.error(request, gettext("You have opened many full numbers in this hour"))
            status = 429
        response = self._detail(request, row, form, mobile=mobile)
        response.status_code = status
        return response

    def _decided(self, request: HttpRequest, row: ReportIn, form: DecisionForm) -> bool:
        """Carry out the decision; False with a message on the form when it is refused."""
        try:
            messages.success(request, _carry_out(row, form.cleaned_data))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except PermissionDenied:
            form.add_error(None, gettext("You may not do this here."))
        else:
            return True
        return False

    def _detail(self, request: HttpRequest, row: ReportIn, form: DecisionForm, mobile: str = "") -> HttpResponse:
        row.refresh_from_db(fields=["state", "member", "proof", "decided_at", "decided_by"])
        actor = access.actor()
        repeated = ReportIn.objects.visible_to(actor).filter(mobile_digest=row.mobile_digest).exclude(pk=row.pk)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Report-in %(receipt)s") % {"receipt": row.receipt},
            "opts": self.opts,
            "original": row,
            "row": row,
            "form": form,
            "matches": suggest_members([row], actor)[row.pk] if row.is_open else [],
            "repeated": repeated.select_related("point")[:5],
            "mobile": mobile or row.masked_mobile,
            "may_reveal": not mobile and access.may(Right.REVEAL_IDENTITY, row.organization),
            "chosen": str(form.data.get("target", "")),
        }
        return TemplateResponse(request, "checkin/report_in_detail.html", context)


def _carry_out(row: ReportIn, given: dict[str, Any]) -> str:
    """The service for a decision; returns the sentence for the clerk."""
    actor = access.actor()
    decision = given["decision"]
    if decision == Decision.CONFIRM and given["target"]:
        member = access_member(actor, given["target"])
        services.link_report_in(report_in=row, member=member, proof=given["proof"], by=actor)
        return gettext("Confirmed and linked to the file.")
    if decision == Decision.CONFIRM:
        services.confirm_report_in(report_in=row, proof=given["proof"], by=actor)
        return gettext("Confirmed: a new member file was made. Please give the member a liaison.")
    if decision == Decision.REFER:
        services.refer_report_in(report_in=row, organization=given["organization"], by=actor)
        return gettext("Referred to %(organization)s.") % {"organization": given["organization"]}
    closing = {
        Decision.RETURN: services.return_report_in,
        Decision.DUPLICATE: services.mark_duplicate,
        Decision.MISTAKEN: services.close_mistaken,
    }
    closing[decision](report_in=row, by=actor)
    return gettext("The report-in is closed.")


from checkin.letters import admin as letters_admin  # noqa: E402, F401  registered with the others
