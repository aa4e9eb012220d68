"""What was changed in a member's file, when and by whom, read from the history that triggers write.

Sealed values are never shown, only that they changed. Numbers of history rows also make the version of a file.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member, MemberEvent, Movement, MovementEvent
from portal import access
from portal.models import Organization, User
from portal.roles import Purpose, Right

SEALED_LABELS = {
    "id_number": gettext_lazy("ID number"),
    "mobile": gettext_lazy("mobile"),
    "employer": gettext_lazy("employer"),
    "current_address": gettext_lazy("current address"),
    "remark": gettext_lazy("remark"),
    "ledger_extra": gettext_lazy("other columns of the ledger"),
    "counterpart_contact": gettext_lazy("contact of the other organization"),
    "counterpart_phone": gettext_lazy("phone of the other organization"),
    "destination": gettext_lazy("destination"),
}
_HIDDEN = frozenset(
    ["id", "data_key", "member", "created_at", "updated_at", "is_synthetic", "id_number_is_checked", "same_as"]
)
ENTRIES_MOST = 50


@dataclass
class Change:
    """One field: its label, and the former and new value as shown ("" for none); both None where sealed."""

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
    version: str = ""


def file_version(member: Member) -> str:
    """A text that differs after any change to the member's row or movements, by whatever way it was made."""
    own = MemberEvent.objects.filter(pgh_obj_id=member.pk).aggregate(last=Max("pgh_id"))["last"]
    away = MovementEvent.objects.filter(member_id=member.pk).aggregate(last=Max("pgh_id"))["last"]
    return f"{own or 0}.{away or 0}"


def timeline(member: Member, *, since: str = "0.0") -> list[Entry]:
    """The saved changes after the version `since`, the latest first, at most ENTRIES_MOST. Six queries at most.

    Of files that were linked to this one, those of the reader's own side are told too.
    """
    after_own, after_away = (int(part) for part in since.split("."))
    files = [member, *member.linked_files]
    ids = [file.pk for file in files]
    own = list(MemberEvent.objects.filter(pgh_obj_id__in=ids).order_by("pgh_id"))
    away = list(MovementEvent.objects.filter(member_id__in=ids).order_by("pgh_id"))
    names = _organization_names([*own, *away])
    actors = _Actors(files, {event.pgh_actor for event in [*own, *away]})
    entries = [*_entries(Member, own, names, actors, after_own), *_entries(Movement, away, names, actors, after_away)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:ENTRIES_MOST]


def _entries(model: type, events: list[Any], names: dict, actors: "_Actors", after: int) -> Iterable[Entry]:
    former: dict[uuid.UUID, Any] = {}
    for event in events:
        before = former.get(event.pgh_obj_id)
        former[event.pgh_obj_id] = event
        changes = _changes(model, before, event, names)
        was_linked = model is Member and before is not None and event.same_as_id != before.same_as_id
        if event.pgh_id > after and (changes or before is None or was_linked):
            yield Entry(event.pgh_created_at, _what(model, event, before), actors.name(event.pgh_actor), changes)


def _what(model: type, event: Any, before: Any) -> str:
    if model is Member and before is not None and event.same_as_id != before.same_as_id:
        return _("Linked with the other side's file") if event.same_as_id else _("Link taken back")
    if model is Member:
        return _("File created") if before is None else _("File changed")
    if before is None:
        return _("Movement entered")
    return _("Movement ended") if event.ended_on and not before.ended_on else _("Movement changed")


def _changes(model: type, before: Any, after: Any, names: dict) -> list[Change]:
    """Differences of two history rows. The first row of a file is not spelled out: the card shows what it held."""
    if before is None:
        return []
    found = []
    for column in model._meta.concrete_fields:
        if column.name in _HIDDEN or not hasattr(after, column.attname) or column.name.endswith("_sealed"):
            continue
        old, new = getattr(before, column.attname), getattr(after, column.attname)
        if column.name.endswith("_digest"):
            if _bytes(old) != _bytes(new):
                found.append(Change(capfirst(str(SEALED_LABELS[column.name.removesuffix("_digest")])), None, None))
        elif old != new:
            label = capfirst(str(column.verbose_name))
            found.append(Change(label, _shown(column, old, names), _shown(column, new, names)))
    return found


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _shown(column: Any, value: Any, names: dict) -> str:
    if value is None or value == "":
        return ""
    if column.is_relation:
        return names.get(value, "")
    return str(dict(column.flatchoices).get(value, value))


def _organization_names(events: list[Any]) -> dict[uuid.UUID, str]:
    columns = ("organization_id", "home_organization_id", "host_organization_id")
    ids = {pk for event in events for column in columns if (pk := getattr(event, column, None))}
    return {organization.pk: str(organization) for organization in Organization.objects.filter(pk__in=ids)}


class _Actors:
    """Names of who changed something. A colleague is named to those who may see the managing organization; the other
    side of a movement reads only that the other office did it."""

    def __init__(self, files: list[Member], actors: set[str | None]) -> None:
        self.is_inside = access.may(Right.VIEW_MEMBERS, files[0].organization)
        ids = [uuid.UUID(actor[5:]) for actor in actors if actor and actor.startswith("user.")]
        self.users = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)} if self.is_inside else {}

    def name(self, actor: str | None) -> str:
        kind, _dot, who = (actor or "").partition(".")
        if kind == "user":
            return self.users.get(who) or _("staff of another office")
        purposes = dict(Purpose.choices)
        return str(purposes.get(who.partition("@")[0], _("set-up on the server")))
