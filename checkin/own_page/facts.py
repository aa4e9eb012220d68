"""What the own pages say about the file, in words: labels and masks are those of the office's card."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from checkin.own_page.services import Away, OwnNeed, View
from contacts.needs.enums import UNANSWERED, NeedCategory, NeedOutcome, NeedState
from members.enums import RevealReason
from members.file_fields import BY_KEY
from members.masks import mask_of
from members.models import Member
from members.revealing import CALL
from portal.audit import action_label

SHOWN = ("name", "gender", "ethnicity", "birth_date", "id_number", "mobile", "current_address", "education",
         "occupation", "employer", "member_type", "join_date", "full_member_date", "certificate_number")  # fmt: skip

Fact = tuple[str, str]


def of_file(own: Member) -> list[Fact]:
    """(label, value) of the agreed parts that hold something; masked: others may look over the shoulder."""
    found = []
    for name in SHOWN:
        field = BY_KEY[name]
        display = getattr(own, f"get_{name}_display", None)
        value = str((display() if display else getattr(own, name)) or "")
        if value:
            found.append((capfirst(str(field.label)), mask_of(field)(value) if field.is_masked else value))
    return found


def of_movements(rows: list[Away]) -> list[Fact]:
    found = []
    for row in rows:
        found += [("home", row.home), ("host", row.host), ("started_on", row.started_on)]
    return [(capfirst(str(BY_KEY[name].label)), value) for name, value in found if value]


def of_views(rows: list[View]) -> list[dict[str, Any]]:
    """When, which unit, what it did and what for."""
    return [{"on": row.seen_on, "unit": row.unit, "what": _what(row), "why": _why(row.reason)} for row in rows]


def _what(row: View) -> str:
    label = BY_KEY[row.field].label if row.field in BY_KEY else _("phone") if row.field else ""
    return f"{action_label(row.action)}（{capfirst(str(label))}）" if label else action_label(row.action)


def _why(reason: str) -> str:
    if reason == CALL:
        return _("to call you")
    return str(RevealReason(reason).label) if reason in RevealReason.values else ""


def of_needs(rows: list[OwnNeed]) -> list[dict[str, Any]]:
    return [
        {"id": row.id, "what": NeedCategory(row.category).label, "on": row.raised_on, "until": row.due_on,
         "state": NeedState(row.state).label, "is_open": row.state in UNANSWERED,
         "waits": row.state == NeedState.ANSWERED,
         "outcome": NeedOutcome(row.outcome).label if row.outcome else ""}
        for row in rows
    ]  # fmt: skip
