"""What people type at a desk."""

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext_lazy as _

from checkin.arrivals.models import TYPED_DIGITS
from checkin.forms import NAME, clean_mobile

MOST_NAME = 50
MOST_TYPED = 60  # characters of an entry that are looked at, and shown again


def clean_person_name(text: str) -> str:
    """A person's name as it is stored. Raises ValidationError for what can be none."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 2 <= len(name) <= MOST_NAME or not NAME.fullmatch(name):
        raise forms.ValidationError(_("Please write your name in characters or letters only."))
    return name


CLEANED = {"name": clean_person_name, "mobile": clean_mobile}


@dataclass(frozen=True)
class Entry:
    """What a phone sent. `key` names the form and `ticket` lets it be sent; `known` was chosen on a known phone, which
    types nothing. `mistakes`: a sentence for each of name and mobile that cannot be stored, which is then as typed."""

    key: uuid.UUID = field(default_factory=uuid.uuid4)
    ticket: str = ""
    name: str = ""
    mobile: str = ""
    known: uuid.UUID | None = None
    is_leaving: bool = False
    mistakes: Mapping[str, str] = field(default_factory=dict)


def read_entry(sent: Mapping[str, str]) -> Entry:
    """The form of the public page, without Django's forms: building one took a sixth of the page's time. A key that was
    spoilt is a new one, for which no ticket is good."""
    texts = {name: sent.get(name, "")[:MOST_TYPED] for name in CLEANED}
    known, mistakes = _uuid(sent.get("known", "")), {}
    for name, clean in CLEANED.items() if known is None else ():
        try:
            texts[name] = clean(texts[name])
        except forms.ValidationError as mistake:
            mistakes[name] = mistake.messages[0]
    key = _uuid(sent.get("client_key", "")) or uuid.uuid4()
    return Entry(
        key, sent.get("ticket", ""), **texts, known=known, is_leaving=bool(sent.get("leaving")), mistakes=mistakes
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class TypedCodeForm(forms.Form):
    """The digits below a code, for whoever cannot scan."""

    digits = forms.CharField(max_length=20)

    def clean_digits(self) -> str:
        digits = "".join(part for part in self.cleaned_data["digits"] if part.isdecimal())
        if len(digits) != TYPED_DIGITS or not digits.isascii():
            raise forms.ValidationError(_("Please type the eight digits that stand below the code."))
        return digits
