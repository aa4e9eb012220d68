"""What is typed about a check."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from contacts.forms import day_field


class DecideForm(forms.Form):
    """The decision that a party body took."""

    body = forms.CharField(
        label=_("Deciding body"), max_length=100, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please give the deciding body.")},
    )  # fmt: skip
    decided_on = day_field(_("Day of the decision"))
    number = forms.CharField(
        label=_("Number of the minutes or of the approval"), max_length=60, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please give the number.")},
    )  # fmt: skip
