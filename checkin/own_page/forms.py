"""What a member types. Plain fields: the pages work without scripts; `mark` and `key` are those of portal.links."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkin.forms import clean_mobile
from contacts.needs.enums import NeedCategory

FURTHEST_DAYS = 366


def _words(label: Any, rows: int = 4, most: int = 500, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Please write a few words.")}, **options,
    )  # fmt: skip


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Please give the day."), "invalid": _("Write the day as 2026-03-31.")}, **options,
    )  # fmt: skip


class OwnForm(forms.Form):
    """`key` names this form: sent again it changes nothing."""

    use_required_attribute = False
    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)


class HelpForm(OwnForm):
    category = forms.ChoiceField(
        label=_("What is it about?"), choices=NeedCategory.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what it is about.")},
    )  # fmt: skip
    detail = _words(_("Please write in a few words"))


class MessageForm(OwnForm):
    text = _words(_("Your message"))


class ChangeForm(OwnForm):
    mobile = forms.CharField(
        label=_("New phone number"), required=False, max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Where you live now"), required=False, max_length=200, widget=forms.TextInput(attrs={"maxlength": 200})
    )

    def clean_mobile(self) -> str:
        text = self.cleaned_data["mobile"].strip()
        return clean_mobile(text) if text else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not given.get("mobile") and not given.get("address"):
            self.add_error("mobile", gettext("Please fill in what has changed."))
        return given


class JourneyForm(OwnForm):
    from_on = _day(_("I come home on"))
    until_on = _day(_("I leave again on (may stay empty)"), required=False)
    text = _words(_("Anything we should know? (may stay empty)"), rows=2, most=200, required=False)

    def clean_from_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["from_on"]
        today = timezone.localdate()
        if not today - dt.timedelta(days=31) <= day <= today + dt.timedelta(days=FURTHEST_DAYS):
            raise forms.ValidationError(gettext("Please check the day."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        start, end = given.get("from_on"), given.get("until_on")
        if start and end and not start <= end <= start + dt.timedelta(days=FURTHEST_DAYS):
            self.add_error("until_on", gettext("This day lies before the journey home, or too far ahead."))
        return given
