"""The two forms of a work link: the PIN, and one contact. Plain fields: the pages work without scripts."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
