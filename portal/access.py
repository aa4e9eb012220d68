"""Who acts, and what they may do. The only place that sets or reads the actor in Python.

An actor is named for one transaction: the database verifies the signature and computes the scope itself
(portal/sql/access.sql), so nothing here can widen it.
"""

import hashlib
import hmac
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from portal import keys
from portal.models import Organization, User

LIFETIME_SECONDS = 3600


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts: `kind` is user, link, device or system, `id` a row's or purpose@organization."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.id}"

    @property
    def user_id(self) -> uuid.UUID | None:
        return uuid.UUID(self.id) if self.kind == "user" else None


def user_actor(user: User) -> Actor:
    return Actor("user", str(user.pk))


def link_actor(link_id: uuid.UUID) -> Actor:
    """Whoever holds a work link. Reaches nothing unless the link is open, bound and in date (portal/sql/links.sql)."""
    return Actor("link", str(link_id))


def device_actor(device_id: uuid.UUID) -> Actor:
    """A member's confirmed phone. Holds no right; stands for one member while in use (checkin/sql/devices.sql)."""
    return Actor("device", str(device_id))


def system_actor(purpose: str, organization: Organization | uuid.UUID) -> Actor:
    """The actor of work without a person, for one node and everything below it."""
    return Actor("system", f"{purpose}@{getattr(organization, 'pk', organization)}")


@dataclass
class _Scope:
    actor: Actor
    token: str
    rights: dict[str, tuple[uuid.UUID, ...]] | None = field(default=None)


_scope: ContextVar[_Scope | None] = ContextVar("portal_scope", default=None)


class NoActor(RuntimeError):
    """Data with a scope was asked for while nobody acts: a programming error, never an empty list."""


def current() -> Actor | None:
    scope = _scope.get()
    return scope.actor if scope else None


def actor() -> Actor:
    """Who acts now. Raises NoActor when nobody does."""
    found = current()
    if found is None:
        raise NoActor("nobody acts")
    return found


def must_act(by: Actor) -> None:
    """Services name who acts; raises NoActor when that is not the actor of the scope."""
    if current() != by:
        raise NoActor(str(by))


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Open a transaction in which `actor` acts; the former actor is restored on the way out."""
    former, is_outermost = _scope.get(), not connection.in_atomic_block
    with transaction.atomic():
        scope = _Scope(actor, _announce(actor))
        mark = _scope.set(scope)
        try:
            yield actor
        finally:
            _scope.reset(mark)
        # the end of a transaction ends the setting; so does a rollback, after an exception or where it was asked for
        if not is_outermost and not connection.needs_rollback:
            _write_setting(former.token if former else "")


def forget_cached_rights() -> None:
    """Read grants anew after this transaction changed them."""
    scope = _scope.get()
    if scope:
        scope.rights = None


def granted_nodes(right: str) -> tuple[uuid.UUID, ...]:
    """The nodes on which the current actor was granted the right, without what lies below. One query a scope."""
    scope = _scope.get()
    if scope is None:
        raise NoActor(right)
    if scope.rights is None:
        with connection.cursor() as cursor:
            cursor.execute('select "right", array_agg(organization_id) from portal.held_rights() group by 1')
            scope.rights = {name: tuple(nodes) for name, nodes in cursor.fetchall()}
    return scope.rights.get(right, ())


def organizations(right: str) -> Any:
    """Queryset of the organizations on which the current actor holds the right, subtrees included."""
    nodes = Organization.objects.filter(pk__in=granted_nodes(right))
    tops = list(nodes.values_list("path", flat=True))
    scoped = Organization.objects.none()
    for path in tops:
        scoped = scoped | Organization.objects.filter(path__descendants=path)
    return scoped


def organization_ids(right: str) -> list[uuid.UUID]:
    """Ids of the organizations on which the current actor holds the right, subtrees included."""
    if not granted_nodes(right):
        return []
    with connection.cursor() as cursor:
        cursor.execute("select unnest(portal.organization_ids(%s))", [right])
        return [row[0] for row in cursor.fetchall()]


def may(right: str, organization: Organization | uuid.UUID | None = None) -> bool:
    """May the current actor do this on the organization (none given: anywhere at all)?"""
    nodes = granted_nodes(right)
    if organization is None or not nodes:
        return bool(nodes)
    if isinstance(organization, Organization) and organization.path:
        above = {uuid.UUID(label) for label in str(organization.path).split(".")}
        return bool(above.intersection(nodes))
    with connection.cursor() as cursor:
        cursor.execute("select portal.may(%s, %s)", [right, _pk(organization)])
        return bool(cursor.fetchone()[0])


def require(right: str, organization: Organization | uuid.UUID | None = None) -> None:
    """Raise PermissionDenied unless the current actor may do this."""
    if not may(right, organization):
        raise PermissionDenied(right)


def users_with(right: str, organization: Organization | uuid.UUID) -> Any:
    """Active users who hold the right on the organization or above it, the nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select user_id, max(depth) from portal.users_with(%s, %s) group by 1 order by 2 desc, 1",
            [right, _pk(organization)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    known = User.objects.in_bulk(ids)
    return [known[pk] for pk in ids]


def roots() -> list[Organization]:
    """The tops of the tree: system work runs once for each."""
    return list(Organization.objects.filter(parent=None))


def _pk(organization: Organization | uuid.UUID) -> uuid.UUID:
    return organization.pk if isinstance(organization, Organization) else organization


def _announce(actor: Actor) -> str:
    """Tell the database who acts; returns the signed token. The session's number is what the database says inside the
    transaction. The driver's is a guess, right but where a pooler stands between, and then one statement is enough."""
    with connection.cursor() as cursor:
        guess = connection.connection.info.backend_pid  # type: ignore[union-attr]
        token = _sign(actor, guess)
        cursor.execute(
            "select pg_backend_pid(), case pg_backend_pid() when %s then set_config('portal.actor', %s, true) end",
            [guess, token],
        )
        session = cursor.fetchone()[0]
    if session != guess:
        token = _sign(actor, session)
        _write_setting(token)
    return token


def _sign(actor: Actor, session: int) -> str:
    message = f"{actor.kind}.{actor.id}.{session}.{int(time.time()) + LIFETIME_SECONDS}"
    mac = hmac.digest(keys.load().actor, message.encode(), hashlib.sha256)
    return f"{message}.{mac.hex()}"


def _write_setting(token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.actor', %s, true)", [token])
