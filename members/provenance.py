"""Where each value of a file came from: read from the history, which names the source of every change.

Only the side that manages the file reads its history, so only there is anything to tell.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from members import card
from members.file_fields import FIELDS, FileField
from members.layout_columns import layout_in
from members.models import ImportedRow, Member, MemberEvent, Movement, MovementEvent
from portal import access, changes
from portal.roles import Right

LEDGER, REPORT_IN, OWN_PAGE = "ledger", "report_in", "own_page"
_Event = Any


@dataclass(frozen=True)
class Source:
    """The origin of one value: in words (which cell of which ledger, a report-in, somebody's typing), when, by whom."""

    key: str
    label: str
    text: str
    at: dt.datetime
    who: str


def sources(member: Member) -> list[Source]:
    """A source for every value that the file holds, in the order of its fields. Six queries at most."""
    found = _latest(_states(member)) | _latest(_away_states(member))
    ledgers = _ledgers(member, found.values())
    actors = changes.Authors(member.organization, Right.VIEW_MEMBERS, {event.pgh_actor for event in found.values()})
    return [
        Source(
            field.key,
            str(field.label),
            _text(field, event, ledgers),
            event.pgh_created_at,
            actors.name(event.pgh_actor),
        )
        for field in FIELDS
        if (event := found.get(field.key)) is not None
    ]


def section(member: Member) -> card.Section | None:
    """The part of the card that tells it; None for whoever may not read the file's history."""
    if not access.may(Right.VIEW_MEMBERS, member.organization):
        return None
    told = {"sources": sources(member)}
    return card.Section(_("Where it comes from"), "admin/members/member/card_sources.html", told, 85)


def _states(member: Member) -> Iterable[tuple[_Event, dict[str, Any]]]:
    """Each saved state of the file with its values as they can be compared: plain, sealed, or of the document."""
    own = [field for field in FIELDS if not field.of_movement]
    for event in MemberEvent.objects.filter(pgh_obj_id=member.pk).order_by("pgh_id"):
        details = Member(pk=member.pk, data_key=member.data_key, details_sealed=event.details_sealed).details
        yield event, {field.key: details.get(field.key) or _column(event, field) for field in own}


def _away_states(member: Member) -> Iterable[tuple[_Event, dict[str, Any]]]:
    away = [field for field in FIELDS if field.of_movement]
    latest = Movement.objects.filter(member=member, ended_on="").first()
    if latest is None:
        return
    for event in MovementEvent.objects.filter(pgh_obj_id=latest.pk).order_by("pgh_id"):
        yield event, {field.key: _column(event, field) for field in away}


def _column(event: _Event, field: FileField) -> Any:
    key = field.key
    for name in (f"{key}_sealed", f"{key}_organization_id", f"{key}_text", key):
        value = getattr(event, name, None)
        if value:
            return bytes(value) if isinstance(value, memoryview) else value
    return None


def _latest(states: Iterable[tuple[_Event, dict[str, Any]]]) -> dict[str, _Event]:
    """Field → the event that gave it the value it has now."""
    found: dict[str, _Event] = {}
    before: dict[str, Any] = {}
    for event, values in states:
        for key, value in values.items():
            if not value:
                found.pop(key, None)
            elif value != before.get(key):
                found[key] = event
        before = values
    return found


def _ledgers(member: Member, events: Iterable[_Event]) -> dict[uuid.UUID, ImportedRow]:
    """The rows that named the member, by import; the import is there for whoever may read it."""
    wanted = {pk for kind, pk in map(_kind, events) if kind == LEDGER}
    if not wanted:
        return {}
    rows = ImportedRow.objects.filter(member=member, batch__in=wanted).select_related("batch")
    return {row.batch_id: row for row in rows.defer("batch__report_sealed").order_by("-sheet", "-row")}


def _kind(event: _Event) -> tuple[str, uuid.UUID | None]:
    kind, _colon, pk = (event.pgh_source or "").partition(":")
    return kind, uuid.UUID(pk) if pk else None


def _text(field: FileField, event: _Event, ledgers: dict[uuid.UUID, ImportedRow]) -> str:
    kind, pk = _kind(event)
    if kind == REPORT_IN:
        return _("reported in by the member")
    if kind == OWN_PAGE:
        return _("sent in by the member")
    if kind != LEDGER:
        return _("typed by the office")
    row = ledgers.get(pk) if pk else None
    if row is None:
        return _("a ledger")
    columns = layout_in(row.batch.columns)
    header = next((column.header for column in columns if column.field == field.in_ledger), "")
    place = {"file": row.batch.file_name, "sheet": row.sheet, "row": row.row, "column": header}
    if not header:
        return _("%(file)s, sheet %(sheet)s, row %(row)s") % place
    return _("%(file)s, sheet %(sheet)s, row %(row)s, column %(column)s") % place
