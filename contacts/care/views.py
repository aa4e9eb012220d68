"""The page of one festival: who is to be visited, who was, and who has not been visited this year."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.care import services
from contacts.care.festivals import Festival, festival_day, next_festival
from contacts.care.models import CareVisit
from contacts.models import Liaison
from contacts.posted import posted_day, posted_keys
from portal import access
from portal.roles import Right

MOST = 300


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan, note and take back visits for one festival (`festival`, `year`; the next one else)."""
    actor = access.actor()
    if not access.may(Right.MANAGE_NEEDS):
        raise PermissionDenied
    festival, year = _asked(request)
    if request.method == "POST":
        return _saved(request, festival, year, actor)
    visits = CareVisit.objects.visible_to(actor, Right.MANAGE_NEEDS).filter(festival=festival, year=year)
    rows = visits.select_related("member__organization", "visitor")
    rows = list(rows.order_by("visited_on", "member__organization__path", "member__name_pinyin", "id")[: 2 * MOST])
    found = list(services.not_visited(actor, year, festival)[: MOST + 1])
    today = timezone.localdate()
    day = festival_day(festival, year)
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Visits of care"),
        "festivals": Festival.choices,
        "festival": festival,
        "festival_name": Festival(festival).label,
        "year": year,
        "years": range(today.year - 1, today.year + 2),
        "day": day,
        "planned": [row for row in rows if row.visited_on is None],
        "made": [row for row in rows if row.visited_on],
        "others": found[:MOST],
        "is_cut": len(found) > MOST,
        "visitors": _visitors(actor),
        "today": today,
        "plan_day": max(today, day - dt.timedelta(days=7)),
    }
    return TemplateResponse(request, "contacts/care/plan.html", context)


def _asked(request: HttpRequest) -> tuple[str, int]:
    festival, year = request.GET.get("festival", ""), request.GET.get("year", "")
    today = timezone.localdate()
    if not festival and not year:
        return next_festival(today)
    if festival not in Festival.values or not (year.isascii() and year.isdigit() and abs(int(year) - today.year) <= 1):
        raise Http404
    return festival, int(year)


def _visitors(actor: access.Actor) -> list[Liaison]:
    rows = Liaison.objects.active().visible_to(actor, Right.MANAGE_NEEDS)
    return list(rows.select_related("organization").order_by("organization__path", "name", "id"))


def _saved(request: HttpRequest, festival: str, year: int, actor: access.Actor) -> HttpResponse:
    try:
        told = _done(request, festival, year, actor)
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
    else:
        messages.success(request, told)
    return _here(festival, year)


def _here(festival: str, year: int) -> HttpResponseRedirect:
    response: HttpResponseRedirect = redirect(f"{reverse('contacts:care')}?festival={festival}&year={year}")
    return response


def _done(request: HttpRequest, festival: str, year: int, actor: access.Actor) -> str:
    """Do what the pressed button says; the sentence that tells it."""
    action = request.POST.get("action", "")
    if action == "plan":
        count = services.plan_visits(
            members=_keys(request, "member"), festival=festival, year=year, visitor=_visitor(request, actor),
            planned_for=posted_day(request, "planned_for"), by=actor,
        )  # fmt: skip
        return _("Planned: %(count)d.") % {"count": count}
    chosen = _keys(request, "visit")
    if action == "made":
        day, note = posted_day(request, "on"), request.POST.get("note", "")[:500]
        return _("Noted as visited: %(count)d. Each counts as a contact.") % {
            "count": services.note_visits(visits=chosen, on=day, note=note, by=actor)}  # fmt: skip
    if action == "undo":
        return _("Taken back: %(count)d.") % {"count": services.undo_visits(visits=chosen, by=actor)}
    if action == "drop":
        return _("Taken off the plan: %(count)d.") % {"count": services.drop_visits(visits=chosen, by=actor)}
    raise ValidationError(_("Nothing was chosen."))


def _visitor(request: HttpRequest, actor: access.Actor) -> Liaison | None:
    given = request.POST.get("visitor", "")
    found = next((one for one in _visitors(actor) if str(one.pk) == given), None)
    if given and found is None:
        raise Http404
    return found


def _keys(request: HttpRequest, name: str) -> set[uuid.UUID]:
    """Ticked rows, at least one."""
    keys = posted_keys(request, name, 2 * MOST)
    if not keys:
        raise ValidationError(_("Nothing was chosen."))
    return keys
