"""What was changed in a member's file, when and by whom, read from the history that triggers write.

Sealed values are never shown, only that they changed. Numbers of history rows also make the version of a file.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.file_fields import FIELDS
from members.models import Member, MemberEvent, Movement, MovementEvent
from portal import access, changes
from portal.changes import Entry
from portal.roles import Right

SEALED_LABELS = {field.key: field.label for field in FIELDS} | {
    "details": gettext_lazy("further facts"),
    "ledger_extra": gettext_lazy("other columns of the ledger"),
    "number": gettext_lazy("phone"),
}
_HIDDEN = frozenset(
    ["id", "data_key", "member", "created_at", "updated_at", "is_synthetic", "id_number_is_checked", "same_as"]
)
ENTRIES_MOST = 50
FILE_PARTS: tuple[changes.Part, ...] = ((MemberEvent, "pgh_obj_id"), (MovementEvent, "member_id"))


def file_version(member: Member) -> str:
    """A text that differs after any change to the member's row or movements, by whatever way it was made."""
    return changes.version(member.pk, FILE_PARTS)


def timeline(member: Member, *, since: str = "0.0") -> list[Entry]:
    """The saved changes after the version `since`, the latest first, at most ENTRIES_MOST. Six queries at most.

    Of files that were linked to this one, those of the reader's own side are told too.
    """
    after_own, after_away = changes.numbers_of(since, FILE_PARTS)
    files = [member, *member.linked_files]
    ids = [file.pk for file in files]
    own = list(MemberEvent.objects.filter(pgh_obj_id__in=ids).order_by("pgh_id"))
    away = list(MovementEvent.objects.filter(member_id__in=ids).order_by("pgh_id"))
    names = changes.organization_names([*own, *away])
    reached = (file.organization for file in files if access.may(Right.VIEW_MEMBERS, file.organization))
    office = next(reached, member.organization)
    actors = changes.Authors(office, Right.VIEW_MEMBERS, {event.pgh_actor for event in [*own, *away]})
    entries = [*_entries(Member, own, names, actors, after_own), *_entries(Movement, away, names, actors, after_away)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:ENTRIES_MOST]


def _entries(model: type, events: list[Any], names: dict, actors: changes.Authors, after: int) -> Iterable[Entry]:
    former: dict[uuid.UUID, Any] = {}
    for event in events:
        before = former.get(event.pgh_obj_id)
        former[event.pgh_obj_id] = event
        found = changes.differences(model, before, event, names, SEALED_LABELS, _HIDDEN)
        was_linked = model is Member and before is not None and event.same_as_id != before.same_as_id
        if event.pgh_id > after and (found or before is None or was_linked):
            yield Entry(event.pgh_created_at, _what(model, event, before), actors.name(event.pgh_actor), found)


def _what(model: type, event: Any, before: Any) -> str:
    if model is Member and before is not None and event.same_as_id != before.same_as_id:
        return _("Linked with the other side's file") if event.same_as_id else _("Link taken back")
    if model is Member:
        return _("File created") if before is None else _("File changed")
    if before is None:
        return _("Movement entered")
    return _("Movement ended") if event.ended_on and not before.ended_on else _("Movement changed")
