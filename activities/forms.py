"""Ticking who came."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from activities.services import MOST_OFFERED, attendance_choices
from portal import access


class AttendanceForm(forms.Form):
    """One tick per member. `ticked` remembers the ticks that the page showed: only what was changed there is saved, so
    that two who tick at once undo nothing of each other's, and a filter removes nobody."""

    ticked = forms.CharField(required=False, widget=forms.HiddenInput)
    came = forms.MultipleChoiceField(label=_("Who came"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, activity: Activity, actor: access.Actor, name: str = "", **options: Any) -> None:
        members = attendance_choices(activity, actor).select_related("organization")
        if name:
            members = members.named_like(name)
        self.members = list(members[: MOST_OFFERED + 1])
        self.is_cut = len(self.members) > MOST_OFFERED
        self.members = self.members[:MOST_OFFERED]
        listed = set(activity.attendances.values_list("member_id", flat=True))
        self.listed = [str(member.pk) for member in self.members if member.pk in listed]
        options["initial"] = {"came": self.listed, "ticked": ",".join(self.listed)}
        super().__init__(*args, **options)
        self.fields["came"].choices = [(str(member.pk), member.label) for member in self.members]  # type: ignore[attr-defined]

    def changed_ticks(self) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
        """Members whose tick was set on the page, and whose tick was taken away. Of a valid form."""
        came, text = set(self.cleaned_data["came"]), self.cleaned_data["ticked"]
        offered = {str(member.pk) for member in self.members}
        before = offered.intersection(text.split(",") if "ticked" in self.data else self.listed)
        return {uuid.UUID(pk) for pk in came - before}, {uuid.UUID(pk) for pk in before - came}
