"""The form of a member's file. Sealed numbers come in and never go out: only their masks reach the page."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from members import services
from members.enums import Direction
from members.ledger.vocabulary import EDUCATIONS, ETHNICITIES, REASONS
from members.models import Member, Movement
from members.timeline import FILE_PARTS, timeline
from members.validators import clean_field, cross_problems
from portal import access
from portal.changes import Entry
from portal.models import Organization
from portal.roles import Right
from portal.shared_forms import SharedModelForm

MEMBER_TEXTS = ("employer", "current_address", "remark")
MOVEMENT_TEXTS = ("home_text", "host_text", "destination", "reason", "counterpart_contact", "counterpart_phone")
MOVEMENT_DATES = ("started_on", "expected_end_on", "ended_on")
MOVEMENT_INPUTS = ("direction", "home_organization", "host_organization", *MOVEMENT_TEXTS, *MOVEMENT_DATES)
PLAIN_INPUTS = ("name", "gender", "ethnicity", "birth_date", "member_type", "join_date", "full_member_date")
WORK_INPUTS = ("education", "occupation", *MEMBER_TEXTS)
PLEASE_CHOOSE = gettext_lazy("Please choose")
DATE_HINT = gettext_lazy("Write 1985, 1985-06 or 1985-06-12: as exactly as it is known.")
# Left behind by the importer's cleaners under another name.
_CLEANED_AS = {"counterpart_phone": "counterpart_contact_phone"}


def _text(label: Any, most: int = 200, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=most, help_text=help_text, widget=UnfoldAdminTextInputWidget
    )


def _words(table: dict[str, str], value: str = "") -> list[tuple[str, Any]]:
    """The usual words for a field, and the stored one where it is none of them: a ledger's own word stays."""
    known = list(dict.fromkeys(table.values()))
    return [("", PLEASE_CHOOSE), *((word, word) for word in known + ([value] if value and value not in known else []))]


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=UnfoldAdminSelectWidget)


def _organization(label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Organization.objects.none(),
        label=label,
        required=False,
        empty_label=lazy(lambda: _("— outside the portal —"), str)(),
        widget=UnfoldAdminSelectWidget,
    )


