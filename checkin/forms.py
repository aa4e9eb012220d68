"""What people type: the public form, and the clerk's decisions."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.utils.translation import gettext_lazy as _

NAME = re.compile(r"[^\W\d_][^\W\d_·•・‧.' -]*(?:[·•・‧.' -]+[^\W\d_]+)*\.?")
MOBILE = re.compile(r"1[3-9]\d{9}")
MOBILE_NOISE = re.compile(r"[\s()-]+")


def clean_mobile(text: str) -> str:
    """Eleven digits of a mobile number of mainland China, however they were typed. Raises ValidationError."""
    digits = MOBILE_NOISE.sub("", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("+86").removeprefix("0086")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if not MOBILE.fullmatch(digits) or not digits.isascii():
        raise ValidationError(_("Please enter your mobile number: 11 digits."))
    return digits


class ReportInForm(forms.Form):
    """The public page. `client_key` names this form: sending it again changes nothing."""

    name = forms.CharField(
        strip=True,
        error_messages={"required": _("Please enter your name.")},
        validators=[
            MinLengthValidator(2, _("A name has at least 2 characters.")),
            MaxLengthValidator(50, _("A name has at most 50 characters.")),
        ],
    )
    mobile = forms.CharField(error_messages={"required": _("Please enter your mobile number: 11 digits.")})
    consent = forms.BooleanField(error_messages={"required": _("Please read the notice and tick the box.")})
    client_key = forms.UUIDField()

    def clean_name(self) -> str:
        name = unicodedata.normalize("NFC", " ".join(self.cleaned_data["name"].split()))
        if not NAME.fullmatch(name):
            raise ValidationError(_("Please write your name in characters or letters only."))
        return name

    def clean_mobile(self) -> str:
        return clean_mobile(self.cleaned_data["mobile"])
