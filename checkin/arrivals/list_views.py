"""Staff pages of check-in at activities: the activities, the steward's live list, and lists of names."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from activities.models import Activity
from checkin.arrivals import services
from checkin.arrivals.lists import MOST_LINES, live_list
from checkin.arrivals.matching import match_desk
from checkin.arrivals.models import Arrival, Desk
from checkin.arrivals.pasting import Written, find_people, read_names
from checkin.arrivals.staff_forms import HoursForm, HoursSpentForm, NamesForm, ReasonForm
from members.models import Member
from portal import access
from portal.pagination import CappedPaginator
from portal.roles import Right

ON_A_PAGE = 50
page_methods = require_http_methods(["GET", "HEAD", "POST"])


def access_desk(pk: uuid.UUID) -> Desk:
    """The desk, if the current actor runs it. Raises Http404 alike for absent and out of scope."""
    desks = Desk.objects.visible_to(access.actor()).select_related("activity", "organization")
    try:
        return desks.get(pk=pk)
    except Desk.DoesNotExist:
        raise Http404 from None


@require_http_methods(["GET", "HEAD"])
def desks(request: HttpRequest) -> HttpResponse:
    """The activities of these weeks, the next ones first, with the way to their check-in."""
    access.require(Right.RUN_CHECKIN)
    today = timezone.localdate()
    recent = (
        Activity.objects.visible_to(access.actor(), Right.RUN_CHECKIN)
        .filter(held_on__gte=today - dt.timedelta(days=60), is_cancelled=False)
        .select_related("organization", "desk").with_counts().order_by(*_nearest_first(today))
    )  # fmt: skip
    shown = CappedPaginator(recent, ON_A_PAGE).get_page(request.GET.get("page"))
    for activity in shown:
        activity.desk_state = activity.desk.state_at(timezone.now()) if hasattr(activity, "desk") else ""
    return _page(request, "desks.html", title=_("Check-in at activities"), page=shown, today=today)


def _nearest_first(today: dt.date) -> list[Any]:
    """Today's, then what comes, then what was."""
    to_come = models.Case(models.When(held_on__gte=today, then="held_on"))
    return [to_come.asc(nulls_last=True), "-held_on", "id"]


