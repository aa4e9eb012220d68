"""The list 联系不上处理, and the page of one person on it."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from contacts.lost import reporting, services
from contacts.lost.forms import DecideForm
from contacts.lost.models import OPEN, LostCase, LostState, ReportKind
from contacts.models import ContactLog
from members.models import Member, access_member
from portal import access
from portal.models import Organization
from portal.roles import Right

ON_A_PAGE = 50
ON_CARD = 10


@require_http_methods(["GET", "HEAD"])
def unreachable(request: HttpRequest) -> HttpResponse:
    """Who is out of reach; `stage` and `organization` (a code) in the address narrow it."""
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    stage, code = request.GET.get("stage", ""), request.GET.get("organization", "")
    if (stage and stage not in services.Stage.values) or "\0" in code:
        raise Http404
    reach = access.organizations(Right.VIEW_MEMBERS)
    office = reach.filter(code=code).first() if code else None
    if code and office is None:
        raise Http404
    everybody = services.out_of_reach(office)
    shown = [line for line in everybody if not stage or line.stage == stage]
    cases = LostCase.objects.filter(closed_on=None, organization__in=access.organization_ids(Right.VIEW_MEMBERS))
    others = cases.exclude(member__in=[line.member.pk for line in everybody]).select_related("member__organization")
    context = _frame(request) | {
        "title": gettext("Out of reach"),
        "page": Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page")),
        "stages": [(one, sum(line.stage == one for line in everybody)) for one in services.Stage],
        "stage": stage,
        "others": list(others.order_by("-opened_on", "id")[:ON_A_PAGE]),
        "offices": list(reach.filter(is_active=True).order_by("path")[:200]),
        "office": office,
        "may_decide": access.may(Right.DECIDE_LOST),
        "query": urlencode({"stage": stage, "organization": code}),
    }
    return TemplateResponse(request, "contacts/unreachable.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Evidence and check of one person, for the offices of the managing side. POST: one `action` of ACTIONS."""
    actor = access.actor()
    member = access_member(actor, pk)
    access.require(Right.VIEW_MEMBERS, member.organization)
    case = services.latest_case(member)
    form = DecideForm(request.POST if request.POST.get("action") == "decide" else None)
    if request.method == "POST":
        try:
            if not form.is_bound or form.is_valid():
                _do(request, actor, member, case, form)
                return redirect("contacts:lost", member.pk)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("contacts:lost", member.pk)
    return TemplateResponse(request, "contacts/lost.html", _page(request, member, case, form))


def _do(request: HttpRequest, actor: access.Actor, member: Member, case: LostCase | None, form: DecideForm) -> None:
    """Raises PermissionDenied and ValidationError as the services do. Other words than these do nothing."""
    action = request.POST.get("action", "")
    if action == "open":
        services.open_case(member=member, by=actor)
    elif action == "report":
        reporting.report(member=member, side=request.POST.get("side", ""), by=actor)
    elif case is None or case.state not in OPEN:
        return
    elif action in ("family", "counterpart", "employer"):
        services.note_step(case=case, step=services.Step(action), by=actor, note=request.POST.get("note", ""))
    elif action == "approve":
        services.approve_employer(case=case, by=actor)
    elif action == "decide":
        services.decide(case=case, by=actor, **form.cleaned_data)
    elif action == "end":
        services.end_case(case=case, reason=request.POST.get("reason", ""), by=actor)
    else:
        return
    messages.success(request, gettext("Stored."))


def _page(request: HttpRequest, member: Member, case: LostCase | None, form: DecideForm) -> dict[str, Any]:
    if case is not None:
        case.member = member  # holds the key that opens the notes
    found = next(iter(services.out_of_reach(member=member)), None)
    may_decide = access.may(Right.DECIDE_LOST, member.organization)
    street = Organization.objects.above(member.organization).filter(kind="street").first()
    return _frame(request) | {
        "title": gettext("Out of reach"),
        "subtitle": member.label,
        "member": member,
        "found": found,
        "case": case,
        "is_open": case is not None and case.state in OPEN,
        "is_decided": case is not None and case.state == LostState.DECIDED,
        "is_home": services.is_home_side(member),
        "evidence": services.evidence_of(member, case, found),
        "may_log": access.may(Right.LOG_CONTACTS, member.organization),
        "may_decide": may_decide,
        "caller": str(street or member.organization),
        "told": list(reporting.reports(member)[:ON_CARD]),
        "to_tell": _to_tell(member, case, found, may_decide),
        "form": form,
    }


def _to_tell(member: Member, case: LostCase | None, found: services.OutOfReach | None, may_decide: bool) -> list[Any]:
    """The other sides that the actor may tell something now."""
    kind = reporting.what_to_tell(case, found)
    may_log = access.may(Right.LOG_CONTACTS, member.organization)
    if kind is None or not (may_decide or (may_log and kind == ReportKind.FACTS)):
        return []
    return reporting.counterparts(member)


def _frame(request: HttpRequest) -> dict[str, Any]:
    options = ContactLog._meta
    return admin.site.each_context(request) | {"opts": options, "app_label": options.app_label}
