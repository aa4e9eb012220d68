"""The page 节假日安排: the days of a year as they count for one office, and what it sets itself."""

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from contacts import meanwhile
from contacts.calendar import services
from contacts.calendar.models import CalendarDay
from contacts.dates import rules
from contacts.dates.enums import DateKind
from contacts.dates.models import DateRule
from contacts.posted import posted_day
from portal import access
from portal.models import Organization
from portal.roles import Right


def chosen_office(request: HttpRequest) -> tuple[Organization, list[Organization]]:
    """The office whose rules are asked for (`organization`, its code; the first one else), and all in reach.

    Raises PermissionDenied without the right anywhere, Http404 for an office out of reach.
    """
    offices = list(access.organizations(Right.ASSIGN_LIAISONS).filter(merged_into=None).order_by("path"))
    if not offices:
        raise PermissionDenied
    code = request.GET.get("organization", "")
    found = next((one for one in offices if one.code == code), None) if code else offices[0]
    if found is None:
        raise Http404
    return found, offices


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """`year`: this one if it is left out, the one before or one of the next two."""
    office, offices = chosen_office(request)
    today = timezone.localdate()
    years = range(today.year - 1, today.year + 3)
    asked = request.GET.get("year", str(today.year))
    if asked not in [str(year) for year in years]:
        raise Http404
    year = int(asked)
    if request.method == "POST" and (_is_saved(request, office) or request.POST.get("action") != "set"):
        return redirect(f"{reverse('contacts:calendar')}?organization={office.code}&year={year}")
    next_year = today.year + 1
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Days off and workdays"),
        "shown_version": meanwhile.version(office),
        "typed": request.POST,
        "office": office,
        "offices": offices,
        "year": year,
        "years": years,
        "days": services.special_days(office, year),
        "unannounced": None if services.is_announced(next_year) else next_year,
        "rest": rules.rule_of(office, DateKind.WORKDAYS),
    }
    return TemplateResponse(request, "contacts/calendar.html", context)


def _is_saved(request: HttpRequest, office: Organization) -> bool:
    """Do what the pressed button says, and tell it. False where somebody else was faster or something is wrong: what
    was typed stays on the page."""
    try:
        told = _do(request, office, request.POST.get("action", ""))
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
        return False
    messages.success(request, told)
    return True


def _do(request: HttpRequest, office: Organization, action: str) -> str:
    """Returns what to tell. Raises ValidationError for what cannot be saved so."""
    actor = access.actor()
    if action == "set":
        return _set(request, office)
    if action == "forget":
        day = _day(request.POST.get("day", ""))
        _refuse_stale(request, office, CalendarDay, day=day)
        services.forget_day(office=office, day=day, by=actor)
        return _("The day is again as it is set above.")
    if action in ("rest", "work_on"):
        _refuse_stale(request, office, DateRule, kind=DateKind.WORKDAYS)
        rules.switch(office=office, kind=DateKind.WORKDAYS, is_on=action == "rest", by=actor)
        return _("Saved.")
    raise ValidationError(_("Nothing was chosen."))


def _set(request: HttpRequest, office: Organization) -> str:
    first = posted_day(request, "first")
    last = posted_day(request, "last") if request.POST.get("last") else first
    kind = request.POST.get("kind", "")
    if kind not in ("off", "work"):
        raise ValidationError(_("Please choose: day off, or workday."))
    _refuse_stale(request, office, CalendarDay, day__range=(first, last))
    count = services.set_days(
        office=office, first=first, last=last, is_workday=kind == "work", name=request.POST.get("name", ""),
        by=access.actor(),
    )  # fmt: skip
    return ngettext("%(count)d day is saved.", "%(count)d days are saved.", count) % {"count": count}


def _refuse_stale(request: HttpRequest, office: Organization, model: type, **about: Any) -> None:
    shown, words = request.POST.get(meanwhile.FIELD, ""), rules.rule_words if model is DateRule else services.day_words
    meanwhile.refuse_stale(office=office, shown=shown, model=model, words=words, **about)


def _day(text: str) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Http404
    return day
