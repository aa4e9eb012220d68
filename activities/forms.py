"""Ticking who came."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from activities.services import MOST_OFFERED, attendance_choices
from members.models import Member
from portal import access


class AttendanceForm(forms.Form):
    """One tick per member; `offered` remembers who stood on the page, so that a filter removes nobody."""

    came = forms.MultipleChoiceField(label=_("Who came"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, activity: Activity, actor: access.Actor, name: str = "", **options: Any) -> None:
        members = attendance_choices(activity, actor).select_related("organization")
        if name:
            members = members.named_like(name)
        self.members = list(members[: MOST_OFFERED + 1])
        self.is_cut = len(self.members) > MOST_OFFERED
        self.members = self.members[:MOST_OFFERED]
        listed = set(activity.attendances.values_list("member_id", flat=True))
        options["initial"] = {"came": [str(member.pk) for member in self.members if member.pk in listed]}
        super().__init__(*args, **options)
        self.fields["came"].choices = [(str(member.pk), _label(member)) for member in self.members]  # type: ignore[attr-defined]


def _label(member: Member) -> str:
    """Name (birth year · last four digits of the mobile · community): people of one name are told apart."""
    marks = [member.birth_date[:4], member.masked_mobile[-4:], str(member.organization)]
    return f"{member.name}（{' · '.join(mark for mark in marks if mark)}）"
