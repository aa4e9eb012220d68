"""What people type about contacts."""

import datetime as dt
import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.enums import VISITING, ContactDirection, Method, Outcome
from contacts.log_parts import PartsMixin
from contacts.models import Liaison
from members.masks import mask_mobile
from members.models import Member
from members.validators import clean_field
from portal import access
from portal.models import User
from portal.roles import Right
from portal.shared_forms import SharedModelForm

BOX = " ".join(INPUT_CLASSES)
_OFFICE_PHONE = re.compile(r"[0-9]{3,13}(-[0-9]{1,8}){0,2}")


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, chosen or typed."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": BOX}),
        error_messages={"required": _("Please give the day."), "invalid": _("Write the day as 2026-03-31.")},
        **options,
    )


class OneContactForm(forms.Form):
    """What is told of one contact on a staff page: today and reached, unless changed. Text is optional. `key` is of the
    form, not of a save."""

    usual_method = Method.PHONE

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome, widget=UnfoldAdminRadioSelectWidget)
    method = forms.ChoiceField(label=_("How"), choices=Method, widget=UnfoldAdminRadioSelectWidget)
    contacted_on = day_field(_("Day of the contact"))
    through = forms.CharField(
        label=_("Through whom (optional)"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget
    )
    note = forms.CharField(
        label=_("What was talked about (optional)"), required=False, max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip
    work = forms.CharField(
        label=_("About work (optional)"), required=False, max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )  # fmt: skip
    life = forms.CharField(
        label=_("About life (optional)"), required=False, max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )  # fmt: skip
    next_step = forms.CharField(
        label=_("Next step (optional)"), required=False, max_length=500, widget=UnfoldAdminTextInputWidget
    )
    next_on = day_field(_("Day of the next step (optional)"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        options["initial"] = {
            "key": uuid.uuid4(), "contacted_on": today, "method": self.usual_method.value,
            "outcome": Outcome.REACHED.value,
        } | options.get("initial", {})  # fmt: skip
        super().__init__(*args, **options)
        self.fields["contacted_on"].widget.attrs["max"] = today.isoformat()

    def clean_contacted_on(self) -> dt.date:
        return not_to_come(self.cleaned_data["contacted_on"])


class ContactForm(OneContactForm, PartsMixin):
    """A contact of somebody who may read the file: with the parts that are offered, and on behalf of a liaison."""

    liaison = forms.ModelChoiceField(
        label=_("Who made the contact"), queryset=Liaison.objects.none(), required=False,
        empty_label=_("I did"), widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("Who made contact with whom"), choices=ContactDirection, required=False,
        initial=ContactDirection.TO_MEMBER.value, widget=UnfoldAdminRadioSelectWidget,
    )  # fmt: skip
    field_order = ("key", "contacted_on", "method", "outcome", "through", "liaison", "note")

    def __init__(self, *args: Any, member: Member, actor: access.Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Liaison.objects.active().filter(assignments__member=member, assignments__ended_on=None)
        self.fields["liaison"].queryset = others.exclude(user_id=actor.user_id).distinct()  # type: ignore[attr-defined]
        if not self.fields["liaison"].queryset:  # type: ignore[attr-defined]
            del self.fields["liaison"]
        self.add_parts(member, actor)

    def clean_direction(self) -> str:
        return self.cleaned_data["direction"] or ContactDirection.TO_MEMBER.value


class BulkContactForm(forms.Form):
    """One row of the table of many contacts: the short form of ContactForm."""

    contacted_on = day_field(_("Day of the contact"))
    method = forms.ChoiceField(label=_("How"), choices=Method, widget=forms.Select(attrs={"class": BOX}))
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome, widget=forms.Select(attrs={"class": BOX}))
    note = forms.CharField(
        label=_("What was talked about (optional)"), required=False, max_length=2000,
        widget=forms.TextInput(attrs={"class": BOX}),
    )  # fmt: skip

    def __init__(self, *args: Any, person: str, **options: Any) -> None:
        today = timezone.localdate()
        options["initial"] = {
            "contacted_on": today,
            "method": Method.PHONE.value,
            "outcome": Outcome.REACHED.value,
        } | options.get("initial", {})
        super().__init__(*args, **options)
        self.fields["contacted_on"].widget.attrs["max"] = today.isoformat()
        for field in self.fields.values():  # a table has its labels once, above: read aloud they name the person too
            field.widget.attrs["aria-label"] = f"{person} {field.label}"

    def clean_contacted_on(self) -> dt.date:
        return not_to_come(self.cleaned_data["contacted_on"])


class PasteForm(forms.Form):
    """A sheet of visits, as it was copied or as a file."""

    sheet = forms.CharField(
        label=_("Rows copied from the sheet"), max_length=100_000, required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "spellcheck": "false"}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("or the file itself (xlsx, xls, ods, csv)"), required=False, allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv,.txt"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("file") and not given.get("sheet"):
            self.add_error("sheet", gettext("Please paste at least one row, or choose a file."))
        return given


class AssignForm(forms.Form):
    """The liaison who takes the chosen members over."""

    liaison = forms.ModelChoiceField(
        label=_("Liaison"), queryset=Liaison.objects.none(), widget=UnfoldAdminSelectWidget,
        empty_label=_("Please choose"), error_messages={"required": _("Please choose a liaison.")},
    )  # fmt: skip

    def __init__(self, *args: Any, actor: access.Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        reach = (
            Liaison.objects.active()
            .looking_after()
            .visible_to(actor, Right.ASSIGN_LIAISONS)
            .select_related("organization")
        )
        choice = self.fields["liaison"]
        choice.queryset = reach.with_load().order_by("organization__code", "name", "id")  # type: ignore[attr-defined]
        choice.label_from_instance = with_organization  # type: ignore[attr-defined]


class VisitsForm(forms.Form):
    """The visiting worker whom the chosen members are put on the list of."""

    visitor = forms.ModelChoiceField(
        label=_("Visiting worker"), queryset=Liaison.objects.none(), widget=UnfoldAdminSelectWidget,
        empty_label=_("Please choose"), error_messages={"required": _("Please choose a visiting worker.")},
    )  # fmt: skip

    def __init__(self, *args: Any, actor: access.Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["visitor"]
        choice.queryset = visitors_in_reach(actor)
        choice.label_from_instance = with_organization


class OneMemberForm(forms.Form):
    """Liaison and visiting workers of one member, as they shall be."""

    liaison = forms.ModelChoiceField(
        label=_("Liaison"), queryset=Liaison.objects.none(), widget=UnfoldAdminSelectWidget, required=False,
        empty_label=_("Please choose"),
    )  # fmt: skip
    deputies = forms.ModelMultipleChoiceField(
        label=_("Deputy liaisons"), queryset=Liaison.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see the member too, and take over when the liaison leaves."),
    )  # fmt: skip
    visitors = forms.ModelMultipleChoiceField(
        label=_("Visiting workers"), queryset=Liaison.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("They see the name only, and log their visits."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: access.Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        reach = Liaison.objects.active().looking_after().visible_to(actor, Right.ASSIGN_LIAISONS).with_load()
        for name, rows in (("liaison", reach), ("deputies", reach), ("visitors", visitors_in_reach(actor))):
            field: Any = self.fields[name]
            field.queryset = rows.select_related("organization").order_by("organization__code", "name", "id")
            field.label_from_instance = with_organization

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("liaison") and given["liaison"] in (given.get("deputies") or []):
            self.add_error("deputies", gettext("The liaison cannot be the deputy as well."))
        return given


def not_to_come(day: dt.date) -> dt.date:
    if day > timezone.localdate():
        raise ValidationError(gettext("The day of the contact is still to come."))
    return day


def visitors_in_reach(actor: access.Actor) -> Any:
    """The visiting workers whom the actor may give members to."""
    rows = Liaison.objects.active().visiting().visible_to(actor, Right.ASSIGN_LIAISONS)
    return rows.select_related("organization").order_by("organization__code", "name", "id")


def with_organization(liaison: Liaison) -> str:
    """Name and organization; how many members of how many, where the rows know (LiaisonQuerySet.with_load)."""
    named = f"{liaison.name}({liaison.organization})"
    return f"{named} {liaison.load}/{liaison.capacity}" if hasattr(liaison, "load") else named


class LiaisonForm(SharedModelForm):
    """A liaison; the stored number is not shown, only replaced."""

    sealed_labels = {"mobile": _("mobile number")}

    new_mobile = forms.CharField(label=_("mobile number"), required=False, widget=UnfoldAdminTextInputWidget)
    username = forms.CharField(
        label=_("user name of the staff account"), required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Only for a liaison who logs in. Leave it empty otherwise."),
    )  # fmt: skip

    class Meta:
        model = Liaison
        fields = ["organization", "name", "kind", "office_phone", "email", "is_active"]
        help_texts = {"office_phone": _("Members see this number. Never write a private one here.")}
        widgets = {"email": UnfoldAdminEmailInputWidget}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding and "is_active" in self.fields:  # not where the screen only shows
            self.fields["is_active"].help_text = gettext(
                "When it is taken away, the work link and all assignments of this person end at once."
            )
            self.fields["kind"].help_text = gettext("Grid workers and building heads visit: they see names only.")
        if self.instance.mobile_digest:
            self.fields["new_mobile"].help_text = gettext("Stored: %(number)s. Leave it empty to keep it.") % {
                "number": mask_mobile(self.instance.mobile)
            }
        if self.instance.user:
            self.initial["username"] = self.instance.user.username
        if access.current() is None or not access.may(Right.GRANT_ACCESS):  # names of accounts are not for guessing
            self.fields.pop("username", None)

    def ends_work(self) -> bool:
        """Does this save end the person's work: stopped, or changed between looking after and visiting?"""
        before, after = self.initial, self.cleaned_data
        return bool(before.get("is_active") and not after["is_active"]) or (
            (before.get("kind") in VISITING) != (after["kind"] in VISITING)
        )

    def clean_new_mobile(self) -> str:
        return clean_field("mobile", self.cleaned_data["new_mobile"])

    def clean_office_phone(self) -> str:
        """A number to dial, with an extension if need be."""
        given = unicodedata.normalize("NFKC", self.cleaned_data["office_phone"]).replace(" ", "")
        if given and not _OFFICE_PHONE.fullmatch(given):
            raise ValidationError(gettext("Write the number as 0551-62345678, with an extension as 0551-62345678-801."))
        if given and given == (self.cleaned_data.get("new_mobile") or self.instance.mobile):
            raise ValidationError(gettext("This is the person's own mobile number. Members see the office phone."))
        return given

    def clean_username(self) -> str:
        name = self.cleaned_data["username"].strip()
        self.user = User.objects.filter(username=name, is_active=True).first() if name else None
        taken = self.user and Liaison.objects.filter(user=self.user).exclude(pk=self.instance.pk).exists()
        if name and (self.user is None or taken):
            raise ValidationError(gettext("There is no such account, or it belongs to another liaison."))
        return name

    def save(self, commit: bool = True) -> Liaison:
        if self.cleaned_data.get("new_mobile"):
            self.instance.mobile = self.cleaned_data["new_mobile"]
        if "username" in self.cleaned_data:
            self.instance.user = self.user
        return super().save(commit)
