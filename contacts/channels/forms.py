from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from contacts.channels.models import ChannelAccount, validate_webhook
from portal.shared_forms import SharedModelForm


class AccountForm(SharedModelForm):
    """The robot of a work group. Its address goes in and never comes out again, not even after a mistake."""

    sealed_labels = {"webhook": _("address of the robot")}

    new_webhook = forms.CharField(
        label=_("address of the robot"), required=False, max_length=500, widget=UnfoldAdminPasswordWidget,
        help_text=_("In the group: group settings, robots, add one, copy its webhook address, and paste it here."
                    " Whoever knows the address can write into the group: do not send it to anybody."),
    )  # fmt: skip

    class Meta:
        model = ChannelAccount
        fields = ["organization", "name", "is_active"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "new_webhook" in self.fields:
            self.fields["new_webhook"].widget.attrs["autocomplete"] = "new-password"
            if self.instance.webhook_digest:
                kept = gettext("An address is stored. It is not shown; leave this empty to keep it.")
                self.fields["new_webhook"].help_text = kept
        if "is_active" in self.fields:
            self.fields["is_active"].help_text = gettext(
                "While it is switched on, the group reads once on a day with new reminders how many people each liaison"
                " has to contact. No member is named."
            )

    def clean_new_webhook(self) -> str:
        address: str = self.cleaned_data["new_webhook"].strip()
        if address:
            validate_webhook(address)
        return address

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("is_active") and not (given.get("new_webhook") or self.instance.webhook_digest):
            self.add_error("new_webhook", ValidationError(gettext("Please enter the address before you switch it on.")))
        elif given.get("new_webhook"):
            self.instance.webhook = given["new_webhook"]
        return given
