"""Whose masks these are: what a masked export would show of the stored values, beside what a row shows.

A mask is weaker than a number. It names a person only together with the name, when everything of the row that tells
people apart agrees, and when of all files that the importer manages exactly one fits. Everything else waits.
"""

import uuid
from collections.abc import Iterable, Iterator

from django.utils import timezone

from members.importing.drafts import Draft, MovementDraft
from members.importing.masked_cells import accept_mask
from members.importing.problems import MatchProblem
from members.importing.values import MEMBER_FIELDS, MOVEMENT_FIELDS, HeaderKeys, RowValues
from members.ledger.cell import ASK, Cell, Context
from members.ledger.checks import cross_check
from members.ledger.folding import compact
from members.ledger.identity import birth_of
from members.ledger.results import LedgerRow
from members.masks import mask_in_export
from members.models import Movement

_SHOWN = 7  # signs of a number that its mask leaves: three in front and four at the end
_WHOLE = 18
_LINKED = {"home": Movement.home_organization, "host": Movement.host_organization}


class MaskedPeople:
    """Compares masks with stored numbers; each number is opened once, and only of namesakes of a masked row."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[uuid.UUID, str], str] = {}

    def of_number(self, namesakes: Iterable[Draft], values: RowValues, born: str) -> Draft | None:
        """The one file that a row with a masked ID number means, None when nobody or more than one fits."""
        return _only(draft for draft in namesakes if self._has_number(draft, values, born))

    def of_mobile(self, namesakes: Iterable[Draft], values: RowValues, born: str) -> Draft | None:
        """The one file that a row with a masked mobile and without a masked ID number means, else None."""
        assert values.masks is not None
        mask = values.masks.cells.get("mobile")
        fits = [draft for draft in namesakes if mask and self._fits(draft, "mobile", mask)]
        fits = [draft for draft in fits if _agree(str(draft.text("birth_date")), born)]
        found = _only(fits)
        says_none = values.masks.has_number_column and not values.fields.get("id_number")
        # the cell of a person with an ID number would not be empty
        return None if found is None or (says_none and found.has("id_number")) else found

    def contradicts(self, draft: Draft, values: RowValues) -> bool:
        """Whether a mask of a row shows another number than the one of this person, stored or in an earlier row."""
        if values.masks is None:
            return False
        return any(
            draft.has(name) and not self._fits(draft, name, mask) and not _is_shown(name, draft.fields.get(name), mask)
            for name, mask in values.masks.cells.items()
            if name in ("id_number", "mobile")
        )

    def _has_number(self, draft: Draft, values: RowValues, born: str) -> bool:
        assert values.masks is not None
        mobile = values.masks.cells.get("mobile")
        if not self._fits(draft, "id_number", values.masks.cells["id_number"]):
            return False
        number = self._number(draft, "id_number")
        known = birth_of(number) if len(number) == _WHOLE else draft.text("birth_date")
        return _agree(known, born) and (not mobile or self._fits(draft, "mobile", mobile))

    def _fits(self, draft: Draft, name: str, mask: str) -> bool:
        shown = compact(mask)
        return len(shown.replace("*", "")) >= _SHOWN and _is_shown(name, self._number(draft, name), mask)

    def _number(self, draft: Draft, name: str) -> str:
        if draft.stored is None:
            return ""
        key = (draft.stored.pk, name)
        if key not in self._numbers:
            self._numbers[key] = getattr(draft.stored, name)
        return self._numbers[key]


def known_masks(draft: Draft, row: LedgerRow, values: RowValues, keys: HeaderKeys) -> set[str]:
    """Fields and headers of a row whose mask is the one of what is stored of this person."""
    if values.masks is None or draft.stored is None:
        return set()
    found = {key for key, mask in values.masks.extra.items() if _is_shown("", draft.extra_text(key), mask, key)}
    for name, mask in values.masks.cells.items():
        texts = [text for text in _stored_texts(draft, name, row, values) if text]
        if not texts:  # an export fills an empty field with what was kept of its column
            texts = [draft.extra_text(keys.key_of(name, row.cells[name]))]
        if any(_is_shown(name, text, mask) for text in texts):
            found.add(name)
    return found


def settle_masks(draft: Draft, row: LedgerRow, values: RowValues, keys: HeaderKeys) -> None:
    """Let the masks of what is stored count as unchanged; the other ones stay asked."""
    for name in known_masks(draft, row, values, keys):
        accept_mask(row, name)
    if values.masks is not None and "id_number" in values.masks.cells and draft.stored is not None:
        _check_by_number(draft, row, values, draft.stored.id_number, keys)


def _check_by_number(draft: Draft, row: LedgerRow, values: RowValues, number: str, keys: HeaderKeys) -> None:
    """What the cells contradict in the ID number is asked about, as in a row that shows the whole of it."""
    if len(number) != _WHOLE:
        return
    cells = row.cells | {"id_number": Cell("", None, number)}
    for name, code, severity in cross_check(cells, Context(timezone.localdate())):
        text = values.fields.get(name)
        is_told = any(problem.field == name and problem.code == code for problem in row.problems)
        if text is None or is_told or draft.holds(name, text):
            continue
        row.problems.append(MatchProblem(name, code, severity))
        if severity == ASK:
            row.cells[name] = cell = cells[name]
            values.extra[keys.by_field.get(name, cell.column)] = cell.raw or text
            del values.fields[name]


def _stored_texts(draft: Draft, name: str, row: LedgerRow, values: RowValues) -> Iterator[str]:
    if name in MEMBER_FIELDS:
        yield str(getattr(draft.stored, name) or "")
    elif name in MOVEMENT_FIELDS:
        for movement in _episodes(draft, row, values):
            linked = _LINKED.get(MOVEMENT_FIELDS[name])
            # an organization out of reach was not read, and its name is not asked for here
            if linked is None or (movement.stored is not None and linked.is_cached(movement.stored)):
                yield movement.text(MOVEMENT_FIELDS[name])


def _episodes(draft: Draft, row: LedgerRow, values: RowValues) -> list[MovementDraft]:
    if row.direction is None:
        return [movement for movement in draft.movements if movement.stored is not None]
    movement = draft.movement_for(row.direction, values.movement.get("started_on", ""))
    if movement is None and not values.movement.get("started_on"):
        # a line of somebody who is back again
        movement = next((one for one in draft.movements if one.direction == row.direction), None)
    return [movement] if movement is not None and movement.stored is not None else []


def _is_shown(name: str, text: str | None, mask: str, header: str = "") -> bool:
    """Whether an export shows a text like this (or the text itself has the asterisks)."""
    return bool(text) and compact(mask) in (compact(mask_in_export(name, text or "", header)), compact(text or ""))


def _agree(known: str, born: str) -> bool:
    return not known or not born or known.startswith(born) or born.startswith(known)


def _only(found: Iterable[Draft]) -> Draft | None:
    people = list(found)
    return people[0] if len(people) == 1 else None
