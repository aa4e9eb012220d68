"""What an administrator may look at: nodes, grants and accounts inside the own subtree. Out of it is absent (404)."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from portal import access
from portal.models import GrantRequest, Organization, OrganizationGrant, RequestState, User
from portal.roles import ROLE_BASES, ROLE_KINDS, ROLE_RIGHTS, Right, Role, needs_two, permission_codename

SOON_DAYS = 30
LATELY_DAYS = 30


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
        row.needs_two = needs_two(row.role, row.content_object.kind)
        row.may_renew = not row.is_own and row.user.is_active and may_give(row.role, row.content_object)
    return made


def may_give(role: str, node: Organization) -> bool:
    """Is the role the actor's to give there, or to ask a second person for? Only what one holds, only where it fits;
    a role with a base is judged by that base and the second person (portal/sql/grants.sql)."""
    needed = {Right.GRANT_ACCESS} if role in ROLE_BASES else {Right.GRANT_ACCESS, *ROLE_RIGHTS[role]}
    return node.kind in ROLE_KINDS[role] and all(access.may(right, node) for right in needed)


def roles_to_give(node: Organization) -> list[Role]:
    """The roles that the actor may give on the node, those included that take a second person."""
    return [role for role in Role if may_give(role, node)]


def holds_one_of(user: User, roles: Iterable[str], node: Organization) -> bool:
    """Does the account hold one of the roles in force on the node or above it? Above the actor's own subtree the
    actor sees no grants, so the database answers for those it was asked for (portal.has_base)."""
    codenames = [permission_codename(role) for role in roles]
    seen = OrganizationGrant.objects.filter(
        in_force(), user=user, permission__codename__in=codenames, content_object__path__ancestors=node.path
    )
    return seen.exists()


def held_here(user: User, role: str, node: Organization) -> OrganizationGrant | None:
    """The grant in force by which the account holds this role on this very node."""
    held = grants().filter(in_force(), user=user, content_object=node, permission__codename=permission_codename(role))
    return held.first()


# --- requests for a second person ------------------------------------------------------------------------------------


def requests() -> QuerySet[GrantRequest]:
    """What was asked for inside the actor's subtree."""
    rows = GrantRequest.objects.filter(organization__in=access.organizations(Right.GRANT_ACCESS))
    return rows.select_related("organization", "user", "asked_by", "decided_by")


def waiting() -> QuerySet[GrantRequest]:
    """Requests that nobody has decided and that have not expired, the oldest first."""
    return requests().filter(state=RequestState.WAITING, expires_at__gt=timezone.now()).order_by("asked_at")


def decided_lately() -> QuerySet[GrantRequest]:
    """What was decided within 30 days, the newest first."""
    since = timezone.now() - dt.timedelta(days=LATELY_DAYS)
    return requests().filter(decided_at__gte=since).order_by("-decided_at")


def request_or_404(pk: uuid.UUID) -> GrantRequest:
    found = waiting().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_decide(request: GrantRequest) -> bool:
    """Is the actor a second person for this request: neither who asked nor who gets it?"""
    actor = access.current()
    return actor is not None and actor.user_id not in (None, request.asked_by_id, request.user_id)


def to_decide() -> int:
    """How many requests wait for the actor's decision."""
    actor = access.current()
    if actor is None or actor.user_id is None or not access.may(Right.GRANT_ACCESS):
        return 0
    return waiting().exclude(Q(asked_by=actor.user_id) | Q(user=actor.user_id)).count()
