"""What a field is called on the screens where the ledger itself gives no header for it, and what they show of it."""

from typing import Any

from django.utils.translation import gettext

from members import file_fields
from members.enums import Direction, Gender, MemberType
from members.file_fields import Kind, Sensitivity
from members.ledger.report import mask_value
from members.masks import mask_of, mask_words

_WORDS: dict[str, Any] = {**dict(Gender.choices), **dict(MemberType.choices), **dict(Direction.choices)}


def stored_word(value: str | None) -> str:
    """What a stored value is called on screens: its word where it is a key, else itself."""
    return str(_WORDS.get(value or "", value or ""))


def field_label(field: str) -> str:
    """The word for a field key, or the key's own text (a header) where it is none of ours."""
    return gettext("community") if field == "community" else file_fields.field_label(field)


def shown_value(name: str, text: str | None) -> str:
    """What the preview shows of a value of a ledger field: enough to recognize it, not more. Dates are shown, since
    they are what is checked most."""
    masked = mask_value(name, text) or ""
    field = file_fields.BY_LEDGER_KEY.get(name)
    if not text or field is None or not field.is_masked or masked != text:
        return masked
    if field.kind in (Kind.DATE, Kind.ID, Kind.PHONE):
        return masked
    is_grave = field.sensitivity == Sensitivity.GRAVE
    return mask_words(text) if field.kind == Kind.LONG and not is_grave else mask_of(field)(text)
