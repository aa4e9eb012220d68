"""Accounts and the roles they hold: give, renew, end; password, switch off, leave; three reports."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from portal import access, search_terms
from portal.administration import reach, services
from portal.administration.forms import NEW, EndForm, GrantForm, RenewForm
from portal.administration.pages import administrators_only, confirm, one_page, page
from portal.models import Organization, OrganizationGrant, User
from portal.roles import needs_two
from portal.shared_forms import FIELD, stamped

MOST_OFFERED = 200


@administrators_only
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts of the subtree; the searched name stands encrypted in the address."""
    if request.method == "POST":
        term = request.POST.get("q", "").strip()
        return HttpResponseRedirect(f"{request.path}?q={search_terms.seal(term)}" if term else request.path)
    term = search_terms.unseal(request.GET.get("q", ""))
    rows = reach.accounts()
    if term:
        rows = rows.filter(Q(name__icontains=term) | Q(username__icontains=term))
    shown = one_page(request, rows)
    held: dict[uuid.UUID, list[OrganizationGrant]] = {}
    for grant in reach.described(reach.grants().filter(reach.in_force(), user__in=[user.pk for user in shown])):
        held.setdefault(grant.user_id, []).append(grant)
    rows_shown = [(user, held.get(user.pk, [])) for user in shown]
    return page(
        request, "accounts", _("Accounts and roles"), rows=rows_shown, shown=shown, term=term,
        sealed=request.GET.get("q", ""), to_decide=reach.to_decide(),
    )  # fmt: skip


@administrators_only
def reports(request: HttpRequest) -> HttpResponse:
    """Roles that end soon, accounts without a role, roles of accounts that are switched off."""
    return page(
        request, "reports", _("Roles to look at"), soon=reach.described(reach.ending_soon()[:MOST_OFFERED]),
        without=reach.without_role()[:MOST_OFFERED], closed=reach.described(reach.of_closed_accounts()[:MOST_OFFERED]),
    )  # fmt: skip


