"""The pillars that hold at an organization, and setting its own."""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts.pillars.metrics import SHIPPED, Metric
from contacts.pillars.models import PillarMetric
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

SETS = Right.GRANT_ACCESS
"""Whoever administers an office says what it and those below it are measured by."""


@dataclass(frozen=True)
class Part:
    """One metric of a pillar: its code, its name in the table, and its weight (0 = shown, not counted)."""

    metric: str
    title: str | Promise
    weight: int


@dataclass(frozen=True)
class Pillar:
    title: str | Promise
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Scheme:
    """All pillars that hold somewhere; `set_by` set them (None: as shipped)."""

    pillars: tuple[Pillar, ...]
    set_by: Organization | None

    @property
    def version(self) -> str:
        """The same for the same pillars of the same organization: what a page has shown."""
        shown = [(str(pillar.title), [(part.metric, str(part.title), part.weight) for part in pillar.parts])
                 for pillar in self.pillars]  # fmt: skip
        return hashlib.sha256(repr((self.set_by and self.set_by.pk, shown)).encode()).hexdigest()[:16]


def scheme_of(node: Organization) -> Scheme:
    """The node's own pillars, else those of the nearest organization above that set its own, else the shipped ones."""
    rows = list(PillarMetric.objects.filter(organization__path__ancestors=node.path).select_related("organization"))
    if not rows:
        shipped = ((title, tuple(Part(*part) for part in parts)) for title, parts in SHIPPED)
        return Scheme(tuple(Pillar(title, parts) for title, parts in shipped), None)
    nearest = max((row.organization for row in rows), key=lambda one: len(str(one.path)))
    found: dict[str, list[Part]] = {}
    for row in rows:
        if row.organization_id == nearest.pk:
            title = row.title or Metric(row.metric).label
            found.setdefault(row.pillar, []).append(Part(row.metric, title, row.weight))
    return Scheme(tuple(Pillar(title, tuple(parts)) for title, parts in found.items()), nearest)


def set_scheme(node: Organization, parts: list[tuple[str, Part]], *, shown: str, by: access.Actor) -> None:
    """Replace the node's own pillars by these (pillar's name, part), in this order; none: those above hold again.

    `shown` is the version of the page that was saved. Raises PermissionDenied without the right, ValidationError where
    a colleague saved other pillars meanwhile.
    """
    access.must_act(by)
    access.require(SETS, node)
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=node.pk)  # one after the other
        if scheme_of(node).version != shown:
            raise ValidationError(
                _(
                    "Somebody else has changed this meanwhile. Your lines are still in the table: save again to replace"
                    " what stands now."
                )
            )
        PillarMetric.objects.filter(organization=node).delete()
        PillarMetric.objects.bulk_create(
            PillarMetric(organization=node, position=place, pillar=pillar, metric=part.metric, title=str(part.title),
                         weight=part.weight)
            for place, (pillar, part) in enumerate(parts)
        )  # fmt: skip
        AuditEntry.objects.create(
            actor=str(by), action="set_pillars", organization=node, object_type="portal.organization",
            object_id=node.pk, detail={"pillars": [[pillar, part.metric, part.weight] for pillar, part in parts]},
        )  # fmt: skip
