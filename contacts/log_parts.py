"""Further parts of every form in which a contact is logged: a list, to which later apps append.

A part brings fields of its own, is offered or not to this actor for this member, and stores what was typed together
with the record. It is drawn as a box of its own, on the staff page and on the phone.
"""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts.enums import Outcome
from contacts.logbook.numbers import may_replace_mobile, replace_mobile
from contacts.models import ContactLog, ThoughtNote
from members.models import Member
from members.validators import clean_field
from portal import access


class LogPart:
    """`name`: of the box; `title`: its words; `hint`: a sentence below them; `only`: the outcome with which it is
    shown (others hide it by style, and it stores nothing)."""

    name: str
    title: str | Promise
    hint: str | Promise = ""
    only: str = ""

    def fields(self, member: Member, actor: access.Actor) -> dict[str, forms.Field]:
        """The fields, by names that no other part uses; empty where the part is not offered."""
        raise NotImplementedError

    def save(self, log: ContactLog, given: dict[str, Any], by: access.Actor) -> None:
        """Store the cleaned values of the own fields beside a new record."""
        raise NotImplementedError


class MobileField(forms.CharField):
    def clean(self, value: Any) -> str:
        return clean_field("mobile", super().clean(value))


class NewNumber(LogPart):
    """停机、空号: the new number, where somebody knows it."""

    name, title, only = "number", _("New number"), Outcome.DEAD_NUMBER.value
    hint = _("The former number stays known: searches and ledgers still find the person by it.")

    def fields(self, member: Member, actor: access.Actor) -> dict[str, forms.Field]:
        if not may_replace_mobile(member, actor):
            return {}
        box = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "autocomplete": "off"})
        label = _("New mobile number (if it is known)")
        return {"new_mobile": MobileField(label=label, required=False, max_length=30, widget=box)}

    def save(self, log: ContactLog, given: dict[str, Any], by: access.Actor) -> None:
        if given["new_mobile"]:
            replace_mobile(member=log.member, number=given["new_mobile"], by=by)


class Thoughts(LogPart):
    """思想动态: a box apart, collapsed, for few readers."""

    name, title = "thoughts", _("Thoughts (few may read this)")
    hint = _("Read by whoever writes it, the liaison and those in charge alone.")

    def fields(self, member: Member, actor: access.Actor) -> dict[str, forms.Field]:
        box = UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off"})
        label = _("Note on thoughts (optional)")
        return {"thoughts": forms.CharField(label=label, required=False, max_length=2000, widget=box)}

    def save(self, log: ContactLog, given: dict[str, Any], by: access.Actor) -> None:
        if given["thoughts"]:
            row = ThoughtNote(
                contact=log, member=log.member, organization_id=log.organization_id, recorded_by_id=by.user_id
            )
            row.note = given["thoughts"]
            row.save(force_insert=True)


PARTS: list[LogPart] = [NewNumber(), Thoughts()]


class PartsMixin(forms.Form):
    """A form with the parts that are offered. `boxes`: for the templates."""

    def add_parts(self, member: Member, actor: access.Actor) -> None:
        self.parts: list[tuple[LogPart, list[str]]] = []
        for part in PARTS:
            fields = part.fields(member, actor)
            if fields:
                self.fields.update(fields)
                self.parts.append((part, list(fields)))

    @property
    def boxes(self) -> list[dict[str, Any]]:
        return [
            {"part": part, "fields": [self[name] for name in names], "is_wrong": any(n in self.errors for n in names)}
            for part, names in self.parts
        ]

    @property
    def own_fields(self) -> list[Any]:
        """The visible fields that belong to no part."""
        apart = {name for _part, names in self.parts for name in names}
        return [field for field in self.visible_fields() if field.name not in apart]

    def details(self) -> dict[str, Any]:
        """What was typed about the contact itself."""
        apart = {name for _part, names in self.parts for name in names}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    def save_parts(self, log: ContactLog, by: access.Actor) -> None:
        for part, names in self.parts:
            if part.only in ("", log.outcome):
                part.save(log, {name: self.cleaned_data[name] for name in names}, by)
