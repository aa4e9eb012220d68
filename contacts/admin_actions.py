"""What contacts adds to the list of members: hand-over of many at once, and a filter by liaison."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.assigning import assign_visits, over_capacity
from contacts.enums import VISITING
from contacts.forms import AssignForm, VisitsForm
from contacts.models import LiaisonAssignment
from contacts.numbers import without_liaison
from contacts.services import assign_many
from portal import access
from portal.roles import Right

MOST_SHOWN = 100


@admin.action(description=_("Assign a liaison"))
def assign_liaison_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask which liaison takes the chosen members over, then hand them over, all or nothing."""
    actor = access.current()
    if actor is None or not access.may(Right.ASSIGN_LIAISONS):
        messages.error(request, gettext("You may not do this here."))
        return None
    form = AssignForm(request.POST if "liaison" in request.POST else None, actor=actor)
    if form.is_bound and form.is_valid():
        liaison = form.cleaned_data["liaison"]
        try:
            count = assign_many(members=queryset, liaison=liaison, by=actor)
        except (PermissionDenied, Http404):
            messages.error(
                request, gettext("Nothing was changed: some of these people are looked after by another community.")
            )
            return None
        told = ngettext("%(count)d person is now with %(name)s.", "%(count)d people are now with %(name)s.", count)
        messages.success(request, told % {"count": count, "name": liaison.name})
        if warning := over_capacity([liaison]):
            messages.warning(request, warning)
        return None
    return _ask(screen, request, queryset, form["liaison"], gettext("Assign a liaison"), "assign_liaison_action")


@admin.action(description=_("Put on the list of a visiting worker"))
def assign_visits_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask which visiting worker gets the chosen members on the list, all or nothing. Their liaisons stay."""
    actor = access.current()
    if actor is None or not access.may(Right.ASSIGN_LIAISONS):
        messages.error(request, gettext("You may not do this here."))
        return None
    form = VisitsForm(request.POST if "visitor" in request.POST else None, actor=actor)
    if form.is_bound and form.is_valid():
        visitor = form.cleaned_data["visitor"]
        try:
            assign_visits(members=queryset, visitor=visitor, by=actor)
        except (PermissionDenied, Http404):
            messages.error(
                request, gettext("Nothing was changed: some of these people are looked after by another community.")
            )
            return None
        told = gettext("The people chosen are on the visiting list of %(name)s.")
        messages.success(request, told % {"name": visitor.name})
        return None
    title = gettext("Put on the list of a visiting worker")
    return _ask(screen, request, queryset, form["visitor"], title, "assign_visits_action")


def _ask(screen: Any, request: HttpRequest, queryset: QuerySet, field: Any, title: str, action: str) -> HttpResponse:
    """The page between the list and what is done: whom it concerns, and one choice."""
    members = queryset.select_related("organization")
    context = screen.admin_site.each_context(request) | {
        "title": title,
        "opts": screen.opts,
        "field": field,
        "action": action,
        "count": members.count(),
        "shown": list(members[:MOST_SHOWN]),
        "chosen": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "contacts/assign.html", context)


class LiaisonFilter(admin.SimpleListFilter):
    """For the list of members: with a liaison, without one, or those of one's own."""

    title = _("liaison")
    parameter_name = "liaison"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("without a liaison")), ("any", _("with a liaison"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "none":
            return without_liaison(queryset)
        if self.value() == "any":
            primary = LiaisonAssignment.objects.open().filter(is_primary=True).values("member_id")
            return queryset.filter(pk__in=primary)
        return queryset


class LoadFilter(admin.SimpleListFilter):
    """For the list of liaisons: those who carry more members than the rules of their organization allow."""

    title = _("number of people")
    parameter_name = "load"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("over", _("more than the limit"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "over":
            return queryset
        return queryset.filter(load__gt=F("capacity")).exclude(kind__in=VISITING)


def with_primary_liaison(members: QuerySet) -> QuerySet:
    """What the column of the list of members needs, once for the page: the liaison, or who it was and until when."""
    primary = LiaisonAssignment.objects.open().filter(member=OuterRef("pk"), is_primary=True)
    former = LiaisonAssignment.objects.filter(member=OuterRef("pk"), is_primary=True, ended_on__isnull=False)
    latest = former.order_by("-ended_on", "-started_on", "id")
    return members.annotate(
        primary_liaison_name=Subquery(primary.values("liaison__name")[:1]),
        former_liaison_name=Subquery(latest.values("liaison__name")[:1]),
        former_liaison_until=Subquery(latest.values("ended_on")[:1]),
    )


@admin.display(description=_("liaison"))
def primary_liaison(member: Any) -> str:
    """Column of the list of members. The liaison of a file that another organization manages is not told."""
    if member.primary_liaison_name:
        return str(member.primary_liaison_name)
    if not access.may(Right.VIEW_MEMBERS, member.organization):
        return "—"
    if member.former_liaison_name:
        told = {"name": member.former_liaison_name, "day": member.former_liaison_until.isoformat()}
        return gettext("none since %(day)s (before: %(name)s)") % told
    return gettext("none yet")
