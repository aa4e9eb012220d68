"""The page on which an office chooses what it is reminded of, and what that would bring."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import meanwhile
from contacts.calendar.views import chosen_office
from contacts.dates import planning, rules
from contacts.dates.enums import DateKind
from contacts.dates.models import MOST_DAYS, DateReminder, DateRule
from contacts.dates.words import title_of
from portal import access
from portal.models import Organization


@require_http_methods(["GET", "HEAD", "POST"])
def date_rules(request: HttpRequest) -> HttpResponse:
    """The kinds with what holds at the office. A POST switches one off, or back to what holds above."""
    office, offices = chosen_office(request)
    if request.method == "POST":
        _change(request, office)
        return redirect(f"{reverse('contacts:date_rules')}?organization={office.code}")
    context: dict[str, Any] = _frame(request) | {
        "title": _("What we are reminded of"),
        "shown_version": meanwhile.version(office),
        "office": office,
        "offices": offices,
        "rules": [rule for rule in rules.rules_of(office) if rule.kind in rules.KINDS],
        "most_days": MOST_DAYS,
    }
    return TemplateResponse(request, "contacts/date_rules.html", context)


@require_safe
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Who would be told what, before the rule is switched on (`days`: how many days before)."""
    office, _offices = chosen_office(request)
    shown_version = meanwhile.version(office)
    rule = rules.rule_of(office, _known(kind))
    days = _days(request.GET.get("days", ""), rule.days_before)
    found = planning.preview(office=office, kind=kind, days_before=days, by=access.actor())
    context: dict[str, Any] = _frame(request) | {
        "title": rule.label,
        "shown_version": shown_version,
        "office": office,
        "rule": rule,
        "days": days,
        "found": found,
        "lines": [(row, title_of(row)) for row in found.rows],
    }
    return TemplateResponse(request, "contacts/date_preview.html", context)


def _change(request: HttpRequest, office: Organization) -> None:
    actor, kind, action = access.actor(), _known(request.POST.get("kind", "")), request.POST.get("action", "")
    try:
        shown = request.POST.get(meanwhile.FIELD, "")
        meanwhile.refuse_stale(office=office, shown=shown, model=DateRule, words=rules.rule_words, kind=kind)
        if action == "on":
            days = _days(request.POST.get("days", ""), -1)
            planning.switch_and_plan(office=office, kind=kind, is_on=True, days_before=days, by=actor)
        elif action == "off":
            planning.switch_and_plan(office=office, kind=kind, is_on=False, by=actor)
        elif action == "forget":
            planning.forget_and_plan(office=office, kind=kind, by=actor)
        else:
            raise ValidationError(_("Nothing was chosen."))
    except ValidationError as refusal:
        messages.error(request, _("Nothing is saved yet. %(why)s") % {"why": refusal.messages[0]})
    else:
        messages.success(request, _("Saved."))


def _known(kind: str) -> DateKind:
    if kind not in rules.KINDS:
        raise Http404
    return DateKind(kind)


def _days(text: str, otherwise: int) -> int:
    """A number of days that a rule may have, or `otherwise`."""
    return int(text) if text.isascii() and text.isdigit() and int(text[:6]) <= MOST_DAYS else otherwise


def _frame(request: HttpRequest) -> dict[str, Any]:
    options = DateReminder._meta
    return admin.site.each_context(request) | {"opts": options, "app_label": options.app_label}
