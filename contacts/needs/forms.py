"""What is typed about needs: beside a contact, and on the page of one need."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from contacts.forms import day_field
from contacts.models import ContactLog
from contacts.needs.enums import UNANSWERED, NeedCategory, NeedOutcome, NeedState
from contacts.needs.models import Need
from contacts.needs.services import DUE_DAYS, colleagues, confirm_need, raise_from_contact
from members.models import Member
from portal import access
from portal.shared_forms import SharedForm

NO_NEED = ("", _("no need was raised"))
MOST_WAITING = 5


class NeedPart(forms.Form):
    """The part of a contact's form in which a need is taken down, and answered ones are confirmed. All of it may stay
    empty. Valid and saved together with the contact."""

    need_category = forms.ChoiceField(
        label=_("Kind of need"), required=False, choices=[NO_NEED, *NeedCategory.choices],
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    need_detail = forms.CharField(
        label=_("What is needed"), required=False, max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    need_due_on = day_field(_("Answer by"), required=False)

    def __init__(self, *args: Any, waiting: list[Need], **options: Any) -> None:
        super().__init__(*args, **options)
        self.waiting = waiting
        due = timezone.localdate() + dt.timedelta(days=DUE_DAYS)
        self.fields["need_due_on"].initial = due.isoformat()
        for need in waiting:
            self.fields[_met(need)] = forms.ChoiceField(
                required=False,
                choices=[("", _("not asked")), ("yes", _("yes, it is met")), ("no", _("no, it is still open"))],
                initial="",
                widget=UnfoldAdminSelectWidget,
            )

    def asked(self) -> list[tuple[Need, Any]]:
        """The needs that wait for the member's word, each with its field."""
        return [(need, self[_met(need)]) for need in self.waiting]

    def is_opened(self) -> bool:
        return bool(self.errors or self.waiting or (self.is_bound and self.data.get("need_category")))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("need_detail") and not given.get("need_category"):
            self.add_error("need_category", gettext("Choose the kind of need and write what is needed."))
        if given.get("need_category") and not given.get("need_detail"):
            self.add_error("need_detail", gettext("Choose the kind of need and write what is needed."))
        due = given.get("need_due_on")
        if given.get("need_category") and due and due < timezone.localdate():
            self.add_error("need_due_on", gettext("This day is over already."))
        return given

    @property
    def raised(self) -> dict[str, Any] | None:
        """category, detail and due_on of the need that was raised; None without one. Of a valid form."""
        if not self.cleaned_data.get("need_category"):
            return None
        return {name: self.cleaned_data[f"need_{name}"] for name in ("category", "detail", "due_on")}

    def save(self, log: ContactLog, by: access.Actor) -> None:
        """Store what was told in this contact."""
        if self.raised:
            raise_from_contact(log, by=by, **self.raised)
        for need in self.waiting:
            word = self.cleaned_data.get(_met(need))
            if word:
                confirm_need(need=need, is_met=word == "yes", by=by)


def _met(need: Need) -> str:
    """The field in which the member's word on this need stands; not the whole key, which is on no page."""
    return f"need_met_{need.pk.hex[:8]}"


def need_part(data: Any, member: Member, actor: access.Actor) -> NeedPart:
    """The part for one member: with the answered needs of the own side, which wait for the member's word."""
    files = [member, *member.linked_files]
    rows = Need.objects.visible_to(actor).filter(member__in=files, state=NeedState.ANSWERED)[:MOST_WAITING]
    waiting = list(rows)
    for need in waiting:
        need.member = next(file for file in files if file.pk == need.member_id)  # its key opens the text
    return NeedPart(data, waiting=waiting)


def save_boxes(log: ContactLog, *, typed: tuple[Any, NeedPart], by: access.Actor) -> None:
    """What was told in the further boxes and in the part about needs: stored with a contact that is new."""
    form, part = typed
    form.save_parts(log, by)
    part.save(log, by)


class NeedForm(SharedForm):
    """What is done about one need: a line for its history, the next state, who is in charge and until when."""

    sealed_labels = {"detail": _("What is needed")}

    step = forms.ChoiceField(label=_("How it stands"), required=False, widget=UnfoldAdminRadioSelectWidget)
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Please choose")), *NeedOutcome.choices],
        widget=UnfoldAdminSelectWidget, help_text=_("Needed to close it."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What was done"), required=False, max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    done_on = day_field(_("Done on"))
    # the name of the account: keys of accounts are on no page
    owner = forms.ChoiceField(label=_("Person in charge"), required=False, widget=UnfoldAdminSelectWidget)
    due_on = day_field(_("Answer by"))
    follow_on = day_field(_("Look again on"), required=False)
    category = forms.ChoiceField(label=_("Kind of need"), choices=NeedCategory.choices, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, record: Need, **options: Any) -> None:
        initial = {
            "step": "", "done_on": timezone.localdate(), "due_on": record.due_on, "follow_on": record.follow_on,
            "category": record.category, "owner": record.owner.username if record.owner else "",
        }  # fmt: skip
        super().__init__(*args, record=record, initial=initial, **options)
        self.people = {user.username: user for user in colleagues(record)}
        if record.owner:  # stays, wherever the account is
            self.people[record.owner.username] = record.owner
        fields: Any = self.fields
        fields["owner"].choices = [("", _("nobody yet")), *((name, str(user)) for name, user in self.people.items())]
        fields["step"].choices = next_steps(record)
        if record.state not in UNANSWERED:
            for name in ("outcome", "follow_on"):
                del fields[name]

    def clean_done_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["done_on"]
        if day > timezone.localdate() or day < self.record.raised_on:
            raise forms.ValidationError(gettext("The day lies before the need was raised, or is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        step, text = given.get("step"), (given.get("text") or "").strip()
        if step == "answered" and not given.get("outcome"):
            self.add_error("outcome", gettext("A need is closed with its outcome and with what was done."))
        if step in ("answered", "reopened") and not text:
            self.add_error("text", gettext("Please write what was done."))
        due = given.get("due_on")
        if due and due < self.record.raised_on:
            self.add_error("due_on", gettext("The need cannot be answered before it was raised."))
        return given

    def plan(self) -> dict[str, Any]:
        """Category, owner and days as they shall be. Of a valid form."""
        given = {name: self.cleaned_data[name] for name in ("category", "due_on", "follow_on")
                 if name in self.cleaned_data}  # fmt: skip
        return given | {"owner": self.people.get(self.cleaned_data["owner"])}


def next_steps(need: Need) -> list[tuple[str, Any]]:
    """What can be done next, by state; "" leaves the state as it is."""
    if need.state == NeedState.OPEN:
        return [("", _("stays to do")), ("taken", _("take in hand")), ("answered", _("answered: close it"))]
    if need.state == NeedState.DOING:
        return [("", _("goes on")), ("answered", _("answered: close it"))]
    again = ("reopened", _("open it again"))
    if need.state == NeedState.ANSWERED:
        return [("", _("waits for the member")), ("confirmed", _("the member has confirmed it")), again]
    return [("", _("stays closed")), again]
