"""Duties below a changed interval, where they are too many for one request: the rounds work them off in parts, each in
a transaction of its own, before they plan. What is left is a row (contacts/sql/duty_refresh.sql): nobody forgets it."""

import uuid
from collections.abc import Iterable
from time import monotonic

from django.db import connection

from portal import access


def refresh_waiting(actor: access.Actor, root: uuid.UUID, until: float) -> bool:
    """Bring into line what waits below a root, one part at least and until that point of the monotonic clock. True when
    nothing is left."""
    while True:
        with access.acting_as(actor), connection.cursor() as cursor:
            cursor.execute("select portal.refresh_waiting(%s)", [root])
            if not cursor.fetchone()[0]:
                return True
        if monotonic() > until:
            return False


def is_refreshing(nodes: Iterable[uuid.UUID]) -> bool:
    """Do duties of these organizations, or below them, wait to be brought into line?"""
    with connection.cursor() as cursor:
        cursor.execute("select bool_or(portal.duties_wait(node)) from unnest(%s::uuid[]) node", [list(nodes)])
        return bool(cursor.fetchone()[0])
