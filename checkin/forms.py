"""What people type: the public form, and the clerk's decisions."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from checkin.enums import Proof
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.shared_forms import SharedForm

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


class Decision(models.TextChoices):
    CONFIRM = "confirm", _("Confirm")
    RETURN = "return", _("Send back")
    DUPLICATE = "duplicate", _("Duplicate")
    MISTAKEN = "mistaken", _("Scanned by mistake")
    REFER = "refer", _("Refer")


class OrganizationChoice(forms.ModelChoiceField):
    """A street or community, with the street's name before the community's."""

    def label_from_instance(self, organization: Organization) -> str:
        if organization.kind == OrganizationKind.COMMUNITY and organization.parent:
            return f"{organization.parent} · {organization}"
        return str(organization)


class DecisionForm(SharedForm):
    """A clerk's decision on one report-in. `target` is the id of the file to link, or empty for a new file."""

    right = Right.RUN_CHECKIN
    sealed_labels = {"name": _("Full name"), "mobile": _("Mobile number")}
    decision = forms.ChoiceField(choices=Decision)
    target = forms.UUIDField(required=False)
    proof = forms.ChoiceField(
        choices=[("", _("Please choose")), *Proof.choices], required=False, label=_("verified by")
    )
    organization = OrganizationChoice(
        queryset=Organization.objects.none(), required=False, label=_("refer to"), empty_label=_("Please choose")
    )

    def __init__(self, *args: Any, origin: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["organization"]
        assert isinstance(field, OrganizationChoice)
        field.queryset = _possible_targets(origin)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == Decision.CONFIRM and not cleaned.get("proof"):
            self.add_error("proof", _("Please choose how this was verified."))
        if cleaned.get("decision") == Decision.REFER and not cleaned.get("organization"):
            self.add_error("organization", _("Please choose another community or street."))
        return cleaned


def _possible_targets(origin: Organization) -> models.QuerySet[Organization]:
    """Streets and communities of the same district (of the whole tree where there is none), without the origin."""
    targets = Organization.objects.filter(
        kind__in=[OrganizationKind.STREET, OrganizationKind.COMMUNITY], is_active=True
    ).exclude(pk=origin.pk)
    district = Organization.objects.above(origin).filter(kind=OrganizationKind.DISTRICT).first()
    if district is not None:
        targets = targets.below(district)
    return targets.select_related("parent").order_by("code")
