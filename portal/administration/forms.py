"""What administrators type."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from portal.administration import reach
from portal.models import Organization, User
from portal.roles import ROLE_DAYS, Right, Role, needs_two
from portal.shared_forms import SharedForm

NEW, KNOWN = "new", "known"
NO_SUCH_ACCOUNT = _("Your organizations have no account with this user name.")


class TermForm(forms.Form):
    """A role's end and its reason."""

    until = forms.DateField(
        label=_("Until (empty: until it is ended)"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}),
        error_messages={"invalid": _("Write the day as 2026-03-31.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=200, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please say why.")},
    )  # fmt: skip

    def clean_until(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise ValidationError(gettext("This day is over. Please give a day to come."))
        return day


def check_term(form: forms.Form, role: str, data: dict[str, Any]) -> None:
    """Add the error where the role must end within its days (portal.roles.ROLE_DAYS) and `until` says otherwise."""
    most = ROLE_DAYS.get(role)
    day = data.get("until")
    if most and "until" not in form.errors and (day is None or day > timezone.localdate() + dt.timedelta(days=most)):
        form.add_error(
            "until", gettext("This role must end: please give a day within the next %(days)d days.") % {"days": most}
        )


class DecideForm(forms.Form):
    """The second person's answer to a request."""

    answer = forms.CharField(
        label=_("A word to who asked (optional)"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class GrantForm(TermForm):
    """A role for a known account of the subtree, or for a new one."""

    pk = forms.UUIDField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label=_("Role"), widget=UnfoldAdminSelectWidget, error_messages={"required": _("Please choose a role.")}
    )
    who = forms.ChoiceField(
        label=_("For whom"), choices=[(KNOWN, _("an existing account")), (NEW, _("a new account"))], initial=KNOWN,
        widget=UnfoldAdminRadioSelectWidget,
    )  # fmt: skip
    username = forms.CharField(
        label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()],
        widget=UnfoldAdminTextInputWidget(attrs={"list": "known-accounts", "autocomplete": "off"}),
        error_messages={"required": _("Please type the user name.")},
        help_text=_("For a new account: letters and digits that the person logs in with."),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name (new account)"), max_length=50, required=False, widget=UnfoldAdminTextInputWidget
    )
    email = forms.EmailField(
        label=_("Work e-mail (new account, optional)"), required=False, widget=UnfoldAdminEmailInputWidget
    )
    field_order = ("pk", "role", "who", "username", "name", "email", "until", "reason")

    def __init__(self, *args: Any, node: Organization, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("pk", uuid.uuid4())
        super().__init__(*args, **options)
        self.node = node
        roles = [(role.value, self._label(role)) for role in reach.roles_to_give(node)]
        self.fields["role"].choices = [("", _("Please choose")), *roles]  # type: ignore[attr-defined]

    def _label(self, role: Role) -> str:
        if not needs_two(role, self.node.kind):
            return str(role.label)
        return gettext("%(role)s (a second administrator decides)") % {"role": role.label}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("who") == KNOWN and data.get("username"):
            data["user"] = self._known(data["username"])
        elif data.get("who") == NEW and not data.get("name"):
            self.add_error("name", gettext("Please type the name."))
        role = data.get("role", "")
        if role and needs_two(role, self.node.kind) and data.get("who") == NEW:
            self.add_error(
                "who", gettext("A role that two persons give is only for an account that is in use already.")
            )
        check_term(self, role, data)
        return data

    def _known(self, username: str) -> User | None:
        user = reach.accounts().filter(username=username).first()
        if user is None:
            self.add_error("username", NO_SUCH_ACCOUNT)
        elif not user.is_active:
            self.add_error("username", gettext("This account is switched off. Please switch it on first."))
        return user


class GrantRecordForm(SharedForm):
    """A role in force that two administrators may have open."""

    right = Right.GRANT_ACCESS

    def owning_organization(self) -> Organization:
        return self.record.content_object

    def lock(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select portal.lock_grant(%s)", [self.record.pk])


class RenewForm(GrantRecordForm, TermForm):
    """A new end and reason for the `role` that is renewed; `pk` becomes the request's where it takes two persons."""

    pk = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, role: str, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("pk", uuid.uuid4())
        super().__init__(*args, **options)
        self.role = role

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_term(self, self.role, data)
        return data


class EndForm(GrantRecordForm):
    """Nothing to type: only that the role is still what the page showed."""


class RenameForm(SharedForm):
    """The two names that an office may choose itself; name and code come from the official division."""

    right = Right.GRANT_ACCESS

    short_name = forms.CharField(
        label=_("short name"), max_length=60, required=False, widget=UnfoldAdminTextInputWidget
    )
    party_name = forms.CharField(
        label=_("name of the party organization"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )

    def owning_organization(self) -> Organization:
        return self.record


class BranchForm(forms.Form):
    """A new branch; its code is made by the portal."""

    pk = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of the branch"), max_length=100, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please type the name.")},
    )  # fmt: skip
    party_name = forms.CharField(
        label=_("Full name for letters (optional)"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("pk", uuid.uuid4())
        super().__init__(*args, **options)
