"""What people type: the public form, and the clerk's decisions."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.utils.translation import gettext_lazy as _

from checkin.codes import RECEIPT_DIGITS
from checkin.submissions import TAIL_DIGITS
from members.validators import choices_of, clean_field

NAME = re.compile(r"[^\W\d_][^\W\d_·•・‧.' -]*(?:[·•・‧.' -]+[^\W\d_]+)*\.?")
MOBILE = re.compile(r"1[3-9]\d{9}")
MOBILE_NOISE = re.compile(r"[\s()-]+")
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,24}")
ID_TAIL = re.compile(r"[0-9]{5}[0-9X]")
NO_GROUP = "否"
AT_MOST_50 = MaxLengthValidator(50, _("At most 50 characters."))
AT_MOST_100 = MaxLengthValidator(100, _("At most 100 characters."))
# What says that somebody is a party member, or who exactly: a consent of its own (PIPL, article 29).
SENSITIVE = frozenset(["home", "home_code", "id_tail", "branch_contact", "branch_phone"])
PROXY = ("proxy_name", "proxy_relation", "proxy_phone")


def clean_mobile(text: str) -> str:
    """Eleven digits of a mobile number of mainland China, however they were typed. Raises ValidationError."""
    digits = MOBILE_NOISE.sub("", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("+86").removeprefix("0086")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if not MOBILE.fullmatch(digits) or not digits.isascii():
        raise ValidationError(_("Please enter your mobile number: 11 digits."))
    return digits


def clean_name(text: str) -> str:
    """A name as it was typed, blanks put right. Raises ValidationError for what is none."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not NAME.fullmatch(name):
        raise ValidationError(_("Please write your name in characters or letters only."))
    return name


def clean_phone(text: str) -> str:
    """A mobile number or a landline with its area code. Raises ValidationError for what is none."""
    phone = unicodedata.normalize("NFKC", text).strip()
    if phone and not PHONE.fullmatch(phone):
        raise ValidationError(_("Please enter a phone number."))
    return phone


def occupations() -> list[tuple[str, Any]]:
    """Kinds of work as the files have them."""
    words = [word for word in choices_of("new_employment") if word != NO_GROUP]
    return [("", _("Please choose")), *((word, word) for word in words), (NO_GROUP, _("none of these"))]


class PersonFields(forms.Form):
    """Who reports in: the same fields on the phone and at the counter. All but name and mobile number may be empty: the
    clerk asks what is missing."""

    name = forms.CharField(
        label=_("Your full name"),
        strip=True,
        error_messages={"required": _("Please enter your name.")},
        validators=[
            MinLengthValidator(2, _("A name has at least 2 characters.")),
            MaxLengthValidator(50, _("A name has at most 50 characters.")),
        ],
    )
    mobile = forms.CharField(
        label=_("Mobile number"), error_messages={"required": _("Please enter your mobile number: 11 digits.")}
    )
    home = forms.CharField(label=_("Party branch that holds your membership"), required=False, validators=[AT_MOST_100])
    home_code = forms.RegexField(r"^[0-9A-Za-z-]{2,40}\Z", required=False)
    since = forms.CharField(label=_("Here since"), required=False, validators=[AT_MOST_100])
    occupation = forms.ChoiceField(label=_("Kind of work"), required=False, choices=occupations)
    id_tail = forms.CharField(label=_("Last 6 characters of your ID number"), required=False)
    branch_contact = forms.CharField(label=_("Contact person of that branch"), required=False, validators=[AT_MOST_50])
    branch_phone = forms.CharField(label=_("Phone of this contact person"), required=False, validators=[AT_MOST_50])

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_mobile(self) -> str:
        return clean_mobile(self.cleaned_data["mobile"])

    def clean_since(self) -> str:
        return clean_field("started_on", self.cleaned_data["since"])

    def clean_id_tail(self) -> str:
        tail = unicodedata.normalize("NFKC", "".join(self.cleaned_data["id_tail"].split())).upper()
        if tail and not ID_TAIL.fullmatch(tail):
            raise ValidationError(_("Please enter the last 6 characters of the ID number only."))
        return tail

    def clean_branch_phone(self) -> str:
        return clean_phone(self.cleaned_data["branch_phone"])


class ReportInForm(PersonFields):
    """The public page. `client_key` names this form: sending it again changes nothing. With any of the proxy's fields
    it was filled in by somebody else, and needs all three of them."""

    proxy_name = forms.CharField(label=_("Your own name"), required=False, validators=[AT_MOST_50])
    proxy_relation = forms.CharField(label=_("Who you are to this person"), required=False, validators=[AT_MOST_50])
    proxy_phone = forms.CharField(label=_("Your own phone"), required=False, validators=[AT_MOST_50])
    consent = forms.BooleanField(error_messages={"required": _("Please read the notice and tick the box.")})
    sensitive = forms.BooleanField(required=False)
    client_key = forms.UUIDField()

    def clean_proxy_name(self) -> str:
        return clean_name(self.cleaned_data["proxy_name"]) if self.cleaned_data["proxy_name"] else ""

    def clean_proxy_phone(self) -> str:
        return clean_phone(self.cleaned_data["proxy_phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("sensitive") and any(self.data.get(name) for name in SENSITIVE):
            self.add_error("sensitive", _("Please tick this box too, or leave these fields empty."))
        missing = [name for name in PROXY if not (self.data.get(name) or "").strip()]
        for name in missing if len(missing) < len(PROXY) else ():
            self.add_error(name, _("Please fill this in as well."))
        return cleaned

    @property
    def has_more(self) -> bool:
        """Whether the part that is closed at first holds something."""
        return any(self[name].value() or self[name].errors for name in ("id_tail", "branch_contact", "branch_phone"))

    @property
    def has_proxy(self) -> bool:
        return any(self[name].value() or self[name].errors for name in PROXY)


class _SharedFields(dict[str, forms.Field]):
    """Fields that all forms of a kind share. Django copies them for each form, in case one changes its own; ours do
    not, and copying took half of the time of a form sent."""

    def __deepcopy__(self, memo: Any) -> "_SharedFields":
        return self


ReportInForm.base_fields = _SharedFields(ReportInForm.base_fields)  # type: ignore[assignment]


class ReceiptForm(forms.Form):
    """How somebody without the code asks how far it has got."""

    receipt = forms.CharField(label=_("Receipt number"))
    tail = forms.CharField(label=_("Last 4 digits of the mobile number"))

    def clean_receipt(self) -> str:
        return self._digits("receipt", RECEIPT_DIGITS)

    def clean_tail(self) -> str:
        return self._digits("tail", TAIL_DIGITS)

    def _digits(self, name: str, count: int) -> str:
        text = unicodedata.normalize("NFKC", "".join(self.cleaned_data[name].split()))
        if len(text) != count or not text.isascii() or not text.isdigit():
            raise ValidationError(_("Please enter %(count)d digits.") % {"count": count})
        return text
