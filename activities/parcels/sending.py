"""What parcels add to the list of members: send something to all who are ticked."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget

from activities.parcels import services
from portal import access
from portal.roles import Right


class SendForm(forms.Form):
    """`key` is the form's own, so that it sends once however often the button is pressed."""

    content = forms.CharField(
        label=_("what is sent"), max_length=60, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": _("Please write what is sent.")},
    )  # fmt: skip
    sent_on = forms.DateField(
        label=_("sent on"), initial=timezone.localdate, error_messages={"required": _("Please give the day.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_sent_on(self) -> Any:
        if self.cleaned_data["sent_on"] > timezone.localdate():
            raise ValidationError(gettext("This day is still to come."))
        return self.cleaned_data["sent_on"]


@admin.action(description=_("Send a parcel"))
def send_parcel_action(screen: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """A page that says who gets one and who does not, then one parcel for each."""
    actor = access.current()
    if actor is None or not access.may(Right.MANAGE_ACTIVITIES):
        messages.error(request, gettext("You may not do this here."))
        return None
    form = SendForm(request.POST if "content" in request.POST else None)
    try:
        if form.is_bound and form.is_valid():
            given = form.cleaned_data
            count = services.send_parcels(members=queryset, by=actor, **given)
            told = ngettext("%(count)d parcel is on the way.", "%(count)d parcels are on the way.", count)
            messages.success(request, told % {"count": count})
            return None
        found = services.recipients(queryset, actor)
    except PermissionDenied:
        messages.error(
            request, gettext("Nothing was changed: some of these people are looked after by another community.")
        )
        return None
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return None
    context = screen.admin_site.each_context(request) | {
        "title": gettext("Send a parcel"),
        "opts": screen.opts,
        "form": form,
        "found": found,
        "chosen": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "activities/parcels/send.html", context)
