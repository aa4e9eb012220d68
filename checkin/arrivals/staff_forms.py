"""What staff type at a desk."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from activities.models import Activity

EARLY = dt.timedelta(minutes=30)  # people come before a meeting begins


class HoursForm(forms.Form):
    """When phones may check in, on the day of the activity."""

    opens = forms.TimeField(label=_("opens at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes = forms.TimeField(label=_("closes at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    has_check_out = forms.BooleanField(label=_("People check out as well when they leave"), required=False)

    def __init__(self, *args: Any, activity: Activity, **options: Any) -> None:
        self.activity = activity
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        opens, closes = given.get("opens"), given.get("closes")
        if opens and closes and closes <= opens:
            raise forms.ValidationError(_("The check-in must close after it opens."))
        return given

    @property
    def hours(self) -> tuple[dt.datetime, dt.datetime]:
        """The two moments of a valid form."""
        day, zone = self.activity.held_on, timezone.get_current_timezone()
        opens, closes = (dt.datetime.combine(day, self.cleaned_data[name], tzinfo=zone) for name in ("opens", "closes"))
        return opens, closes


class NamesForm(forms.Form):
    """A list of names; `is_late` says that it is entered afterwards."""

    names = forms.CharField(label=_("Names, one in each line, or a WeChat roll call"), widget=UnfoldAdminTextareaWidget)


class HoursSpentForm(forms.Form):
    hours = forms.DecimalField(min_value=0, max_value=24, max_digits=4, decimal_places=1, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=100)
