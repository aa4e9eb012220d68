"""The form of a member's file. Masked values come in and never go out: only their masks reach the page.

An empty box of a masked field keeps what is stored; 无 removes it.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from members import services
from members.enums import Direction
from members.file_fields import BY_KEY, FIELDS, MASKED_KEYS, FileField, Kind
from members.masks import mask_of
from members.models import Member, Movement
from members.timeline import FILE_PARTS, timeline
from members.validators import choices_of, clean_field, cross_problems
from portal import access
from portal.changes import Entry
from portal.models import Organization
from portal.roles import Right
from portal.shared_forms import SharedModelForm

COLUMNS = ("name", "gender", "ethnicity", "birth_date", "member_type", "join_date", "full_member_date", "education",
           "occupation")  # fmt: skip
NOT_TYPED = frozenset(["last_contact_on", "home", "host"])
SIDES = ("home_organization", "home_text", "host_organization", "host_text")
INPUTS = {"id_number": "new_id_number", "mobile": "new_mobile", "home": "home_text", "host": "host_text"}
"""Field → name of its input, where that differs."""

MEMBER_TYPED = tuple(field.key for field in FIELDS if not field.of_movement and field.key not in NOT_TYPED)
MOVEMENT_TYPED = (*(field.key for field in FIELDS if field.of_movement and field.key not in NOT_TYPED), *SIDES)
PLEASE_CHOOSE = gettext_lazy("Please choose")
DATE_HINT = gettext_lazy("Write 1985, 1985-06 or 1985-06-12: as exactly as it is known.")
HINTS = {
    "expected_end_on": gettext_lazy("If it is known."),
    "ended_on": gettext_lazy("Leave empty while the member is away."),
    "care_tags": gettext_lazy("For example living alone, great age, illness, hardship, veteran; several with a comma."),
    "family_contact": gettext_lazy("Name, relation and phone of an adult."),
}


def input_of(key: str) -> str:
    """The name of the input of a field."""
    return INPUTS.get(key, key)


def _text(label: Any, most: int = 200, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=most, help_text=help_text, widget=UnfoldAdminTextInputWidget
    )


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


def _typed(field: FileField) -> forms.Field:
    """The input of a field by its kind."""
    if field.key == "direction":
        return _choice(field.label, [("", PLEASE_CHOOSE), *Direction.choices])
    if field.kind in (Kind.CHOICE, Kind.OPEN):
        return _choice(field.label, _words(field.key))
    if field.kind == Kind.LONG:
        return forms.CharField(label=field.label, required=False, max_length=field.most,
                               widget=UnfoldAdminTextareaWidget({"rows": 3}))  # fmt: skip
    most = 30 if field.kind == Kind.DATE else field.most
    return _text(field.label, most, HINTS.get(field.key, ""))


def _words(key: str, value: str = "") -> list[tuple[str, Any]]:
    """The usual words for a field, and the stored one where it is none of them: a ledger's own word stays."""
    known = choices_of(key)
    return [("", PLEASE_CHOOSE), *((word, word) for word in known + ([value] if value and value not in known else []))]


class _Inputs(forms.Form):
    """One input for every field of the table that is no column of the model form."""

    locals().update({input_of(field.key): _typed(field) for field in FIELDS
                     if field.key not in NOT_TYPED and field.key not in COLUMNS})  # fmt: skip
    home_organization = _organization(gettext_lazy("home organization"))
    home_text = _text(gettext_lazy("home organization (outside)"), 100)
    host_organization = _organization(gettext_lazy("host organization"))
    host_text = _text(gettext_lazy("host organization (outside)"), 100)


