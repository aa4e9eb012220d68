"""What the audit log shows: words for actions, objects and actors. Apps add their own words when they start.

Nothing here opens a value: of an entry's detail only counts and yes/no are shown, and reasons with long numbers hidden.
"""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.models import AuditEntry, User
from portal.roles import Purpose, Role

# Every action that code or SQL writes, in the words of an office (a test compares).
ACTIONS: dict[str, str | Promise] = {
    "give_role": gettext_lazy("gave a role"),
    "renew_role": gettext_lazy("gave a role for longer or shorter"),
    "request_grant": gettext_lazy("asked for a role that two persons give"),
    "approve_grant": gettext_lazy("approved a role"),
    "refuse_grant": gettext_lazy("refused a role"),
    "end_grant": gettext_lazy("ended a role"),
    "reset_password": gettext_lazy("reset a password"),
    "activate_account": gettext_lazy("switched an account on"),
    "deactivate_account": gettext_lazy("switched an account off"),
    "person_left": gettext_lazy("somebody left: roles ended"),
    "move_organization": gettext_lazy("moved an organization"),
    "merge_organizations": gettext_lazy("merged organizations"),
    "work_link_issued": gettext_lazy("issued a personal link"),
    "work_link_closed": gettext_lazy("closed a personal link"),
}
# What an entry's object is called, and the model whose screen shows it ("" = none of its own).
OBJECTS: dict[str, tuple[str | Promise, str]] = {
    "portal.user": (gettext_lazy("staff account"), "portal.User"),
    "portal.organization": (gettext_lazy("organization"), "portal.Organization"),
    "portal.worklink": (gettext_lazy("personal link"), ""),
}
# Codes in a detail, by (key, code), in words.
WORDS: dict[tuple[str, str], str | Promise] = {("role", role.value): role.label for role in Role}
# Of a detail nothing but these is shown.
_SHOWN = {
    "field": gettext_lazy("what"),
    "count": gettext_lazy("number"),
    "assignments": gettext_lazy("members without a liaison now"),
    "unmasked": gettext_lazy("with full numbers"),
    "closed": gettext_lazy("account closed"),
    "role": gettext_lazy("role"),
    "reason": gettext_lazy("reason"),
    "text": gettext_lazy("reason in words"),
    "format": gettext_lazy("file format"),
    "fields": gettext_lazy("columns"),
}
_LONG_NUMBER = re.compile(r"[0-9０-９][0-9０-９Xx \-]{4,}")


def action_label(action: str) -> str:
    """An action in words; one that no app of this release writes is called neutrally."""
    return str(ACTIONS.get(action) or _("another action"))


def object_label(object_type: str) -> str:
    known = OBJECTS.get(object_type)
    return str(known[0]) if known else ""


def actor_labels(actors: Iterable[str]) -> dict[str, str]:
    """Each actor (kind.id) in words: a staff member's name, a personal link, a named purpose. One query."""
    wanted = set(actors)
    ids = {actor: _uuid(actor.removeprefix("user.")) for actor in wanted if actor.startswith("user.")}
    people = User.objects.in_bulk([pk for pk in ids.values() if pk])
    return {actor: _actor_label(actor, people.get(ids.get(actor))) for actor in wanted}


def _actor_label(actor: str, person: User | None) -> str:
    kind, _dot, rest = actor.partition(".")
    if kind == "user":
        return f"{person} ({person.username})" if person and person.name else str(person or _("former account"))
    if kind == "link":
        return _("somebody with a personal link")
    if kind == "device":
        return _("a member on the own phone")
    purpose = rest.partition("@")[0]
    return str(Purpose(purpose).label) if purpose in Purpose.values else _("the system")


def detail_text(entry: AuditEntry) -> str:
    """The part of an entry's detail that is no personal value, in words."""
    parts = []
    for key, label in _SHOWN.items():
        value = entry.detail.get(key)
        if value in (None, "", False, []):
            continue
        parts.append(str(label) if value is True else f"{label}：{_value(key, value)}")
    return "；".join(parts)


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_value(key, item) for item in value)
    known = WORDS.get((key, value)) if isinstance(value, str) else None
    return str(known) if known else _LONG_NUMBER.sub("***", str(value))[:100]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
