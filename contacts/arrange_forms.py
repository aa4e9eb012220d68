"""What people type about one member's duty."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from contacts.arranging import may_decide
from contacts.enums import DecisionKind, DecisionReason
from contacts.forms import BOX
from contacts.models import ContactObligation

DAYS = 3650


class ArrangeForm(forms.Form):
    """One decision about one side: what, why, and until when or how often."""

    side = forms.ChoiceField(label=_("For which side"), widget=UnfoldAdminRadioSelectWidget)
    kind = forms.ChoiceField(
        label=_("What is arranged"), choices=DecisionKind, widget=UnfoldAdminRadioSelectWidget,
        error_messages={"required": _("Please choose what is arranged.")},
    )  # fmt: skip
    until_on = forms.DateField(
        label=_("Last day of the pause"), required=False,
        help_text=_("For a pause only. Afterwards it ends by itself."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": BOX}),
        error_messages={"invalid": _("Write the day as 2026-03-31.")},
    )  # fmt: skip
    target_days = forms.IntegerField(
        label=_("Contact after so many days"), required=False, min_value=1, max_value=DAYS,
        widget=forms.NumberInput(attrs={"class": BOX}), help_text=_("For an interval of its own only."),
    )  # fmt: skip
    limit_days = forms.IntegerField(
        label=_("At the latest after so many days"), required=False, min_value=1, max_value=DAYS,
        widget=forms.NumberInput(attrs={"class": BOX}),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Why"), choices=[("", _("Please choose")), *DecisionReason.choices], widget=UnfoldAdminSelectWidget,
        error_messages={"required": _("Please choose a reason.")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("Explanation (optional)"), required=False, max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, duties: list[ContactObligation], **options: Any) -> None:
        super().__init__(*args, **options)
        side: Any = self.fields["side"]
        side.choices = [(duty.side, f"{duty.get_side_display()}({duty.organization})") for duty in duties]
        self.initial.setdefault("side", duties[0].side)
        self.initial.setdefault("kind", DecisionKind.PAUSE.value)
        if not any(may_decide(DecisionKind.EXEMPT, duty.organization) for duty in duties):
            pauses: Any = self.fields["kind"]
            pauses.choices = [(DecisionKind.PAUSE.value, DecisionKind.PAUSE.label)]
            del self.fields["target_days"], self.fields["limit_days"]
