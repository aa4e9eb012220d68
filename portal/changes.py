"""What was changed in a shared record, when and by whom, read from the history that triggers write (portal.history).

Sealed values are never shown, only that they changed; of other rows than organizations neither. The numbers of history
rows also make the version of a record: a text that differs after any change, by whatever way it was made.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal import access
from portal.models import Organization, User
from portal.roles import Purpose

# (history's model, its column that leads to the record)
Part = tuple[type[Model], str]

NOTHING_SHOWN = frozenset(["id", "data_key", "created_at", "updated_at"])


@dataclass
class Change:
    """One field: its label, and the former and new value as shown ("" for none); both None where not shown."""

    label: str
    before: str | None
    after: str | None


@dataclass
class Entry:
    """One saved change: `what` says of which kind, `who` names the person, unit or program."""

    at: dt.datetime
    what: str
    who: str
    changes: list[Change] = field(default_factory=list)


def history_of(model: type[Model]) -> type[Model] | None:
    """The model of a tracked model's history; None for one that is not tracked."""
    relation = next((item for item in model._meta.related_objects if item.get_accessor_name() == "events"), None)
    return relation.related_model if relation else None  # type: ignore[return-value]


def own_part(model: type[Model]) -> tuple[Part, ...]:
    """The part of a record that is its own row; empty for a model without history."""
    history = history_of(model)
    return ((history, "pgh_obj_id"),) if history else ()


def version(pk: Any, parts: Iterable[Part]) -> str:
    """The version of the record now: the latest history row of each part, "12.0.7". One query a part."""
    numbers = []
    for history, column in parts:
        found = history._default_manager.filter(**{column: pk}).aggregate(last=Max("pgh_id"))["last"]
        numbers.append(str(found or 0))
    return ".".join(numbers)


def numbers_of(text: str, parts: Iterable[Part]) -> list[int]:
    """The numbers of a version that came with a page; all zero (older than anything) where it is none."""
    wanted, pieces = len(tuple(parts)), text.split(".")
    if len(pieces) == wanted and len(text) < 80 and all(piece.isascii() and piece.isdigit() for piece in pieces):
        return [int(piece) for piece in pieces]
    return [0] * wanted


def since(
    pk: Any, text: str, parts: Iterable[Part], *, organization: Organization | None, right: str, labels: Any = None
) -> list[Entry]:
    """The changes of a record after a version, the latest first. Whoever holds `right` on the record's organization
    reads the names of colleagues. `labels` names sealed fields."""
    parts = tuple(parts)
    rows = [(history, list(history._default_manager.filter(**{column: pk}).order_by("pgh_id")), after)
            for (history, column), after in zip(parts, numbers_of(text, parts), strict=True)]  # fmt: skip
    every: list[Any] = [event for _history, events, _after in rows for event in events]
    names = organization_names(every)
    authors = Authors(organization, right, {event.pgh_actor for event in every})
    entries = []
    for history, events, after in rows:
        former: dict[Any, Any] = {}
        for event in events:
            before = former.get(event.pgh_obj_id)
            former[event.pgh_obj_id] = event
            if event.pgh_id > after:
                found = differences(history, before, event, names, labels or {})
                entries.append(Entry(event.pgh_created_at, _what(event), authors.name(event.pgh_actor), found))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _what(event: Any) -> str:
    return {"insert": _("added"), "delete": _("deleted")}.get(event.pgh_label, _("changed"))


def differences(
    model: type[Model], before: Any, after: Any, names: dict, labels: Any, hidden: Iterable[str] = NOTHING_SHOWN
) -> list[Change]:
    """Differences of two history rows; none for the first. `model` is the tracked model or its history."""
    if before is None:
        return []
    found = []
    for column in model._meta.concrete_fields:
        if column.name in hidden or column.name.startswith("pgh_") or not hasattr(after, column.attname):
            continue
        old, new = getattr(before, column.attname), getattr(after, column.attname)
        if column.name.endswith("_sealed") or _same(old, new):
            continue
        if column.name.endswith("_digest"):
            name = column.name.removesuffix("_digest")
            found.append(Change(capfirst(str(labels.get(name, name))), None, None))
            continue
        label = capfirst(str(column.verbose_name))
        if column.is_relation and column.related_model is not Organization:
            found.append(Change(label, None, None))
        else:
            found.append(Change(label, _shown(column, old, names), _shown(column, new, names)))
    return found


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, memoryview) or isinstance(new, memoryview):
        return (None if old is None else bytes(old)) == (None if new is None else bytes(new))
    return bool(old == new)


def _shown(column: Any, value: Any, names: dict) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if column.is_relation:
        return names.get(value, "")
    return str(dict(column.flatchoices).get(value, value))


def organization_names(events: Iterable[Any]) -> dict[uuid.UUID, str]:
    """Names of the organizations that history rows point to. One query."""
    ids = set()
    for event in events:
        for column in event._meta.concrete_fields:
            if column.related_model is Organization:
                ids.add(getattr(event, column.attname))
    return {organization.pk: str(organization) for organization in Organization.objects.filter(pk__in=ids - {None})}


class Authors:
    """Names of who changed something. A colleague is named to those who hold a right on the record's organization;
    others read only that another office did it."""

    def __init__(self, organization: Organization | None, right: str, actors: set[str | None]) -> None:
        is_inside = organization is not None and access.may(right, organization)
        ids = [uuid.UUID(actor[5:]) for actor in actors if actor and actor.startswith("user.")]
        self.users = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)} if is_inside else {}

    def name(self, actor: str | None) -> str:
        kind, _dot, who = (actor or "").partition(".")
        if kind == "user":
            return self.users.get(who) or _("staff of another office")
        purposes = dict(Purpose.choices)
        return str(purposes.get(who.partition("@")[0], _("set-up on the server")))
