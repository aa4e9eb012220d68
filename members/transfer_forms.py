"""What people type about transfers."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from members.enums import MemberState, TransferKind
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right

NOTE_MOST = 300
KEEPERS = (OrganizationKind.STREET, OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)
PLEASE_NAME = _("Please type the name.")


def _note(label: Any, required: bool = False, error: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=NOTE_MOST, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        error_messages={"required": error},
    )  # fmt: skip


class _DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)})
        messages = {"invalid": _("Write the day as 2026-03-31."), "required": _("Please give the day.")}
        super().__init__(widget=widget, error_messages=messages, initial=timezone.localdate, **options)

    def clean(self, value: Any) -> dt.date:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError(gettext("This day is still to come."))
        return day  # type: ignore[return-value]


class ProposeForm(forms.Form):
    note = _note(_("Note for the other organization (optional; it reads this before it decides)"))


class ReasonForm(forms.Form):
    reason = _note(_("Why is it sent back? The other organization reads this."), True, _("Please say why."))


class EndForm(forms.Form):
    ended_on = _DayField(label=_("Day it ended"))
    reason = _note(_("Why does it end? The other organization reads this."), True, _("Please say why."))


class OutsideForm(forms.Form):
    """A destination outside the portal; for the whole file also what becomes of it."""

    to = forms.CharField(
        label=_("Name of the organization outside the portal"), max_length=100, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": PLEASE_NAME},
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State of the file afterwards"), widget=UnfoldAdminRadioSelectWidget,
        choices=[(state.value, state.label) for state in (MemberState.TRANSFERRED, MemberState.LEFT)],
        error_messages={"required": _("Please choose what becomes of the file.")},
    )  # fmt: skip
    ended_on = _DayField(label=_("Day it ended"))
    note = _note(_("Note (optional)"))

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        if kind != TransferKind.MANAGE:
            del self.fields["state"], self.fields["ended_on"]


class MoveForm(forms.Form):
    """The community that files go to, among those where the actor works."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Community"), widget=UnfoldAdminSelectWidget,
        empty_label=_("Please choose"), error_messages={"required": _("Please choose a community.")},
    )  # fmt: skip

    def __init__(self, *args: Any, leave_out: Organization | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        reach = access.organizations(Right.CHANGE_MEMBERS).filter(is_active=True, kind__in=KEEPERS)
        if leave_out is not None:
            reach = reach.exclude(pk=leave_out.pk)
        self.fields["organization"].queryset = reach.order_by("path")  # type: ignore[attr-defined]
