"""Who a row is: ID number, then name with mobile, then name with birth date. A name alone never decides.

Only files that the importer manages are candidates; any other file does not exist here. Constant number of queries.
A file that was linked to the other side's is found, so that no third one is made, and left alone.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models.expressions import RawSQL

from members.enums import PhoneUse
from members.importing.basis import Basis
from members.importing.drafts import Draft, MovementDraft
from members.importing.masked_people import MaskedPeople
from members.importing.places import Places
from members.importing.values import RowValues
from members.models import Member, Movement, Phone
from members.names import simplified
from portal import access
from portal.new_rows import array_text, bytea_text

Key = TypeVar("Key")
Identity = tuple[str | None, str | None]
"""(name, ID number) of a row, as its cells say."""


@dataclass(slots=True)
class Match:
    """The person found, or None for a new one; `code` is a problem that makes the row wait."""

    draft: Draft | None = None
    code: str | None = None
    namesakes: list[Draft] = field(default_factory=list)


class _People(Generic[Key]):
    """People by what they are looked for; mostly there is one, and a list for each would take as much as the person."""

    def __init__(self) -> None:
        self._found: dict[Key, Draft | list[Draft]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def of(self, key: Key) -> Sequence[Draft]:
        """Everybody under a key, in the order of noting."""
        found = self._found.get(key)
        return found if isinstance(found, list) else () if found is None else (found,)

    def note(self, key: Key, draft: Draft) -> None:
        """Put somebody under a key, once."""
        found = self._found.setdefault(key, draft)
        if isinstance(found, list):
            if draft not in found:  # a draft equals itself only
                found.append(draft)
        elif found is not draft:
            self._found[key] = [found, draft]


class Registry:
    """Everybody that a row can mean: the files in reach that resemble any row, and the people of earlier rows."""

    def __init__(self, places: Places, rows: list[Identity], *, lock: bool) -> None:
        self.places = places
        self._folded: dict[str, str] = {}
        self.by_id: _People[bytes] = _People()
        self.by_name: _People[str] = _People()  # stored files only
        # where to look, not yet a match: a number may have changed since
        self.by_mobile: _People[tuple[str, bytes]] = _People()
        self.by_birth: _People[tuple[str, str]] = _People()
        self.digests: dict[str, dict[str, bytes]] = {"id_number": {}, "mobile": {}}
        self.masked = MaskedPeople()
        self.sides: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        self.basis = Basis(
            [self.digest("id_number", number) for _name, number in rows if number],
            sorted({form for name, _number in rows if name for form in (name, self.folded(name))}),
        )
        # before the files are read, so that a change in between is noticed
        self.state = self.basis.state(places)
        for member in _candidates(places, rows, self, lock=lock).values():
            self.add(member)

    def digest(self, name: str, text: str) -> bytes:
        digests = self.digests[name]
        known = digests.get(text)
        if known is None:
            known = digests[text] = getattr(Member, name).digest(text)
        return known

    def folded(self, name: str) -> str:
        known = self._folded.get(name)
        if known is None:
            known = self._folded[name] = simplified(name)
        return known

    def add(self, draft: Draft) -> None:
        """Make a person known to the rows that follow."""
        name = self.folded(draft.text("name"))
        if (number := _digest_of(draft, "id_number", self)) is not None:
            self.by_id.note(number, draft)
        if (mobile := _digest_of(draft, "mobile", self)) is not None:
            self.by_mobile.note((name, mobile), draft)
        for further in draft.known_phones:
            self.by_mobile.note((name, further), draft)
        if len(born := draft.text("birth_date")) == 10:
            self.by_birth.note((name, born), draft)
        if draft.stored is not None:
            self.by_name.note(name, draft)

    def is_other_side(self, draft: Draft, organization: uuid.UUID) -> bool:
        """Whether a row of this organization means a person whose one file the other side manages."""
        stored = draft.stored
        return stored is not None and (stored.same_as_id is not None or organization in self.sides.get(stored.pk, ()))

    def find(self, values: RowValues) -> Match:
        """Who these values mean."""
        fields = values.fields
        if values.masks is not None and (masked := self._find_masked(values)) is not None:
            return masked
        number = self.digest("id_number", fields["id_number"]) if fields.get("id_number") else None
        if number is not None and (same := self.by_id.of(number)):
            if len(same) > 1:
                return Match(code="several_files")
            if self.folded(same[0].text("name")) != self.folded(fields["name"]):
                return Match(code="name_differs")
            return Match(same[0])
        name, mobile = self.folded(fields["name"]), fields.get("mobile", "")
        born = fields.get("birth_date") or values.derived.get("birth_date", "")
        with_mobile = self.by_mobile.of((name, self.digest("mobile", mobile))) if mobile else ()
        for found in (
            [draft for draft in with_mobile if self._may_be(draft, number) and self._same_mobile(draft, mobile)],
            [
                draft
                for draft in self.by_birth.of((name, born))
                if self._may_be(draft, number) and self._same_birth(draft, born) and self._same_row(draft, values)
            ],
        ):
            if found:
                return Match(found[0]) if len(found) == 1 else Match(code="several_files")
        namesakes = [
            draft for draft in self.by_name.of(name) if self._may_be(draft, number) and not _other_birth(draft, born)
        ]
        return Match(code="same_name" if namesakes else None, namesakes=namesakes)

    def _find_masked(self, values: RowValues) -> Match | None:
        """Who a row with masks means; None when it is to be found like any other row."""
        assert values.masks is not None
        namesakes = self.by_name.of(self.folded(values.fields["name"]))
        born = values.fields.get("birth_date") or values.derived.get("birth_date", "")
        if "id_number" in values.masks.cells:
            return Match(self.masked.of_number(namesakes, values, born))
        number = self.digest("id_number", values.fields["id_number"]) if values.fields.get("id_number") else None
        if "mobile" not in values.masks.cells or (number is not None and number in self.by_id):
            return None
        found = self.masked.of_mobile([one for one in namesakes if self._may_be(one, number)], values, born)
        return Match(found) if found is not None else None

    def is_another(self, draft: Draft, values: RowValues) -> bool:
        """Whether the numbers of a row, masked or whole, are those of somebody else."""
        number = self.digest("id_number", values.fields["id_number"]) if values.fields.get("id_number") else None
        return not self._may_be(draft, number) or self.masked.contradicts(draft, values)

    def _may_be(self, draft: Draft, number: bytes | None) -> bool:
        """Two ID numbers are two people, whatever else they share."""
        known = _digest_of(draft, "id_number", self)
        return number is None or known is None or known == number

    def _same_mobile(self, draft: Draft, text: str) -> bool:
        digest = self.digest("mobile", text)
        return _digest_of(draft, "mobile", self) == digest or digest in draft.known_phones

    def knows_phone(self, draft: Draft, text: str) -> bool:
        """Whether a number is noted for this person, as the one in use or as a further one."""
        return text in draft.phones or self._same_mobile(draft, text)

    def _same_row(self, draft: Draft, values: RowValues) -> bool:
        """A phone may change between two ledgers, not between two rows of one."""
        mobile = values.fields.get("mobile", "")
        if draft.rows and self.masked.contradicts(draft, values):
            return False
        return not (draft.rows and mobile and draft.has("mobile") and not self._same_mobile(draft, mobile))

    def _same_birth(self, draft: Draft, text: str) -> bool:
        return len(text) == 10 and draft.text("birth_date") == text


def _other_birth(draft: Draft, born: str) -> bool:
    known = draft.text("birth_date")
    return bool(known and born) and not known.startswith(born) and not born.startswith(known)


def _digest_of(draft: Draft, name: str, registry: Registry) -> bytes | None:
    if name in draft.fields:
        return registry.digest(name, draft.fields[name])
    stored = getattr(draft.stored, f"{name}_digest") if draft.stored is not None else None
    return None if stored is None else bytes(stored)


def _candidates(places: Places, rows: list[Identity], registry: Registry, *, lock: bool) -> dict[uuid.UUID, Draft]:
    """Two queries for the files, one each for those that were linked, the phones and the movements, whatever the number
    of rows."""
    actor = access.current()
    assert actor is not None
    files = Member.objects.managed_by(actor, "import_ledger")
    if lock:
        files = files.select_for_update(of=("self",))
    numbers = registry.basis.numbers
    found = {member.pk: member for member in files.filter(one_of("members_member.id_number_digest", numbers, "bytea"))}
    known = {bytes(member.id_number_digest) for member in found.values()}
    names = {
        form
        for name, number in rows
        if name and (not number or registry.digest("id_number", number) not in known)
        for form in (name, registry.folded(name))
    }
    found |= {member.pk: member for member in files.filter(one_of("members_member.name", names, "text"))}
    for member in _linked_files(places, numbers, names):
        if member.same_as_id in found:
            registry.sides[member.same_as_id].add(member.organization_id)
        else:
            found[member.pk] = member
    drafts = {pk: Draft(member, places.reach[member.organization_id]) for pk, member in found.items()}
    own = Phone.objects.filter(one_of("members_phone.member_id", found, "uuid"), use=PhoneUse.OWN).values_list(
        "member_id", "number_digest"
    )
    for pk, digest in own:
        drafts[pk].known_phones |= {bytes(digest or b"")}
    for movement in Movement.objects.filter(one_of("members_movement.member_id", found, "uuid")).order_by(
        "-created_at"
    ):
        movement.member = found[movement.member_id]
        for side in ("home_organization", "host_organization"):
            pk = getattr(movement, f"{side}_id")
            if pk in places.reach:
                setattr(movement, side, places.reach[pk])
        drafts[movement.member_id].movements.append(MovementDraft(movement.direction, movement))
    return drafts


def one_of(column: str, values: Iterable[Any], kind: str) -> RawSQL:
    """A filter: the table's column is one of these. One parameter, where `__in` would make thousands.

    `kind`: bytea, uuid or text.
    """
    given = array_text([bytea_text(value) if isinstance(value, bytes) else str(value) for value in values])
    return RawSQL(f"{column} = any (%s::{kind}[])", [given], models.BooleanField())  # noqa: S611  (no input)


def _linked_files(places: Places, numbers: list[bytes], names: set[str]) -> list[Member]:
    """Own files that were folded into another one. Not locked: nobody changes them."""
    own = Member.objects.filter(organization__in=list(places.reach), same_as__isnull=False)
    with_number = one_of("members_member.id_number_digest", numbers, "bytea")
    return list(own.filter(with_number | one_of("members_member.name", names, "text")))
