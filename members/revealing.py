"""查看完整号码: one sealed value of one person, shown once to somebody who may see it, and written down first.

The audit row holds the field and the reason, never the value. When it cannot be written nothing is shown. Who may see
what: a clerk of the managing organization every field; whoever holds `reveal_mobile` where the member is placed, and
the member's liaison, the number to call.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import file_fields
from members.enums import RevealReason
from members.file_fields import Kind
from members.masks import mask_mobile, mask_of
from members.models import Member, Movement, Phone
from portal import access, crypto, limits
from portal.models import AuditEntry
from portal.roles import Right

CALL = "call"  # the reason of a liaison who calls the own member: nothing is asked
MOST_TEXT = 100
LONG_NUMBER = re.compile(r"\d{6}")

callers: list[Callable[[access.Actor], Any]] = []
"""Hooks: a queryset of the ids of members whom the actor calls without a right on a node (contacts: its liaisons)."""


class NotRecorded(Exception):
    """The audit row could not be written, so nothing may be shown."""


class AlreadyShown(Exception):
    """The same form was sent before: what it asked for was shown then."""


class TooMany(Exception):
    """This person has seen as many full numbers in this hour as the office allows."""


@dataclass(frozen=True)
class Field:
    """A value that pages mask: label, mask, whether it stands in a movement, whether it is a number."""

    label: str | Promise
    mask: Callable[[str], str]
    of_movement: bool = False
    is_number: bool = True


FIELDS = {
    field.key: Field(field.label, mask_of(field), field.of_movement, field.kind in (Kind.ID, Kind.PHONE))
    for field in file_fields.FIELDS
    if field.is_masked
} | {"number": Field(gettext_lazy("phone"), mask_mobile)}
"""Every masked field of the file, and the number of a further phone."""

THOUGHTS = "thought_note"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: the field, why (RevealReason or CALL), and in which form.

    `row`: the movement that holds the field; `text`: the reason in words, for RevealReason.OTHER; `key`: of the form.
    """

    name: str
    reason: str
    text: str = ""
    row: uuid.UUID | None = None
    key: uuid.UUID | None = None


def is_caller(member: Member, by: access.Actor) -> bool:
    """Does the actor look after the member, and so call without being asked why?"""
    return any(hook(by).filter(member_id=member.pk).exists() for hook in callers)


def may_reveal(member: Member, name: str, by: access.Actor) -> bool:
    """May the actor see this field of the (visible) member in full? See the module for the rule; a ledger's note on
    thoughts takes the right to read such notes besides."""
    if name == THOUGHTS and not access.may(Right.VIEW_THOUGHTS, member.organization):
        return False
    if access.may(Right.REVEAL_IDENTITY, member.organization):
        return True
    if name != "mobile":
        return False
    if access.may(Right.REVEAL_MOBILE, member.organization):
        return True
    placed = access.granted_nodes(Right.REVEAL_MOBILE) and (
        Member.objects.visible_to(by, Right.REVEAL_MOBILE).filter(pk=member.pk).exists()
    )
    return bool(placed) or is_caller(member, by)


def reveal_field(*, member: Member, wish: Wish, by: access.Actor) -> str:
    """The value in full, "" where none is stored; recorded before it is returned.

    Raises PermissionDenied without the right to it, ValidationError without a reason, TooMany beyond the hour's number,
    AlreadyShown for a form that was sent before, NotRecorded when the audit row cannot be written.
    """
    access.must_act(by)
    if wish.name not in FIELDS or not may_reveal(member, wish.name, by):
        raise PermissionDenied(Right.REVEAL_IDENTITY)
    holder = _holder(member, wish)
    value = "" if holder is None else getattr(holder, wish.name)
    if not value:
        return ""
    detail = _reason(member, wish, by)
    if not limits.may_reveal_more(str(by)):
        raise TooMany
    _record(member, wish, by, detail)
    return value


def _holder(member: Member, wish: Wish) -> Any:
    rows = Phone.objects if wish.name == "number" else Movement.objects if FIELDS[wish.name].of_movement else None
    if rows is None:
        return member
    row: Any = rows.filter(member=member, pk=wish.row).first() if wish.row else None
    if row is not None:
        row.member = member  # its key opens the row's sealed texts
    return row


def _reason(member: Member, wish: Wish, by: access.Actor) -> dict[str, str]:
    if wish.reason == CALL and wish.name == "mobile" and is_caller(member, by):
        return {"reason": CALL}
    return reason_detail(wish.reason, wish.text)


def reason_detail(reason: str, text: str) -> dict[str, str]:
    """What is recorded of a reason from the short list, with its words where none of the list fits.

    Raises ValidationError with a sentence for the person where there is none, or where it holds a long number.
    """
    if reason not in RevealReason.values:
        raise ValidationError(_("Please choose why the full number is needed."))
    text = " ".join(text.split())[:MOST_TEXT] if reason == RevealReason.OTHER else ""
    if reason == RevealReason.OTHER and not text:
        raise ValidationError(_("Please write the reason in a few words."))
    if LONG_NUMBER.search(text):
        raise ValidationError(_("Please write the reason in words, without numbers of people."))
    return {"reason": str(reason)} | ({"text": text} if text else {})


def _record(member: Member, wish: Wish, by: access.Actor, detail: dict[str, str]) -> None:
    entry = AuditEntry(
        actor=str(by), action="reveal", organization=member.organization, object_type="members.member",
        object_id=member.pk, detail={"field": wish.name} | detail,
    )  # fmt: skip
    if wish.key is not None:  # the row's own key tells a form that is sent twice, by whom and for whatever field
        named = "\0".join([str(by), str(member.pk), wish.name, str(wish.row), str(wish.key)])
        entry.pk = uuid.UUID(bytes=crypto.digest("reveal", named)[:16])
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        raise AlreadyShown from None
    except DatabaseError as problem:
        raise NotRecorded from problem


class Masked(str):
    """A mask that may be lifted: what the template needs for its small form."""

    name: str
    row: uuid.UUID | None
    key: uuid.UUID
    is_number: bool
    reasons = RevealReason.choices


class Shown(str):
    """A value that was lifted just now."""

    is_shown = True


class Facts:
    """What a page shows of one person's sealed values: a mask, with the form where the reader may lift it.

    `shown` is (name, row, value) of the one value that was asked for.
    """

    def __init__(
        self, member: Member, by: access.Actor, shown: tuple[str, uuid.UUID | None, str] | None = None
    ) -> None:
        self.member, self.by, self.shown = member, by, shown
        self._may: dict[str, bool] = {}

    def show(self, name: str, holder: Movement | Phone | None = None) -> tuple[str, str]:
        """(label, text) of one field; `holder` is the movement or the further phone that has it."""
        field, row = FIELDS[name], holder.pk if holder is not None else None
        label = capfirst(str(field.label))
        if self.shown is not None and self.shown[:2] == (name, row):
            return label, Shown(self.shown[2])
        stored = getattr(holder or self.member, name)
        text = field.mask(stored)
        if text == stored or not self._allowed(name):  # nothing is hidden, or not for this reader
            return label, text
        masked = Masked(text)
        masked.name, masked.row, masked.key, masked.is_number = name, row, uuid.uuid4(), field.is_number
        return label, masked

    def _allowed(self, name: str) -> bool:
        rule = name if name in ("mobile", THOUGHTS) else ""  # every other field follows one rule
        if rule not in self._may:
            self._may[rule] = may_reveal(self.member, name, self.by)
        return self._may[rule]
