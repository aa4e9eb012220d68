"""Staff pages of points: their history, a code that moves, and how many reported in where and when."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.widgets import UnfoldAdminSelectWidget

from checkin import services
from checkin.models import CheckinPoint
from checkin.queue.points import count_report_ins, point_history
from portal import access
from portal.roles import Right

PERIODS = {"month": _("This month"), "year": _("This year"), "all": _("All")}


class MoveCodeForm(forms.Form):
    """Which point the code goes to."""

    point = forms.ModelChoiceField(
        label=_("New place of the poster"), queryset=CheckinPoint.objects.none(), empty_label=_("Please choose"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip

    def __init__(self, *args: Any, former: CheckinPoint, **options: Any) -> None:
        super().__init__(*args, **options)
        points = CheckinPoint.objects.visible_to(access.actor(), Right.RUN_CHECKIN).filter(is_active=True)
        field = self.fields["point"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = points.exclude(pk=former.pk).select_related("organization").order_by("name")


@require_safe
def history(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What happened to the point and its codes."""
    point = _point(pk)
    return _page(request, "checkin/point_history.html", point, title=gettext("History"), events=point_history(point))


@require_http_methods(["GET", "HEAD", "POST"])
def move_code(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the code in force, with its printed posters, to another point."""
    point = _point(pk)
    access.require(Right.RUN_CHECKIN, point.organization)
    code = point.code_in_force
    if code is None:
        raise Http404
    form = MoveCodeForm(request.POST if request.method == "POST" else None, former=point)
    if form.is_bound and form.is_valid():
        target = form.cleaned_data["point"]
        try:
            services.move_code(code=code, point=target, by=access.actor())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, gettext("The code belongs to %(point)s now.") % {"point": target})
            return redirect("checkin:poster_page", pk=target.pk)
    return _page(request, "checkin/move_code.html", point, title=gettext("Move the code"), form=form)


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Report-ins by point and by hour of the day; `period` in the address: month, year, all."""
    access.require(Right.RUN_CHECKIN)
    period, today = request.GET.get("period", "month"), timezone.localdate()
    if period not in PERIODS:
        raise Http404
    since = {"month": today.replace(day=1), "year": today.replace(month=1, day=1), "all": None}[period]
    lines = count_report_ins(since, access.actor())
    hours = sorted({hour for line in lines for hour in line.hours})
    context = admin.site.each_context(request) | {
        "title": gettext("Report-ins by point and hour"),
        "opts": CheckinPoint._meta,
        "period": period,
        "periods": list(PERIODS.items()),
        "lines": lines,
        "hours": hours,
        "table": [(line, [line.hours[hour] for hour in hours]) for line in lines if line.total],
        "totals": [sum(getattr(line, name) for line in lines) for name in ("total", "waiting", "confirmed", "closed")],
    }
    return TemplateResponse(request, "checkin/statistics.html", context)


def _point(pk: uuid.UUID) -> CheckinPoint:
    """The point, if the current actor may see it. Raises Http404 alike for absent and out of scope."""
    points = CheckinPoint.objects.visible_to(access.actor(), Right.VIEW_MEMBERS)
    found = points.select_related("organization").prefetch_related("codes").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, template: str, point: CheckinPoint, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"point": point, "opts": CheckinPoint._meta, "original": point}
    return TemplateResponse(request, template, shared | context)
