"""The activity log: list, form, and the page on which the members who came are ticked."""

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

import activities.parcels.admin  # noqa: F401  hooks
from activities import pages
from activities.forms import AttendanceForm
from activities.models import Activity
from activities.services import record_attendance
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin


class PeriodFilter(admin.SimpleListFilter):
    """Activities of this month or year. Cancelled ones are left out: the log counts what took place."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("month", _("this month")), ("year", _("this year"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        today = timezone.localdate()
        if self.value() == "month":
            until = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
            return queryset.filter(held_on__gte=today.replace(day=1), held_on__lt=until, is_cancelled=False)
        if self.value() == "year":
            return queryset.filter(held_on__year=today.year, is_cancelled=False)
        return queryset


@admin.register(Activity)
class ActivityAdmin(ScopedModelAdmin):
    rights = {"view": Right.VIEW_MEMBERS, "add": Right.MANAGE_ACTIVITIES, "change": Right.MANAGE_ACTIVITIES}
    list_display = ["title", "kind", "held_on", "organization", "place", "hours", "came", "shown_cancelled"]
    list_filter = [PeriodFilter, OrganizationFilter, "kind"]
    list_select_related = ["organization"]
    search_fields = ["title"]
    search_help_text = _("Search by title")
    ordering = ["-held_on", "id"]
    fields = ["title", "kind", "organization", ("held_on", "hours"), "place", "summary", "is_cancelled"]
    actions_detail = ["attendance"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).with_counts()

    @display(description=_("members who came"), ordering="came")
    def came(self, row: Any) -> int:
        return row.came

    @display(description=_("cancelled"), boolean=False)
    def shown_cancelled(self, row: Activity) -> str:
        return _now("cancelled") if row.is_cancelled else ""

    def response_add(self, request: HttpRequest, obj: Activity, post_url_continue: str | None = None) -> HttpResponse:
        if "_continue" in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("The activity is saved. Now tick the members who came."))
        return redirect("admin:activities_activity_attendance", object_id=obj.pk)

    @action(description=_("Attendance list"), url_path="attendance", icon="fact_check")
    def attendance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The members of the activity's organization, with a tick for everybody who came."""
        activity, actor = self._activity(request, object_id), access.actor()
        may_change = access.may(Right.MANAGE_ACTIVITIES, activity.organization)
        name = request.GET.get("q", "").strip()
        form = AttendanceForm(request.POST or None, activity=activity, actor=actor, name=name)
        if request.method == "POST":
            access.require(Right.MANAGE_ACTIVITIES, activity.organization)
            # a page without a single tick posts no field of the form at all
            form = AttendanceForm(request.POST, activity=activity, actor=actor, name=name)
            if form.is_valid():
                set_now, taken_away = form.changed_ticks()
                added, removed = record_attendance(
                    activity=activity, came=set_now, offered=set_now | taken_away, by=actor
                )
                text = _now("Saved: %(added)s added, %(removed)s removed.")
                messages.success(request, text % {"added": added, "removed": removed})
                return redirect(reverse("admin:activities_activity_changelist"))
        context = self.admin_site.each_context(request) | {
            "title": _now("Attendance list"), "subtitle": str(activity), "activity": activity, "original": activity,
            "form": form, "name": name, "may_change": may_change, "opts": self.opts,
            "tools": [tool(activity) for tool in pages.tools] if may_change and not activity.is_cancelled else [],
        }  # fmt: skip
        return TemplateResponse(request, "activities/attendance.html", context)

    def _activity(self, request: HttpRequest, object_id: str) -> Activity:
        activity = self.get_object(request, object_id)
        if activity is None:
            raise Http404
        return activity
