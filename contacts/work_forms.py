"""The two forms of a work link: the PIN, and one contact. Plain fields: the pages work without scripts."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from contacts.enums import Method, Outcome


class PinForm(forms.Form):
    mark = forms.CharField(max_length=64)
    pin = forms.RegexField(r"^\s*[0-9]{6}\s*$")

    def clean_pin(self) -> str:
        return self.cleaned_data["pin"].strip()


class WorkContactForm(forms.Form):
    """Today, by phone, reached, unless changed. `key` tells a form that is sent twice from two contacts."""

    mark = forms.CharField(max_length=64)
    key = forms.UUIDField()
    outcome = forms.ChoiceField(choices=Outcome, initial=Outcome.REACHED.value)
    method = forms.ChoiceField(choices=Method, initial=Method.PHONE.value)
    contacted_on = forms.DateField(
        error_messages={"required": _("Please give the day."), "invalid": _("Write the day as 2026-03-31.")}
    )
    note = forms.CharField(required=False, max_length=2000)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contacted_on"].initial = timezone.localdate().isoformat()

    @property
    def contact(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("contacted_on", "outcome", "method", "note")}


class VisitForm(forms.Form):
    """One visit, on a staff page: today, reached, unless changed. Nothing that was stored before is shown."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome, widget=UnfoldAdminRadioSelectWidget)
    method = forms.ChoiceField(label=_("How"), choices=Method, widget=UnfoldAdminRadioSelectWidget)
    contacted_on = forms.DateField(
        label=_("Day of the contact"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}),
        error_messages={"required": _("Please give the day."), "invalid": _("Write the day as 2026-03-31.")},
    )
    note = forms.CharField(
        label=_("What was talked about (optional)"), required=False, max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {
            "key": uuid.uuid4(), "outcome": Outcome.REACHED.value, "method": Method.VISIT.value,
            "contacted_on": timezone.localdate(),
        }  # fmt: skip
        super().__init__(*args, **options)