class MemberForm(SharedModelForm, _Inputs):
    """Member and the current movement in one form. `save` is not used: the screen calls the services."""

    parts = FILE_PARTS
    is_strict = True

    class Meta:
        model = Member
        fields = ["organization", *COLUMNS, "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.movement = None if self.is_new else _current_movement(self.instance)
        self.cross_warnings: list[str] = []
        self._offer_choices()
        if not self.is_new:
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
        for field in FIELDS:
            if field.kind == Kind.OPEN or (field.kind == Kind.CHOICE and choices_of(field.key)):
                is_coded = field.key in ("gender", "member_type", "direction")
                if not is_coded and not field.is_masked:
                    self.fields[field.key] = _choice(
                        capfirst(str(field.label)), _words(field.key, self._stored(field.key))
                    )
        for name in ("birth_date", "join_date", "full_member_date"):
            self.fields[name].max_length = None
            self.fields[name].validators = []  # the importer's rules read more ways of writing than the column holds
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.fields["birth_date"].help_text = self.fields["join_date"].help_text = DATE_HINT

    def _stored(self, key: str) -> Any:
        """What the file holds, plain."""
        holder = self.movement if key in SIDES or BY_KEY[key].of_movement else self.instance
        return "" if holder is None else getattr(holder, key)

    def _show_stored(self) -> None:
        for key in (*MEMBER_TYPED, *MOVEMENT_TYPED):
            if key not in MASKED_KEYS:
                self.initial[key] = self._stored(key)
                continue
            stored, field = self._stored(key), self.fields[input_of(key)]
            self.initial[input_of(key)] = ""
            field.widget.attrs["autocomplete"] = "off"
            if stored:
                field.widget.attrs["placeholder"] = _("Leave empty to keep it")
                field.help_text = format_html(
                    '{} <a class="underline" href="{}#stored-{}">{}</a>',
                    _("Now: %(masked)s. Leave empty to keep it; write 无 to remove it.")
                    % {"masked": mask_of(BY_KEY[key])(stored)},
                    reverse("admin:members_member_change", args=[self.instance.pk]), key, _("Show it in full"),
                )  # fmt: skip

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # Django's own hook, which its stubs leave out
        for key in (*MEMBER_TYPED, *MOVEMENT_TYPED):
            name = input_of(key)
            value = self.cleaned_data.get(name)
            field = BY_KEY.get(key)
            if value and field and field.kind not in (Kind.CHOICE, Kind.OPEN):
                self._clean_as_imported(name, field, value)
            elif field and field.is_masked and not self.is_new and name in self.cleaned_data:
                self.cleaned_data[name] = self._stored(key)  # an empty box keeps it
        for side in ("home_text", "host_text"):
            if self.cleaned_data.get(side):
                self._clean_as_imported(side, BY_KEY[side.removesuffix("_text")], self.cleaned_data[side])

    def _clean_as_imported(self, name: str, field: FileField, value: str) -> None:
        if value == self.initial.get(name):  # stored long ago under other rules: no reason to refuse a save
            return
        try:
            self.cleaned_data[name] = clean_field(field.in_ledger, value)
        except ValidationError as problem:
            self.add_error(name, problem)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._compare_fields(cleaned)
        away = any(cleaned.get(name) for name in MOVEMENT_TYPED if name != "direction")
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
        values["id_number"] = cleaned.get("new_id_number") or ""
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
        """What the services take as `values`; where a box of a masked field was left empty, what is stored."""
        values = {key: self.cleaned_data[input_of(key)] for key in MEMBER_TYPED}
        return values if self.is_new else values | {"state": self.cleaned_data["state"]}

    def movement_values(self) -> dict[str, Any] | None:
        """What the services take as `movement`; None where the form has none."""
        if not self.cleaned_data.get("direction"):
            return None
        return {key: self.cleaned_data[key] for key in MOVEMENT_TYPED}


def _current_movement(member: Member) -> Movement | None:
    """The open episode that the form edits: the latest, where both directions are open."""
    return (
        member.movements.filter(ended_on="")
        .select_related("home_organization", "host_organization", "member__organization")
        .order_by("-started_on", "-created_at")
        .first()
    )
