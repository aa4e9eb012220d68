"""The tree of organizations: look, search, rename, add a branch, move, take out of use."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import access
from portal.administration import merging, reach, services
from portal.administration.forms import BranchForm, RenameForm
from portal.administration.pages import administrators_only, confirm, page
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.shared_forms import stamped

MOST_FOUND = 50


@administrators_only
def tree(request: HttpRequest) -> HttpResponse:
    """The actor's tops with what is directly below them, or what a search finds (name, code)."""
    term = request.GET.get("q", "").strip()
    if term:
        found = list(search(reach.nodes(), term)[: MOST_FOUND + 1])
        context = {"found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND}
    else:
        tops = list(reach.nodes().filter(pk__in=access.granted_nodes(Right.GRANT_ACCESS)))
        context = {"tops": [(top, _children(top)) for top in tops if not _is_below_another(top, tops)]}
    return page(request, "tree", _("Organizations"), term=term, **context)


@administrators_only
def children(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The lines directly below a node: the part of the tree that is loaded when it is opened."""
    return TemplateResponse(request, "portal/administration/children.html", {"nodes": _children(reach.node_or_404(pk))})


@administrators_only
def node(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One organization: names, roles in force, what is below, and what may be done."""
    shown = reach.node_or_404(pk)
    return page(
        request, "node", str(shown), node=shown, grants=reach.grants_on(shown), below=_children(shown),
        people=services.people_below(shown), is_ours_above=_is_ours(shown.parent_id),
        may_give=bool(reach.roles_to_give(shown)), is_branch=shown.kind == OrganizationKind.BRANCH,
        is_city=shown.kind in (OrganizationKind.CITY, OrganizationKind.PROVINCE), may_merge=merging.may_merge(shown),
        waiting=reach.waiting().filter(organization=shown).count(),
    )  # fmt: skip


@administrators_only
def rename(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    shown = stamped(Organization, pk, lambda: reach.node_or_404(pk))
    now = {"short_name": shown.short_name, "party_name": shown.party_name}
    form = RenameForm(request.POST or None, initial=now, record=shown)
    if request.method == "POST" and form.is_valid():
        services.rename(shown, **form.cleaned_data)
        messages.success(request, _("The names are saved."))
        return redirect("administration:node", shown.pk)
    return page(request, "form", _("Change names"), form=form, node=shown, button=_("Save"))


@administrators_only
def branch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a branch below a node."""
    above = reach.node_or_404(pk)
    form = BranchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_branch(above, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("%(name)s is added.") % {"name": made})
            return redirect("administration:node", made.pk)
    return page(request, "form", _("Add a branch"), form=form, node=above, button=_("Add"))


@administrators_only
def choose_target(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Where a node shall go: a search among the actor's nodes of a higher level."""
    moved = reach.node_or_404(pk)
    kinds = list(OrganizationKind.values)
    higher = kinds[: kinds.index(moved.kind)]
    term = request.GET.get("q", "").strip()
    targets = (
        reach.nodes()
        .filter(kind__in=higher, is_active=True)
        .exclude(children=moved)
        .exclude(path__descendants=moved.path)
    )
    found = list((search(targets, term) if term else targets).select_related("parent")[: MOST_FOUND + 1])
    return page(
        request, "choose_target", _("Move: choose the new superior"), node=moved, term=term, found=found[:MOST_FOUND],
        more=len(found) > MOST_FOUND,
        refusal="" if _is_ours(moved.parent_id) else _("Only the superior office can change this."),
    )  # fmt: skip


@administrators_only
def move(request: HttpRequest, pk: uuid.UUID, target: uuid.UUID) -> HttpResponse:
    """Name both ends, count the people affected, then move."""
    moved, above = reach.node_or_404(pk), reach.node_or_404(target)
    if request.method == "POST":
        if moved.parent_id == above.pk:  # sent twice
            return redirect("administration:node", moved.pk)
        try:
            services.move(moved, above)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("%(node)s now stands below %(target)s.") % {"node": moved, "target": above})
        return redirect("administration:node", moved.pk)
    ends = {"node": moved, "former": moved.parent, "target": above}
    lines = [
        _("%(node)s moves from %(former)s to %(target)s, with everything below it.") % ends,
        *people(moved),
        _("Roles given on it stay. Whoever works above it at the old place loses sight of it; the new place sees it."),
    ]
    refusal = services.why_not_below(moved, above)
    if not refusal and not _is_ours(moved.parent_id):
        refusal = _("Only the superior office can change this.")
    return confirm(request, _("Move %(node)s") % ends, node=moved, lines=lines, refusal=refusal, button=_("Move"))


@administrators_only
def in_use(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a node out of use, or into use again."""
    shown = reach.node_or_404(pk)
    wanted = not shown.is_active
    if request.method == "POST":
        wanted = request.POST.get("wanted") == "yes"  # the page that was confirmed, not the state meanwhile
        try:
            services.set_in_use(shown, wanted)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("In use again.") if wanted else _("No longer in use."))
        return redirect("administration:node", shown.pk)
    lines = people(shown)
    if not wanted:
        lines.append(_("It is no longer offered where an organization is chosen. Nothing is deleted."))
    title = _("Take %(node)s into use again") if wanted else _("Take %(node)s out of use")
    return confirm(
        request, title % {"node": shown}, node=shown, lines=lines, button=_("Go ahead"),
        refusal="" if wanted else services.why_not_closed(shown), hidden={"wanted": "yes" if wanted else "no"},
    )  # fmt: skip


def people(affected: Organization) -> list[str]:
    """How many members and accounts a change of the node affects, in two sentences."""
    members, staff = services.people_below(affected)
    return [
        ngettext("%(count)s member is affected.", "%(count)s members are affected.", members) % {"count": members},
        ngettext(
            "%(count)s staff account with a role on it or below is affected.",
            "%(count)s staff accounts with a role on it or below are affected.", staff,
        ) % {"count": staff},
    ]  # fmt: skip


def _children(above: Organization) -> list[Organization]:
    return list(reach.nodes().filter(parent=above).order_by("code"))


def search(rows: QuerySet[Organization], term: str) -> QuerySet[Organization]:
    """Those of the rows whose name holds the term or whose code begins with it."""
    named = Q(name__icontains=term) | Q(short_name__icontains=term) | Q(party_name__icontains=term)
    return rows.filter(named | Q(code__startswith=term)).select_related("parent").order_by("code")


def _is_below_another(top: Organization, tops: list[Organization]) -> bool:
    return any(other.pk != top.pk and other.pk.hex in str(top.path).split(".") for other in tops)


def _is_ours(pk: uuid.UUID | None) -> bool:
    return pk is not None and access.may(Right.GRANT_ACCESS, pk)
