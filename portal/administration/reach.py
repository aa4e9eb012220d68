"""What an administrator may look at: nodes, grants and accounts inside the own subtree. Out of it is absent (404)."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from portal import access
from portal.models import Organization, OrganizationGrant, OrganizationKind, User
from portal.roles import ROLE_RIGHTS, Right, Role

SOON_DAYS = 30
_BELOW_STREET = (OrganizationKind.STREET, OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)
# Where a role makes sense. Roles of a city or province are given by two persons, so no screen gives them; the
# operator's role goes with the server and is given there.
LEVELS: dict[str, tuple[str, ...]] = {
    Role.DISTRICT_ADMIN: (OrganizationKind.DISTRICT,),
    Role.DISTRICT_VIEWER: (OrganizationKind.DISTRICT,),
    Role.STREET_ADMIN: (OrganizationKind.STREET,),
    Role.STREET_CLERK: (OrganizationKind.STREET,),
    Role.COMMUNITY_CLERK: (OrganizationKind.COMMUNITY,),
    Role.BRANCH_SECRETARY: (OrganizationKind.BRANCH,),
    Role.LIAISON: _BELOW_STREET,
    Role.VISITOR: _BELOW_STREET,
    Role.AUDITOR: (OrganizationKind.DISTRICT, *_BELOW_STREET),
}


def nodes() -> QuerySet[Organization]:
    """The actor's subtree, each node with `has_children`."""
    children = Organization.objects.filter(parent=OuterRef("pk"))
    reach: QuerySet[Organization] = access.organizations(Right.GRANT_ACCESS).annotate(has_children=Exists(children))
    return reach


def node_or_404(pk: uuid.UUID) -> Organization:
    found = nodes().select_related("parent", "merged_into").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def grants() -> QuerySet[OrganizationGrant]:
    """Roles given inside the actor's subtree, ended ones too."""
    rows = OrganizationGrant.objects.filter(content_object__in=access.organizations(Right.GRANT_ACCESS))
    return rows.select_related("user", "granted_by", "content_object", "permission")


def grants_on(node: Organization) -> list[OrganizationGrant]:
    """Roles in force on the node and, marked `inherited`, those in the actor's subtree that come from above it."""
    rows = list(
        grants().filter(in_force(), content_object__path__ancestors=node.path).order_by("content_object__path", "user")
    )
    return described(rows, node)


def grant_or_404(pk: uuid.UUID) -> OrganizationGrant:
    found = grants().filter(pk=pk).first()
    if found is None:
        raise Http404
    return described([found])[0]


def accounts() -> QuerySet[User]:
    """Accounts that hold, or held, a role inside the actor's subtree."""
    return User.objects.filter(pk__in=grants().values("user_id")).order_by("name", "username")


def account_or_404(pk: uuid.UUID) -> User:
    found = accounts().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def in_force(prefix: str = "") -> Q:
    """The condition "not ended yet" on grants (or on what `prefix` leads to)."""
    return Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gte": timezone.localdate()})


def ending_soon() -> QuerySet[OrganizationGrant]:
    """Roles that end within 30 days, today included, the next one first."""
    today = timezone.localdate()
    return grants().filter(until__range=(today, today + dt.timedelta(days=SOON_DAYS))).order_by("until", "user")


def of_closed_accounts() -> QuerySet[OrganizationGrant]:
    """Roles in force whose holder's account is switched off."""
    return grants().filter(in_force(), user__is_active=False).order_by("user")


def without_role() -> QuerySet[User]:
    """Active accounts of the subtree whose roles there have all ended."""
    return accounts().filter(is_active=True).exclude(pk__in=grants().filter(in_force()).values("user_id"))


def role_of(grant: OrganizationGrant) -> Role:
    return Role(grant.permission.codename.removeprefix("role_"))


def described(rows: Iterable[OrganizationGrant], node: Organization | None = None) -> list[OrganizationGrant]:
    """The grants with what the tables show: `role`, `is_over`, `is_own`, `inherited` (given above `node`),
    `may_renew`."""
    today, actor = timezone.localdate(), access.current()
    made = list(rows)
    for row in made:
        row.role = role_of(row)
        row.is_over = row.until is not None and row.until < today
        row.is_own = actor is not None and row.user_id == actor.user_id
        row.inherited = node is not None and row.content_object_id != node.pk
        row.may_renew = not row.is_own and row.user.is_active and may_give(row.role, row.content_object)
    return made


def may_give(role: str, node: Organization) -> bool:
    """Only what one holds, only where it makes sense, never on a city or province."""
    needed = {Right.GRANT_ACCESS, *ROLE_RIGHTS[role]}  # a liaison's role holds no right, so that is not enough
    return node.kind in LEVELS.get(role, ()) and all(access.may(right, node) for right in needed)


def roles_to_give(node: Organization) -> list[Role]:
    return [role for role in Role if may_give(role, node)]
