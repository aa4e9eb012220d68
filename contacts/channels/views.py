"""Pages beside the robots' screen: the test, and the text of a work group for whoever copies it by hand."""

import uuid

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.channels.admin import last_test_words
from contacts.channels.models import ChannelAccount
from contacts.channels.robot import MOST_BYTES
from contacts.channels.services import access_account, group_places, try_account
from contacts.channels.texts import group_letter, group_text, office_name
from contacts.enums import MessageState
from contacts.models import ContactObligation
from portal import access
from portal.models import Organization
from portal.roles import Right

MOST_PLACES = 5


@require_http_methods(["GET", "HEAD", "POST"])
def robot_test(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, then let the robot say a test and tell what became of it."""
    account = access_account(access.actor(), pk)
    if request.method == "POST":
        _test(request, account)
        return redirect("contacts:test_robot", pk=account.pk)
    options = ChannelAccount._meta
    context = admin.site.each_context(request) | {
        "title": _("Test the work group robot"),
        "subtitle": account.name,
        "account": account,
        "last_test": last_test_words(account),
        "opts": options,
        "original": account,
    }
    return TemplateResponse(request, "contacts/channels/test.html", context)


def _test(request: HttpRequest, account: ChannelAccount) -> None:
    try:
        outcome = try_account(account=account, by=access.actor())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return
    if outcome.state == MessageState.SENT:
        messages.success(request, _("The robot has taken the test. Please look into the group."))
    elif outcome.state == MessageState.UNSURE:
        messages.warning(request, _("No clear answer came. Please look into the group whether the test is there."))
    else:
        messages.error(request, _("The test did not arrive: %(why)s.") % {"why": account.get_test_reason_display()})


@require_safe
def group_texts(request: HttpRequest) -> HttpResponse:
    """What may be said in a work group today: for each place of the reader's, one text. Names no member."""
    if not access.may(Right.VIEW_MEMBERS):
        raise PermissionDenied
    actor, today = access.actor(), timezone.localdate()
    places = Organization.objects.filter(pk__in=group_places(actor)).select_related("parent")
    letters = [group_letter(office_name(place), place.pk, today) for place in places.order_by("path")[:MOST_PLACES]]
    options = ContactObligation._meta
    context = admin.site.each_context(request) | {
        "title": _("Text for the work group"),
        "texts": [(letter, group_text(letter, most_bytes=MOST_BYTES)) for letter in letters],
        "opts": options,
        "app_label": options.app_label,
    }
    return TemplateResponse(request, "contacts/channels/group_texts.html", context)
