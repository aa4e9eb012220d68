"""Who acts, and what they may do. The only place that sets or reads the actor in Python.

An actor is named for one transaction: the database verifies the signature and computes the scope itself
(portal/sql/access.sql), so nothing here can widen it.
"""

import hashlib
import hmac
import time
import uuid
from collections.abc import Iterable, Iterator
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
        mark = _scope.set(_announce(actor))
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
            cursor.execute('select "right", organization_id from portal.held_rights()')
            scope.rights = _by_right(cursor.fetchall())
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


def call_as(actor: Actor, call: str, parameters: list[Any]) -> tuple[Any, ...]:
    """The row that one call of a database function returns as `actor`, in one statement, which is a transaction of its
    own. `call` is written in code: "portal.name(%s, ...)". For what happens thousands of times in a round; everything
    else acts within `acting_as`."""
    if not connection.in_atomic_block:
        guess = _session_guess()
        with connection.cursor() as cursor:
            cursor.execute(  # the actor first: `offset 0` keeps the order
                f"select answer.* from portal.act_as(%s, %s) named cross join lateral ("  # noqa: S608
                f"select * from {call} where named.session = %s offset 0) answer",
                [guess, _sign(actor, guess), *parameters, guess],
            )
            row = cursor.fetchone()
        if row:
            return row
    with acting_as(actor), connection.cursor() as cursor:
        cursor.execute(f"select * from {call}", parameters)  # noqa: S608
        return cursor.fetchone()


def _announce(actor: Actor) -> _Scope:
    """Tell the database who acts, and learn at once what a person may do: every page of the staff asks. The session's
    number is what the database says inside the transaction. The driver's is a guess, and where that is right one
    statement is enough."""
    guess = _session_guess()
    token = _sign(actor, guess)
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.act_as(%s, %s)", [guess, token])
        session, rights, nodes = cursor.fetchone()
    if session != guess:
        token = _sign(actor, session)
        _write_setting(token)
    return _Scope(actor, token, None if rights is None else _by_right(zip(rights, nodes, strict=True)))


def _by_right(held: Iterable[tuple[str, uuid.UUID]]) -> dict[str, tuple[uuid.UUID, ...]]:
    found: dict[str, tuple[uuid.UUID, ...]] = {}
    for right, node in held:
        found[right] = (*found.get(right, ()), node)
    return found


def _session_guess() -> int:
    """The number that the driver was told when it connected: right but where a pooler stands between."""
    connection.ensure_connection()
    return connection.connection.info.backend_pid  # type: ignore[union-attr]


def _sign(actor: Actor, session: int) -> str:
    message = f"{actor.kind}.{actor.id}.{session}.{int(time.time()) + LIFETIME_SECONDS}"
    mac = hmac.digest(keys.load().actor, message.encode(), hashlib.sha256)
    return f"{message}.{mac.hex()}"


def _write_setting(token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.actor', %s, true)", [token])
