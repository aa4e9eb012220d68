"""Who a row is: ID number, then name with mobile, then name with birth date. A name alone never decides.

Only files that the importer manages are candidates; any other file does not exist here. Constant number of queries.
A file that was linked to the other side's is found, so that no third one is made, and left alone.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(slots=True)
class Match:
    """The person found, or None for a new one; `code` is a problem that makes the row wait."""

    draft: Draft | None = None
    code: str | None = None
    namesakes: list[Draft] = field(default_factory=list)


class Registry:
    """Everybody that a row can mean: the files in reach that resemble any row, and the people of earlier rows."""

    def __init__(self, places: Places, rows: Iterable[RowValues], *, lock: bool) -> None:
        self.places = places
        self._folded: dict[str, str] = {}
        self.by_id: dict[bytes, list[Draft]] = {}
        self.by_name: dict[str, list[Draft]] = {}  # stored files only
        # where to look, not yet a match: a number may have changed since
        self.by_mobile: dict[tuple[str, bytes], list[Draft]] = {}
        self.by_birth: dict[tuple[str, str], list[Draft]] = {}
        self.digests: dict[tuple[str, str], bytes] = {}
        self.masked = MaskedPeople()
        self.sides: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        rows = list(rows)
        self.basis = Basis(
            [self.digest("id_number", row.fields["id_number"]) for row in rows if row.fields.get("id_number")],
            sorted({form for row in rows for form in (row.fields["name"], self.folded(row.fields["name"]))}),
        )
        # before the files are read, so that a change in between is noticed
        self.state = self.basis.state(places)
        for member in _candidates(places, rows, self, lock=lock).values():
            self.add(member)

    def digest(self, name: str, text: str) -> bytes:
        known = self.digests.get((name, text))
        if known is None:
            known = self.digests[name, text] = getattr(Member, name).digest(text)
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
            _note(self.by_id, number, draft)
        if (mobile := _digest_of(draft, "mobile", self)) is not None:
            _note(self.by_mobile, (name, mobile), draft)
        for further in draft.known_phones:
            _note(self.by_mobile, (name, further), draft)
        if len(born := draft.text("birth_date")) == 10:
            _note(self.by_birth, (name, born), draft)
        if draft.stored is not None:
            _note(self.by_name, name, draft)

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
        if number is not None and (same := self.by_id.get(number)):
            if len(same) > 1:
                return Match(code="several_files")
            if self.folded(same[0].text("name")) != self.folded(fields["name"]):
                return Match(code="name_differs")
            return Match(same[0])
        name, mobile = self.folded(fields["name"]), fields.get("mobile", "")
        born = fields.get("birth_date") or values.derived.get("birth_date", "")
        with_mobile = self.by_mobile.get((name, self.digest("mobile", mobile)), ()) if mobile else ()
        for found in (
            [draft for draft in with_mobile if self._may_be(draft, number) and self._same_mobile(draft, mobile)],
            [
                draft
                for draft in self.by_birth.get((name, born), ())
                if self._may_be(draft, number) and self._same_birth(draft, born) and self._same_row(draft, values)
            ],
        ):
            if found:
                return Match(found[0]) if len(found) == 1 else Match(code="several_files")
        namesakes = [
            draft
            for draft in self.by_name.get(name, ())
            if self._may_be(draft, number) and not _other_birth(draft, born)
        ]
        return Match(code="same_name" if namesakes else None, namesakes=namesakes)

    def _find_masked(self, values: RowValues) -> Match | None:
        """Who a row with masks means; None when it is to be found like any other row."""
        assert values.masks is not None
        namesakes = self.by_name.get(self.folded(values.fields["name"]), ())
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


def _note(index: dict[Any, list[Draft]], key: Any, draft: Draft) -> None:
    people = index.get(key)
    if people is None:
        index[key] = [draft]
    elif draft not in people:  # a draft equals itself only
        people.append(draft)


def _digest_of(draft: Draft, name: str, registry: Registry) -> bytes | None:
    if name in draft.fields:
        return registry.digest(name, draft.fields[name])
    stored = getattr(draft.stored, f"{name}_digest") if draft.stored is not None else None
    return None if stored is None else bytes(stored)


def _candidates(places: Places, rows: list[RowValues], registry: Registry, *, lock: bool) -> dict[uuid.UUID, Draft]:
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
        name
        for row in rows
        if not row.fields.get("id_number") or registry.digest("id_number", row.fields["id_number"]) not in known
        for name in {row.fields["name"], registry.folded(row.fields["name"])}
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
        drafts[pk].known_phones.add(bytes(digest or b""))
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
