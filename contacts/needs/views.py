"""The board of needs, and the page of one need with everything that was done about it."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.needs import services
from contacts.needs.enums import NeedCategory, NeedState
from contacts.needs.forms import NeedForm
from contacts.needs.models import Need, NeedAction
from portal import access
from portal.roles import Right
from portal.shared_forms import stamped

IN_A_LANE = 30
MOST_COUNTED = 10_000
CONFIRMED_FOR_DAYS = 90  # older ones are in the list


@dataclass
class Lane:
    """One column: its name, the first rows, how many there are, the list of them all."""

    state: str
    title: str
    rows: list[Need]
    count: int
    link: str

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


@require_http_methods(["GET", "HEAD"])
def board(request: HttpRequest) -> HttpResponse:
    """Needs by state in four lanes, the most urgent first."""
    screen: Any = admin.site._registry[Need]
    if not screen.has_view_permission(request):
        raise PermissionDenied
    actor, today = access.actor(), timezone.localdate()
    asked = {name: request.GET.get(name, "") for name in ("category", "whose")}
    rows = Need.objects.visible_to(actor).with_charge().select_related("member", "organization", "owner")
    if asked["category"] in NeedCategory.values:
        rows = rows.filter(category=asked["category"])
    if asked["whose"] in ("mine", "nobody", "overdue"):
        rows = rows.in_lane(asked["whose"], actor, today)
    context = admin.site.each_context(request) | {
        "title": _("Needs"),
        "lanes": [_lane(rows, NeedState(state), today) for state in NeedState.values],
        "asked": asked,
        "categories": NeedCategory.choices,
        "opts": Need._meta,
        "app_label": Need._meta.app_label,
        "may_analyse": access.may(Right.VIEW_AGGREGATES),
    }
    return TemplateResponse(request, "contacts/needs/board.html", context)


def _lane(rows: QuerySet, state: NeedState, today: dt.date) -> Lane:
    found = rows.filter(state=state.value).order_by("due_on", "raised_on", "id")
    if state == NeedState.CONFIRMED:
        found = found.filter(confirmed_on__gte=today - dt.timedelta(days=CONFIRMED_FOR_DAYS)).order_by("-confirmed_on")
    address = f"{reverse('admin:contacts_need_changelist')}?lane={state.value}"
    count = found[: MOST_COUNTED + 1].count()
    return Lane(state.value, str(state.label), list(found[:IN_A_LANE]), count, address)


@require_http_methods(["GET", "HEAD", "POST"])
def one_need(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One need: what is needed, what was done, and the form for what is done next."""
    actor = access.actor()
    need: Need = stamped(Need, pk, lambda: services.access_need(actor, pk))
    manages = services.may_manage(need)
    if request.method == "POST" and not manages:
        raise PermissionDenied
    form = NeedForm(request.POST or None, record=need) if manages else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            _apply(form, need, actor)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Saved: %(kind)s of %(name)s.") % {
                "kind": need.get_category_display(), "name": need.member.name})  # fmt: skip
            return redirect("contacts:need", need.pk)
    return TemplateResponse(request, "contacts/needs/one.html", _page(request, need, form))


def _apply(form: NeedForm, need: Need, actor: access.Actor) -> None:
    """The plan, then the step: in one transaction, that of the request."""
    given, step = form.cleaned_data, form.cleaned_data["step"]
    services.plan_need(need=need, by=actor, **form.plan())
    text, on = given["text"], given["done_on"]
    if step == "answered":
        services.answer_need(need=need, outcome=given["outcome"], text=text, by=actor, on=on)
        return
    if step == "reopened":
        services.reopen_need(need=need, text=text, by=actor)
        return
    if step == "confirmed":
        services.confirm_need(need=need, is_met=True, by=actor, text=text)
        return
    if step == "taken":
        services.take_need(need=need, by=actor, owner=need.owner)
    if text.strip():
        services.note_action(need=need, text=text, by=actor, on=on)


def _page(request: HttpRequest, need: Need, form: NeedForm | None) -> dict[str, Any]:
    return admin.site.each_context(request) | {
        "title": need.get_category_display(),
        "subtitle": need.member.name,
        "need": need,
        "steps": steps_of(need),
        "form": form,
        "shows_card": access.may(Right.VIEW_MEMBERS, need.organization),
        "opts": Need._meta,
        "app_label": Need._meta.app_label,
    }


def steps_of(need: Need) -> list[NeedAction]:
    """The history of a need, the latest first. One query."""
    rows = list(need.actions.select_related("recorded_by", "liaison").order_by("-recorded_at", "-id"))
    for row in rows:
        row.need = need  # holds the file whose key opens the text
    return rows
