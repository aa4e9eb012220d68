"""What people type at a desk."""

import unicodedata
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkin.arrivals.models import TYPED_DIGITS
from checkin.forms import NAME, clean_mobile

MOST_NAME = 50


def clean_person_name(text: str) -> str:
    """A person's name as it is stored. Raises ValidationError for what can be none."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 2 <= len(name) <= MOST_NAME or not NAME.fullmatch(name):
        raise forms.ValidationError(_("Please write your name in characters or letters only."))
    return name


class ScanForm(forms.Form):
    """The public page. `client_key` names this form and `ticket` lets it be sent; `known` is chosen on a known phone,
    which types nothing."""

    name = forms.CharField(max_length=MOST_NAME, required=False)
    mobile = forms.CharField(max_length=20, required=False)
    known = forms.UUIDField(required=False)
    leaving = forms.CharField(required=False)
    client_key = forms.UUIDField()
    ticket = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("known"):
            for field, cleaned in (("name", clean_person_name), ("mobile", clean_mobile)):
                try:
                    given[field] = cleaned(given.get(field, ""))
                except forms.ValidationError as mistake:
                    self.add_error(field, mistake)
        return given

    @property
    def key(self) -> uuid.UUID:
        """The key that the form came with, or a new one where it was spoilt."""
        return getattr(self, "cleaned_data", {}).get("client_key") or uuid.uuid4()


class TypedCodeForm(forms.Form):
    """The digits below a code, for whoever cannot scan."""

    digits = forms.CharField(max_length=20)

    def clean_digits(self) -> str:
        digits = "".join(part for part in self.cleaned_data["digits"] if part.isdecimal())
        if len(digits) != TYPED_DIGITS or not digits.isascii():
            raise forms.ValidationError(_("Please type the eight digits that stand below the code."))
        return digits