class MemberForm(SharedModelForm):
    """Member and the current movement in one form. `save` is not used: the screen calls the services."""

    parts = FILE_PARTS
    is_strict = True
    new_id_number = _text(gettext_lazy("ID number"), 30)
    new_mobile = _text(gettext_lazy("mobile"), 30)
    employer = _text(gettext_lazy("employer"))
    current_address = _text(gettext_lazy("current address"))
    remark = forms.CharField(
        label=gettext_lazy("remark"), required=False, max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )
    direction = _choice(gettext_lazy("direction"), [("", PLEASE_CHOOSE), *Direction.choices])
    home_organization = _organization(gettext_lazy("home organization"))
    home_text = _text(gettext_lazy("home organization (outside)"), 100)
    host_organization = _organization(gettext_lazy("host organization"))
    host_text = _text(gettext_lazy("host organization (outside)"), 100)
    destination = _text(gettext_lazy("destination"))
    counterpart_contact = _text(gettext_lazy("contact of the other organization"), 50)
    counterpart_phone = _text(gettext_lazy("phone of the other organization"), 30)
    started_on = _text(gettext_lazy("started on"), 20)
    expected_end_on = _text(gettext_lazy("expected end"), 20, gettext_lazy("If it is known."))
    ended_on = _text(gettext_lazy("ended on"), 20, gettext_lazy("Leave empty while the member is away."))

    class Meta:
        model = Member
        fields = ["organization", *PLAIN_INPUTS, "education", "occupation", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.movement = None if self.is_new else _current_movement(self.instance)
        self.cross_warnings: list[str] = []
        self._offer_choices()
        self._show_stored()

    def _offer_choices(self) -> None:
        reach = access.organizations(Right.CHANGE_MEMBERS).filter(is_active=True)
        for side in ("home_organization", "host_organization"):
            field = self.fields[side]
            stored = getattr(self.movement, side, None)
            # an organization of the other side stays as it is, but no other of its tenant is offered
            field.queryset = reach | Organization.objects.filter(pk=stored.pk) if stored else reach
        if self.is_new:
            del self.fields["state"]
        self.fields["organization"].label = _("Community")
        self.fields["organization"].help_text = _("Members whose community is not known yet stay with the street.")
        for name, table in (("ethnicity", ETHNICITIES), ("education", EDUCATIONS)):
            self.fields[name] = _choice(self.fields[name].label, _words(table, getattr(self.instance, name)))
        stored = self.movement.reason if self.movement else ""
        self.fields["reason"] = _choice(_("reason for moving"), _words(REASONS, stored))
        for name in ("birth_date", "join_date", "full_member_date"):
            self.fields[name].max_length = None
            self.fields[name].validators = []  # the importer's rules read more ways of writing than the column holds
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.fields["birth_date"].help_text = self.fields["join_date"].help_text = DATE_HINT

    def _show_stored(self) -> None:
        hint = _("Now: %(masked)s. Type a new number to change it; leave it empty to keep it.")
        for name, masked in (("id_number", "masked_id_number"), ("mobile", "masked_mobile")):
            stored = "" if self.is_new else getattr(self.instance, masked)
            field = self.fields[f"new_{name}"]
            field.widget.attrs["autocomplete"] = "off"
            if stored:
                field.help_text = hint % {"masked": stored}
                field.widget.attrs["placeholder"] = _("Type a new number to change it")
        if self.is_new:
            return
        for name in MEMBER_TEXTS:
            self.initial[name] = getattr(self.instance, name)
        for name in MOVEMENT_INPUTS if self.movement else ():
            self.initial[name] = getattr(self.movement, name)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # Django's own hook, which its stubs leave out
        typed = (*PLAIN_INPUTS, *MEMBER_TEXTS, *MOVEMENT_TEXTS, *MOVEMENT_DATES, "occupation", "new_id_number")
        for name in (*typed, "new_mobile"):
            value = self.cleaned_data.get(name)
            if value and name not in ("gender", "member_type", "ethnicity", "reason"):
                self._clean_as_imported(name, value)

    def _clean_as_imported(self, name: str, value: str) -> None:
        if value == self.initial.get(name):  # stored long ago under other rules: no reason to refuse a save
            return
        try:
            self.cleaned_data[name] = clean_field(_CLEANED_AS.get(name, name.removeprefix("new_")), value)
        except ValidationError as problem:
            self.add_error(name, problem)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._compare_fields(cleaned)
        away = any(cleaned.get(name) for name in MOVEMENT_INPUTS if name != "direction")
        if away and not cleaned.get("direction") and "direction" not in self.errors:
            self.add_error("direction", _("Please choose outgoing or incoming."))
        if self.movement and not away and not cleaned.get("direction"):
            self.add_error("direction", _("To end the movement, enter the day on which it ended."))
        is_over = cleaned.get("state") in services.ENDED_STATES
        if is_over and self.movement and not cleaned.get("ended_on") and "ended_on" not in self.errors:
            self.add_error("ended_on", _("Please enter when the movement ended."))
        return cleaned

    def _compare_fields(self, cleaned: dict[str, Any]) -> None:
        values = dict(cleaned)
        values["id_number"] = cleaned.get("new_id_number") or ("" if self.is_new else self.instance.id_number)
        for name, (sentence, must_be_right) in cross_problems(values).items():
            field = "new_id_number" if name == "id_number" else name
            changed = {field, "new_id_number", "birth_date", "join_date"} & set(self.changed_data)
            if must_be_right and changed and field in self.fields:
                self.add_error(field, sentence)
            else:
                self.cross_warnings.append(sentence)

    def changes_since(self, version: str) -> list[Entry]:
        return timeline(self.instance, since=version)

    def member_values(self) -> dict[str, Any]:
        """What the services take as `values`: an empty new number is no change."""
        names = (*PLAIN_INPUTS, *WORK_INPUTS, *([] if self.is_new else ["state"]))
        values = {name: self.cleaned_data[name] for name in names}
        for name in ("id_number", "mobile"):
            if self.cleaned_data[f"new_{name}"]:
                values[name] = self.cleaned_data[f"new_{name}"]
        return values

    def movement_values(self) -> dict[str, Any] | None:
        """What the services take as `movement`; None where the form has none."""
        if not self.cleaned_data.get("direction"):
            return None
        return {name: self.cleaned_data[name] for name in MOVEMENT_INPUTS}


def _current_movement(member: Member) -> Movement | None:
    """The open episode that the form edits: the latest, where both directions are open."""
    return (
        member.movements.filter(ended_on="")
        .select_related("home_organization", "host_organization", "member__organization")
        .order_by("-started_on", "-created_at")
        .first()
    )
