"""What a clerk chooses about report-ins."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from checkin.enums import Proof
from checkin.forms import PersonFields
from contacts.forms import day_field
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.shared_forms import SharedForm


class Decision(models.TextChoices):
    CONFIRM = "confirm", _("Confirm")
    JOIN = "join", _("Taken into a branch")
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


def _proof_field(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", _("Please choose")), *Proof.choices], required=False, label=_("verified by"), **options
    )


class DecisionForm(SharedForm):
    """A clerk's decision on one report-in. `target` is the id of the file to link, or empty for a new file."""

    right = Right.RUN_CHECKIN
    sealed_labels = {"name": _("Full name"), "mobile": _("Mobile number"), "details": _("Further entries")}
    decision = forms.ChoiceField(choices=[one for one in Decision.choices if one[0] != Decision.JOIN])
    target = forms.UUIDField(required=False)
    proof = _proof_field()
    has_called = forms.BooleanField(required=False, label=_("I spoke to the person myself"))
    organization = OrganizationChoice(
        queryset=Organization.objects.none(), required=False, label=_("refer to"), empty_label=_("Please choose")
    )

    def __init__(self, *args: Any, origin: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self.fields["organization"], possible_targets(origin))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decision = cleaned.get("decision")
        if decision == Decision.CONFIRM and not cleaned.get("proof"):
            self.add_error("proof", _("Please choose how this was verified."))
        if decision == Decision.CONFIRM and "target" not in self.data:
            self.add_error("target", _("Please choose: one of the files that were found, or a new one."))
        if decision == Decision.CONFIRM and self.record.is_by_proxy and not cleaned.get("has_called"):
            self.add_error("has_called", _("Please call the person first, and tick that you did."))
        if decision == Decision.REFER and not cleaned.get("organization"):
            self.add_error("organization", _("Please choose another community or street."))
        return cleaned


class JoinForm(forms.Form):
    """Which branch took the member in, and since when; for a report-in that is confirmed. It has one way to go, so no
    version of the record travels with the page."""

    branch = forms.ModelChoiceField(
        label=_("branch"), queryset=Organization.objects.none(), empty_label=_("Please choose"),
        error_messages={"required": _("Please choose a branch.")},
    )  # fmt: skip
    joined_on = day_field(_("taken in on"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self.fields["branch"], _branches())
        self.initial.setdefault("joined_on", timezone.localdate())

    def clean_joined_on(self) -> Any:
        return _not_to_come(self.cleaned_data["joined_on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("decision") != Decision.JOIN:
            raise ValidationError(_("This report-in has been dealt with already."))
        return cleaned | {"decision": Decision.JOIN}


class CounterForm(PersonFields):
    """Somebody who came in person, or a paper form that is entered later (then with its day)."""

    organization = OrganizationChoice(
        label=_("Organization"), queryset=Organization.objects.none(), empty_label=_("Please choose"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    filled_on = day_field(_("Entered later: day on the paper form (otherwise empty)"), required=False)
    client_key = forms.UUIDField(widget=forms.HiddenInput)
    LABELS = {
        "name": _("Full name"),
        "home": _("Party branch that holds the membership"),
        "id_tail": _("Last 6 characters of the ID number"),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offices = offices_in_reach().select_related("parent")
        _offer(self.fields["organization"], offices)
        if len(few := list(offices[:2])) == 1:
            self.initial.setdefault("organization", few[0].pk)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
        for field in self.fields.values():
            if type(field.widget) is forms.TextInput:
                field.widget = UnfoldAdminTextInputWidget()
        self.fields["occupation"].widget = UnfoldAdminSelectWidget(choices=self.fields["occupation"].choices)  # type: ignore[attr-defined]
        self.fields["home_code"].widget = forms.HiddenInput()

    def clean_filled_on(self) -> Any:
        return _not_to_come(self.cleaned_data["filled_on"])


class BatchForm(forms.Form):
    """One decision for several report-ins."""

    decision = forms.ChoiceField(
        label=_("What to do with them"), widget=UnfoldAdminSelectWidget,
        choices=[("", _("Please choose")), *((one.value, one.label) for one in Decision if one != Decision.JOIN)],
    )  # fmt: skip
    proof = _proof_field(widget=UnfoldAdminSelectWidget)
    organization = OrganizationChoice(
        queryset=Organization.objects.none(), required=False, label=_("refer to"), empty_label=_("Please choose"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip

    def __init__(self, *args: Any, origin: Organization | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if origin is not None:
            _offer(self.fields["organization"], possible_targets(origin, with_origin=True))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == Decision.CONFIRM and not cleaned.get("proof"):
            self.add_error("proof", _("Please choose how this was verified."))
        if cleaned.get("decision") == Decision.REFER and not cleaned.get("organization"):
            self.add_error("organization", _("Please choose another community or street."))
        return cleaned


class PhotoForm(forms.Form):
    """A photograph of a signed form; what it may be is judged by checkin.queue.photos."""

    photo = forms.FileField(
        label=_("Keep a photograph of the signed form (not needed)"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


def _not_to_come(day: dt.date | None) -> dt.date | None:
    if day is not None and day > timezone.localdate():
        raise ValidationError(_("Please give a day that is not to come."))
    return day


def _offer(field: forms.Field, rows: models.QuerySet[Organization]) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def possible_targets(origin: Organization, *, with_origin: bool = False) -> models.QuerySet[Organization]:
    """Streets and communities of the same district (of the whole tree where there is none)."""
    targets = Organization.objects.filter(
        kind__in=[OrganizationKind.STREET, OrganizationKind.COMMUNITY], is_active=True
    )
    district = Organization.objects.above(origin).filter(kind=OrganizationKind.DISTRICT).first()
    if district is not None:
        targets = targets.below(district)
    if not with_origin:
        targets = targets.exclude(pk=origin.pk)
    return targets.select_related("parent").order_by("code")


def offices_in_reach() -> models.QuerySet[Organization]:
    """Where somebody can be written down: streets and communities of the clerk."""
    if access.current() is None:
        return Organization.objects.none()
    rows = access.organizations(Right.RUN_CHECKIN)
    return rows.filter(kind__in=[OrganizationKind.STREET, OrganizationKind.COMMUNITY], is_active=True).order_by("path")


def _branches() -> models.QuerySet[Organization]:
    """Branches in the clerk's reach."""
    if access.current() is None:
        return Organization.objects.none()
    rows = access.organizations(Right.RUN_CHECKIN)
    return rows.filter(kind=OrganizationKind.BRANCH, is_active=True).order_by("code")