@administrators_only
def account(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One account: its roles in the actor's subtree, and what may be done with it."""
    user = reach.account_or_404(pk)
    rows = reach.grants().filter(user=user).order_by("content_object__path")
    return page(
        request, "account", str(user), account=user, grants=reach.described(rows), manages=services.manages(user),
        may_reset=services.may_reset(user), is_own=_is_own(user),
    )  # fmt: skip


@administrators_only
@never_cache
def give(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a role on a node, to a known or a new account."""
    node = reach.node_or_404(pk)
    form = GrantForm(request.POST or None, node=node)
    refusal = _why_nothing_to_give(node)
    if request.method == "POST" and refusal:
        raise PermissionDenied("grant_refused")
    if request.method == "POST" and form.is_valid():
        answer = _given(request, node, form)
        if answer is not None:
            return answer
    return page(
        request, "give", _("Give a role on %(node)s") % {"node": node}, node=node, form=form, refusal=refusal,
        known=reach.accounts().filter(is_active=True)[:MOST_OFFERED],
    )  # fmt: skip


def _why_nothing_to_give(node: Organization) -> str:
    if not node.is_active:
        return _("This organization is no longer in use.")
    if not reach.roles_to_give(node):
        return _("You can give only what you hold yourself. You hold no role that fits here.")
    return ""


def _given(request: HttpRequest, node: Organization, form: GrantForm) -> HttpResponse | None:
    """The answer after the role is given; None when the form has to be shown again."""
    data = form.cleaned_data
    given = services.Given(role=data["role"], until=data["until"], reason=data["reason"])
    try:
        if data["who"] == NEW:
            person = {name: data[name] for name in ("username", "name", "email")}
            user, password = services.new_staff(data["pk"], node=node, given=given, **person)
            return _one_time(request, user, password)
        user = data["user"]
        if _is_own(user):
            raise ValidationError(_("Nobody gives a role to themselves."))
        held = reach.held_here(user, data["role"], node)
        if held is not None and (held.until, held.reason) != (given["until"], given["reason"]):
            raise ValidationError(_("This person has this role here already. To change its end date, renew the role."))
        if needs_two(data["role"], node.kind):
            return _asked(request, data["pk"], user, node, given)
        if held is None:  # else the same form was sent twice
            services.give_role(user, node, **given)
    except ValidationError as refusal:
        if refusal.__dict__.get("code") == "made":
            messages.warning(request, refusal.messages[0])
            return redirect("administration:account", data["pk"])
        form.add_error(None, refusal)
        return None
    messages.success(request, _("%(person)s now has the role.") % {"person": user})
    return redirect("administration:node", node.pk)


def _asked(request: HttpRequest, pk: uuid.UUID, user: User, node: Organization, given: services.Given) -> HttpResponse:
    services.ask_role(pk, user, node, **given)
    messages.success(request, _("Asked. The role is given when a second administrator approves."))
    return redirect("administration:waiting")


@administrators_only
def renew(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A new end date and reason for a role."""
    grant = stamped(OrganizationGrant, pk, lambda: reach.grant_or_404(pk))
    if not grant.may_renew:
        raise PermissionDenied("grant_refused")
    form = RenewForm(
        request.POST or None, role=grant.role, record=grant,
        initial={"until": None if grant.is_over else grant.until, "reason": grant.reason},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        answer = _renewed(request, grant, form)
        if answer is not None:
            return answer
    lines = [_grant_line(grant)]
    if grant.needs_two:
        lines.append(_("A second administrator has to approve this."))
    return page(
        request, "form", _("Renew a role"), form=form, node=grant.content_object, lines=lines, button=_("Renew"),
    )  # fmt: skip


def _renewed(request: HttpRequest, grant: Any, form: RenewForm) -> HttpResponse | None:
    data = form.cleaned_data
    given = services.Given(role=grant.role, until=data["until"], reason=data["reason"])
    try:
        if grant.needs_two:
            return _asked(request, data["pk"] or uuid.uuid4(), grant.user, grant.content_object, given)
        services.give_role(grant.user, grant.content_object, **given)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None
    messages.success(request, _("The role is renewed."))
    return redirect("administration:node", grant.content_object_id)


@administrators_only
def end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a role; sent twice it is ended once."""
    grant = stamped(OrganizationGrant, pk, lambda: reach.grant_or_404(pk))
    form = EndForm(request.POST if request.method == "POST" else None, record=grant)
    if request.method == "POST" and (grant.is_over or form.is_valid()):
        services.end_grant(grant)
        messages.success(request, _("The role is ended."))
        return redirect("administration:node", grant.content_object_id)
    refusal = _("Nobody ends their own role. Please ask another administrator.") if grant.is_own else ""
    return confirm(
        request, _("End a role"), node=grant.content_object, refusal=refusal, button=_("End the role"),
        lines=[_grant_line(grant), _("From now on this person can no longer do what the role allowed.")],
        warnings=form.non_field_errors() if form.is_bound else [], hidden={FIELD: form[FIELD].value() or ""},
    )  # fmt: skip


@administrators_only
@never_cache
def reset_password(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = reach.account_or_404(pk)
    if request.method == "POST":
        return _one_time(request, user, services.reset_password(user))
    lines = [
        _("%(person)s gets a new one-time password, to be changed at the next login.") % {"person": user},
        _("The old password ends, and this person is logged out everywhere."),
    ]
    refusal = "" if services.may_reset(user) else _why_not_reset(user)
    return _confirm_account(request, user, _("Reset the password"), lines, refusal)


@administrators_only
def switch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Switch an account off, or on again."""
    user = reach.account_or_404(pk)
    if request.method == "POST":
        wanted = request.POST.get("wanted") == "yes"  # the page that was confirmed, not the state meanwhile
        services.set_active(user, wanted)
        messages.success(request, _("The account is switched on.") if wanted else _("The account is switched off."))
        return redirect("administration:account", user.pk)
    if user.is_active:
        title = _("Switch the account off")
        lines = [_("%(person)s can no longer log in until the account is switched on again.") % {"person": user},
                 _("Roles and members that are looked after stay as they are.")]  # fmt: skip
    else:
        title, lines = _("Switch the account on"), [_("%(person)s can log in again.") % {"person": user}]
    refusal = "" if services.manages(user) else _why_not_managed(user)
    return _confirm_account(request, user, title, lines, refusal, wanted="no" if user.is_active else "yes")


@administrators_only
def leave(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Somebody leaves the office."""
    user = reach.account_or_404(pk)
    if request.method == "POST":
        closed = services.leave(user)
        messages.success(request, _("Done: the roles are ended and the account is closed.") if closed
                         else _("Done: the roles in your organizations are ended."))  # fmt: skip
        return redirect("administration:account", user.pk)
    lines = [
        _("All roles of %(person)s in your organizations end at once.") % {"person": user},
        _("Members that this person looks after are shown as without a liaison."),
    ]
    if services.manages(user):
        lines.append(_("The account is closed and logged out everywhere. Nothing that was written is deleted."))
    refusal = _("Nobody does this to their own account.") if _is_own(user) else ""
    return _confirm_account(request, user, _("This person leaves"), lines, refusal)


def _confirm_account(
    request: HttpRequest, user: User, title: str, lines: list[str], refusal: str, **hidden: str
) -> HttpResponse:
    return confirm(request, title, account=user, lines=lines, refusal=refusal, button=_("Go ahead"), hidden=hidden)


def _one_time(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """The only page that ever shows this password."""
    return page(request, "one_time", _("One-time password"), account=user, password=password)


def _is_own(user: User) -> bool:
    actor = access.current()
    return actor is not None and actor.user_id == user.pk


def _why_not_managed(user: User) -> str:
    if _is_own(user):
        return _("Nobody does this to their own account.")
    return _("This account is also used outside your organizations. Please ask your superior office.")


def _why_not_reset(user: User) -> str:
    if _is_own(user) or not services.manages(user):
        return _why_not_managed(user)
    return _(
        "This account may do more than you, or holds or awaits a role that two persons give. Please ask an"
        " administrator who holds these roles, or whoever looks after the server."
    )


def _grant_line(grant: OrganizationGrant) -> str:
    return _("%(person)s: %(role)s of %(node)s") % {
        "person": grant.user, "role": grant.role.label, "node": grant.content_object,
    }  # fmt: skip
