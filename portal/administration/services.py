"""What administrators do. Each write goes through a database function that asks the right again (portal/sql/staff.sql),
or through the tree's own policies."""

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from portal import access
from portal.administration import reach
from portal.asking import ask_database
from portal.grants import grant_role, one_time_password, request_grant
from portal.models import Organization, OrganizationGrant, OrganizationKind, User
from portal.roles import ROLE_BASES, Right, Role


class Given(TypedDict):
    role: str
    until: dt.date | None
    reason: str


# --- roles -----------------------------------------------------------------------------------------------------------


def give_role(user: User, node: Organization, **given: Unpack[Given]) -> uuid.UUID:
    """Give a role on a node, or renew it with a new end date and reason.

    Raises PermissionDenied when the role is not the actor's to give there, or the account is the actor's own: an end
    date that its holder could lift would be none.
    """
    return grant_role(user=user, organization=node, **given)


def ask_role(pk: uuid.UUID, user: User, node: Organization, **given: Unpack[Given]) -> uuid.UUID:
    """Ask for a role that a second administrator has to give.

    Raises ValidationError with a plain sentence, PermissionDenied when it is not the actor's to ask for.
    """
    refusal = why_not_asked(user, node, given["role"])
    if refusal:
        raise ValidationError(refusal)
    return request_grant(pk, user=user, organization=node, **given)


def why_not_asked(user: User, node: Organization, role: str) -> str:
    """Why the account cannot be given the role by two persons, in a plain sentence; empty when it can."""
    if user.must_change_password:
        return _("This person has not chosen an own password yet. Please ask again after the first login.")
    bases = ROLE_BASES.get(role, ())
    if bases and not reach.holds_one_of(user, bases, node):
        return _("This role is only for somebody who is %(roles)s here or above.") % {
            "roles": " / ".join(str(Role(base).label) for base in bases)
        }
    return ""


def new_staff(
    pk: uuid.UUID, *, username: str, name: str, email: str, node: Organization, given: Given
) -> tuple[User, str]:
    """A new account with its first role, and its one-time password.

    `pk` is made with the form, so that a form sent twice makes one account. Raises ValidationError when the user name
    is taken or the account was made already, PermissionDenied as give_role.
    """
    password = one_time_password()
    try:
        with transaction.atomic():
            user = User(pk=pk, username=username, name=name, email=email, must_change_password=True)
            user.set_password(password)
            user.save(force_insert=True)
            give_role(user, node, **given)
    except IntegrityError:
        if reach.accounts().filter(pk=pk, username=username).exists():
            raise ValidationError(
                _("This account has just been made. If you did not note the password, reset it."), code="made"
            ) from None
        raise ValidationError({"username": _("This user name cannot be used. Please choose another one.")}) from None
    return user, password


def end_grant(grant: OrganizationGrant) -> None:
    """End a role from today; its holder has lost it at the next click. Raises PermissionDenied (own roles too)."""
    ask_database("end_grant", grant.pk)
    access.forget_cached_rights()


# --- accounts --------------------------------------------------------------------------------------------------------


def manages(user: User) -> bool:
    """Is the whole account the actor's to manage: in use nowhere outside the actor's subtree, and not the own one?"""
    return bool(ask_database("manages_account", user.pk))


def may_reset(user: User) -> bool:
    return bool(ask_database("may_reset_account", user.pk))


def reset_password(user: User) -> str:
    """A new one-time password; all sessions of the account end. Raises PermissionDenied."""
    password = one_time_password()
    ask_database("reset_account", user.pk, make_password(password))
    return password


def set_active(user: User, wanted: bool) -> None:
    """Switch an account off or on; switched off, its sessions end at the next click. Raises PermissionDenied."""
    ask_database("set_account_active", user.pk, wanted)


def leave(user: User) -> bool:
    """Somebody leaves: roles in the actor's subtree end, members get no liaison, the account is closed.

    Returns False when the account itself stays, because it is in use elsewhere. Raises PermissionDenied.
    """
    closed = bool(ask_database("end_staff", user.pk))
    access.forget_cached_rights()
    return closed


# --- the tree --------------------------------------------------------------------------------------------------------