@page_methods
def open_desk(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for the hours, then open the check-in of an activity, or change its hours."""
    activities = Activity.objects.visible_to(access.actor(), Right.RUN_CHECKIN).select_related("organization", "desk")
    activity = activities.filter(pk=pk, is_cancelled=False).first()
    if activity is None:
        raise Http404
    form = HoursForm(request.POST or None, activity=activity, initial=_usual_hours(activity))
    if form.is_bound and form.is_valid():
        opens, closes = form.hours
        try:
            desk = services.open_desk(
                activity=activity, opens_at=opens, closes_at=closes, has_check_out=form.cleaned_data["has_check_out"],
                by=access.actor(),
            )  # fmt: skip
            return redirect("checkin:desk", pk=desk.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return _page(request, "open_desk.html", title=_("Open the check-in"), activity=activity, form=form)


def _usual_hours(activity: Activity) -> dict[str, Any]:
    desk = getattr(activity, "desk", None)
    if desk:
        opens, closes = (timezone.localtime(moment).time() for moment in (desk.opens_at, desk.closes_at))
        return {"opens": opens, "closes": closes, "has_check_out": desk.has_check_out}
    return {"opens": dt.time(8), "closes": dt.time(20)}


@page_methods
def arrivals(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The live list: who sent a scan, whose file it means, and what the steward decides about it."""
    desk = access_desk(pk)
    if request.method == "POST":
        try:
            _carry_out(request, desk)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect("checkin:desk", pk=desk.pk)
    match_desk(desk=desk, by=access.actor())
    shown = live_list(desk)
    return _page(
        request, "live.html", title=_("Check-in list"), desk=desk, shown=shown,
        state=desk.state_at(timezone.now()), most=MOST_LINES,
    )  # fmt: skip


def _carry_out(request: HttpRequest, desk: Desk) -> None:
    """One button of the live list."""
    by, given = access.actor(), request.POST
    if "enter" in given:
        raise ValidationError(_("Nothing was changed. Please press the button beside what you typed."))
    if "close" in given:
        services.close_desk(desk=desk, by=by)
        messages.success(request, _("The check-in is closed."))
    elif "poster" in given:
        services.renew_poster(desk=desk, by=by)
        messages.success(request, _("A new poster code is in force. Posters that were printed before are out of use."))
    elif "undo" in given:
        form = ReasonForm({"reason": given.get(f"reason-{given['undo']}", "")})
        if not form.is_valid():
            raise ValidationError(_("Please write down why."))
        services.undo(arrival=_line(desk, given["undo"]), reason=form.cleaned_data["reason"], by=by)
        messages.success(request, _("Taken off the list."))
    elif "guest" in given:
        services.note_guest(arrival=_line(desk, given["guest"]), by=by)
    elif "hours" in given:
        spent = HoursSpentForm({"hours": given.get(f"hours-{given['hours']}", "")})
        if not spent.is_valid():
            raise ValidationError(_("Please give the hours as a number, such as 1.5."))
        services.set_hours(arrival=_line(desk, given["hours"]), hours=spent.cleaned_data["hours"], by=by)
    elif "left" in given:
        services.check_out(desk=desk, arrivals=[_line(desk, given["left"]).pk], by=by)
    else:
        _confirm(request, desk, by)


def _confirm(request: HttpRequest, desk: Desk, by: access.Actor) -> None:
    ticked = {_key(pk) for pk in request.POST.getlist("line")[:MOST_LINES]}
    chosen = {}
    for line in Arrival.objects.filter(desk=desk, pk__in=ticked, confirmed_at=None, undone_at=None):
        member = line.member_id if line.is_sure else request.POST.get(f"member-{line.pk}")
        if member:
            chosen[line.pk] = _key(member)
    if not chosen:
        raise ValidationError(_("Please tick at least one person whose file is found or chosen."))
    try:
        count = services.confirm(desk=desk, chosen=chosen, remembers="remember" in request.POST, by=by)
    except PermissionDenied:
        raise ValidationError(_("Please choose one of the files that were found.")) from None
    messages.success(
        request, ngettext("%(count)d person confirmed.", "%(count)d people confirmed.", count) % {"count": count}
    )


def _line(desk: Desk, pk: str) -> Arrival:
    found = Arrival.objects.filter(desk=desk, pk=_key(pk)).first()
    if found is None:
        raise Http404
    return found


def _key(text: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        raise Http404 from None


@page_methods
def names(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """People without a phone, or a paper list: paste names, see whom they mean, then put them on the list."""
    desk, by = access_desk(pk), access.actor()
    is_late = desk.state_at(timezone.now()) in ("over", "closed")  # who comes before it opens is on time
    form, written = NamesForm(request.POST if "names" in request.POST else None), []
    if "add" in request.POST:
        return _added(request, desk, is_late=is_late, by=by)
    if form.is_bound and form.is_valid():
        try:
            written = read_names(form.cleaned_data["names"])
            find_people(desk, written)
        except ValidationError as refusal:
            form.add_error("names", refusal)
    _label(written)
    sure = [one for one in written if one.is_sure]
    doubtful = [one for one in written if not one.is_sure and one.found]
    nobody = [one for one in written if not one.found]
    return _page(
        request, "names.html", title=_("Add people by name"), desk=desk, form=form, is_late=is_late, sure=sure,
        doubtful=doubtful, nobody=nobody, written=written,
    )  # fmt: skip


def _added(request: HttpRequest, desk: Desk, *, is_late: bool, by: access.Actor) -> HttpResponse:
    members = {_key(pk) for pk in request.POST.getlist("member")[:MOST_LINES] if pk}
    try:
        count = services.add_people(desk=desk, members=members, is_late=is_late, by=by)
    except (PermissionDenied, ValidationError) as refusal:
        told = refusal.messages[0] if isinstance(refusal, ValidationError) else ""
        messages.error(request, told or _("Please choose one of the files that were found."))
        return redirect("checkin:desk_names", pk=desk.pk)
    messages.success(request, ngettext("%(count)d person added.", "%(count)d people added.", count) % {"count": count})
    return redirect("checkin:desk", pk=desk.pk)


def _label(written: list[Written]) -> None:
    """`labels` of each name: (key, label) of the members it may mean. One statement."""
    wanted = {one.member_id for name in written for one in name.found}
    known = Member.objects.select_related("organization").in_bulk(wanted)
    for name in written:
        name.labels = [(one.member_id, known[one.member_id].label) for one in name.found if one.member_id in known]


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"opts": Activity._meta}
    return TemplateResponse(request, f"checkin/arrivals/{template}", shared | context)
