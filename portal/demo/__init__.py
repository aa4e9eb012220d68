"""The demo: one invented street. Everything is written through the app role by the system purpose "demo".

Rows have keys made from their names (`key`), so seeding again adds what is missing and changes nothing else. No row
holds a real person: names are put together from syllables, ID numbers carry the sequence codes 990–999, which no
office gives out, and mobiles lie in a range without subscribers.
"""

import uuid
from collections.abc import Sequence

from django.db import models

NAMESPACE = uuid.UUID("6f9c1f1e-7b0a-5d0e-9d52-340103005000")


def key(*names: object) -> uuid.UUID:
    """The same key for the same names at every run."""
    return uuid.uuid5(NAMESPACE, "/".join(str(name) for name in names))


def add_missing(rows: Sequence[models.Model]) -> int:
    """Insert those rows whose key is not there yet; returns how many."""
    if not rows:
        return 0
    model = type(rows[0])
    known = set(model._default_manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    fresh = [row for row in rows if row.pk not in known]
    model._default_manager.bulk_create(fresh)
    return len(fresh)
