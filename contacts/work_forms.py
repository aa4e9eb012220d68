"""The forms of a contact behind a work link, and of a visit. Plain fields: the phone pages work without scripts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.enums import Method, Outcome
from contacts.forms import OneContactForm
from contacts.log_parts import PartsMixin

CONTACT = ("contacted_on", "outcome", "method", "through", "note", "work", "life", "next_step", "next_on")


class WorkContactForm(PartsMixin):
    """Today, by phone, reached, unless changed. `key` tells a form that is sent twice from two contacts.

    `member`, `actor`: of a liaison, who gets the further parts and the people of one household (`home`); a visiting
    worker has neither.
    """

    mark = forms.CharField(max_length=64)
    key = forms.UUIDField()
    outcome = forms.ChoiceField(choices=Outcome, initial=Outcome.REACHED.value)
    method = forms.ChoiceField(choices=Method, initial=Method.PHONE.value)
    contacted_on = forms.DateField(
        error_messages={"required": _("Please give the day."), "invalid": _("Write the day as 2026-03-31.")}
    )
    note = forms.CharField(required=False, max_length=2000)
    through = forms.CharField(required=False, max_length=100)
    work = forms.CharField(required=False, max_length=2000)
    life = forms.CharField(required=False, max_length=2000)
    next_step = forms.CharField(required=False, max_length=500)
    next_on = forms.DateField(required=False, error_messages={"invalid": _("Write the day as 2026-03-31.")})
    together = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, member: Any = None, actor: Any = None, home: Sequence[Any] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.home = {str(one.pk): one for one in home}
        self.fields["contacted_on"].initial = timezone.localdate().isoformat()
        self.fields["together"].choices = [(pk, one.name) for pk, one in self.home.items()]  # type: ignore[attr-defined]
        self.parts = []
        if member is not None:
            self.add_parts(member, actor)

    @property
    def contact(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTACT}

    @property
    def others(self) -> list[Any]:
        """The people of the household who were ticked."""
        return [self.home[pk] for pk in self.cleaned_data["together"]]


class VisitForm(OneContactForm):
    """One visit, on a staff page. Nothing that was stored before is shown."""

    usual_method = Method.VISIT