def people_below(node: Organization) -> tuple[int, int]:
    """(members that the node sees, staff with a role on it or below). Raises PermissionDenied."""
    access.require(Right.GRANT_ACCESS, node)
    with connection.cursor() as cursor:
        cursor.execute("select members, staff from portal.people_below(%s)", [node.pk])
        members, staff = cursor.fetchone()
    return members, staff


def rename(node: Organization, *, short_name: str, party_name: str) -> None:
    _must_stand(node)
    node.short_name, node.party_name = short_name, party_name
    node.save(update_fields=["short_name", "party_name"])


def add_branch(above: Organization, *, pk: uuid.UUID, name: str, party_name: str) -> Organization:
    """A branch below a node, with the next free code (B-<code of the node>-<number>).

    `pk` is made with the form, so that a form sent twice makes one branch. Raises ValidationError below a branch.
    """
    _must_stand(above)
    if above.kind == OrganizationKind.BRANCH:
        raise ValidationError(_("There is nothing below a branch."))
    made = Organization.objects.filter(pk=pk, parent=above).first()
    number = Organization.objects.filter(parent=above, kind=OrganizationKind.BRANCH).count()
    while made is None:
        number += 1
        code = f"B-{above.code}-{number}"
        if Organization.objects.filter(code=code).exists():
            continue
        made = Organization(
            pk=pk, code=code, name=name, party_name=party_name, kind=OrganizationKind.BRANCH, parent=above
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            raise ValidationError(_("This could not be saved. Please try again.")) from None
    return made


def _must_stand(node: Organization) -> None:
    """What a merge left behind is for nobody to change."""
    access.require(Right.GRANT_ACCESS, node)
    if node.merged_into_id is not None:
        raise PermissionDenied("organization_refused")


def why_not_below(node: Organization, target: Organization) -> str:
    """Why the node cannot go below the target, in a plain sentence; empty when it can."""
    order = list(OrganizationKind.values)
    if node.merged_into is not None:
        return _("%(node)s was merged into %(kept)s.") % {"node": node, "kept": node.merged_into}
    if target.pk == node.pk or node.pk.hex in str(target.path).split("."):
        return _("%(target)s stands below %(node)s itself, so %(node)s cannot go there.") % {
            "target": target, "node": node,
        }  # fmt: skip
    if target.pk == node.parent_id:
        return _("%(node)s stands below %(target)s already.") % {"node": node, "target": target}
    if order.index(target.kind) >= order.index(node.kind):
        return _("%(target)s is not of a higher level than %(node)s.") % {"target": target, "node": node}
    if not target.is_active:
        return _("%(target)s is no longer in use.") % {"target": target}
    return ""


def move(node: Organization, target: Organization) -> None:
    """Put a node with everything below it under another superior.

    Raises ValidationError with a plain sentence, PermissionDenied unless node, old and new superior are the actor's.
    """
    refusal = why_not_below(node, target)
    if refusal:
        raise ValidationError(refusal)
    ask_database("move_organization", node.pk, target.pk)
    access.forget_cached_rights()


def why_not_closed(node: Organization) -> str:
    """Why the node must stay in use, in a plain sentence; empty when it can be taken out of use."""
    if node.parent_id is None or not access.may(Right.GRANT_ACCESS, node.parent_id):
        return _("Only the superior office can change this.")
    if Organization.objects.filter(parent=node, is_active=True).exists():
        return _("Something below is still in use. Please start with the lowest level.")
    if people_below(node)[0]:
        return _("Members still belong here. Please move them to another organization first.")
    return ""


def set_in_use(node: Organization, wanted: bool) -> None:
    """Take a node out of use (nothing is ever deleted), or into use again. Raises ValidationError."""
    refusal = why_not_closed(node) if not wanted else ""
    if node.merged_into is not None:
        refusal = _("%(node)s was merged into %(kept)s.") % {"node": node, "kept": node.merged_into}
    if wanted and (node.parent_id is None or not access.may(Right.GRANT_ACCESS, node.parent_id)):
        refusal = _("Only the superior office can change this.")
    if refusal:
        raise ValidationError(refusal)
    node.is_active = wanted
    node.save(update_fields=["is_active"])
