"""One person as the import will leave them: the stored file, if there is one, and what the ledger changes in it."""

from dataclasses import dataclass, field
from typing import Any

from members.importing.places import names_of
from members.importing.values import (
    MEMBER_FIELDS,
    PARTIAL_DATES,
    SEALED_FIELDS,
    SEALED_MOVEMENT_FIELDS,
    load_extra,
)
from members.ledger.folding import compact
from members.models import Member, Movement
from portal.models import Organization
from portal.new_rows import new_id

Change = tuple[str, str, str]
"""(ledger field or header, former text, new text)."""


@dataclass(slots=True, eq=False)
class MovementDraft:
    """One episode: `stored` (None: a new one) and the attributes that the ledger sets."""

    direction: str
    stored: Movement | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What an attribute holds now, as text; an organization by its name."""
        if name in ("home", "host"):
            linked = self.linked(name)
            return linked.name if linked is not None else self._plain(f"{name}_text")
        return self._plain(name)

    def linked(self, side: str) -> Organization | None:
        """The organization of the portal on one side, None for a text."""
        attribute = f"{side}_organization"
        if attribute in self.values:
            return self.values[attribute]
        return getattr(self.stored, attribute) if self.stored is not None else None

    def _plain(self, name: str) -> str:
        if name in self.values:
            return self.values[name] or ""
        return getattr(self.stored, name) if self.stored is not None else ""

    def holds(self, name: str, text: str) -> bool:
        """Whether an attribute already says this, if in other words of the same meaning."""
        if name in ("home", "host"):
            linked = self.linked(name)
            return compact(text) in names_of(linked) if linked is not None else self._plain(f"{name}_text") == text
        if name in SEALED_MOVEMENT_FIELDS and name not in self.values and self.stored is not None:
            return _same_digest(self.stored, name, text)
        return _same(name, self._plain(name), text)

    def set(self, name: str, text: str, organization: Organization | None = None) -> None:
        """Set an attribute; `home` and `host` become a link where the text names an organization in reach."""
        if name in ("home", "host"):
            self.values[f"{name}_organization"] = organization
            self.values[f"{name}_text"] = "" if organization is not None else text
        else:
            self.values[name] = text

    @property
    def is_open(self) -> bool:
        return not self.text("ended_on")


@dataclass(slots=True, eq=False)
class Draft:
    """`stored` is None for a person without a file; `fields` will be set; `rows` counts the rows met so far.

    `known_phones`: digests of further and former own numbers; `phones`: numbers to note → until when they were in use.
    """

    stored: Member | None
    organization: Organization
    fields: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    stored_extra: dict[str, str] | None = None
    movements: list[MovementDraft] = field(default_factory=list)
    rows: int = 0
    moved: bool = False
    closed: bool = False
    made_as: str = field(default_factory=new_id)
    known_phones: set[bytes] | frozenset[bytes] = frozenset()
    phones: dict[str, str] = field(default_factory=dict)

    @property
    def pk(self) -> str:
        """The id of the file, known before it is made."""
        return str(self.stored.pk) if self.stored is not None else self.made_as

    @property
    def has_new_mobile(self) -> bool:
        """Whether another number takes the place of the stored one."""
        return "mobile" in self.fields and self.stored is not None and self.stored.mobile_digest is not None

    def text(self, name: str) -> str:
        if name in self.fields:
            return self.fields[name]
        value = getattr(self.stored, name) if self.stored is not None else ""
        return "" if value is None else str(value)

    def has(self, name: str) -> bool:
        """Whether a field is filled, without opening a sealed one."""
        if name in self.fields or self.stored is None:
            return bool(self.fields.get(name))
        if name in SEALED_FIELDS:
            return getattr(self.stored, f"{name}_digest") is not None
        return bool(getattr(self.stored, name))

    def holds(self, name: str, text: str) -> bool:
        if name in SEALED_FIELDS and name not in self.fields and self.stored is not None:
            return _same_digest(self.stored, name, text)
        return _same(name, self.text(name), text)

    def extra_text(self, key: str) -> str:
        if self.stored_extra is None:
            self.stored_extra = load_extra(self.stored.ledger_extra) if self.stored is not None else {}
        return self.extra.get(key, self.stored_extra.get(key, ""))

    @property
    def is_touched(self) -> bool:
        """Whether anything is to be written."""
        is_filled = self.fields or self.extra or self.moved or self.phones
        return bool(is_filled or any(m.values or not m.stored for m in self.movements))

    def movement_for(self, direction: str, started_on: str) -> MovementDraft | None:
        """The episode that a row speaks of: the one with this start, else the open one, else none."""
        same = [movement for movement in self.movements if movement.direction == direction]
        for movement in same:
            known = movement.text("started_on")
            if started_on and known and (known.startswith(started_on) or started_on.startswith(known)):
                return movement
        return next((movement for movement in same if movement.is_open), None)


def _same_digest(row: Any, name: str, text: str) -> bool:
    stored = getattr(row, f"{name}_digest")
    return stored is not None and bytes(stored) == getattr(type(row), name).digest(text)


def _same(name: str, known: str, text: str) -> bool:
    # a date that is known more exactly is not made less exact
    return known == text or (name in PARTIAL_DATES and bool(text) and known.startswith(f"{text}-"))


assert set(MEMBER_FIELDS) >= SEALED_FIELDS
