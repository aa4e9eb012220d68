"""Setting up the robots of work groups, and letting one say a test."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.channels.base import Outcome
from contacts.channels.models import ChannelAccount
from contacts.channels.robot import say
from contacts.channels.texts import office_name
from portal import access
from portal.limits import HourlyCounter
from portal.models import AuditEntry
from portal.roles import Right

TESTS_PER_HOUR = 10
_tests = HourlyCounter("robot-tests")


def access_account(actor: access.Actor, pk: Any) -> ChannelAccount:
    """The robot, if the actor may set it up. Raises Http404 alike for absent and out of scope."""
    try:
        rows = ChannelAccount.objects.visible_to(actor, Right.ASSIGN_LIAISONS).select_related("organization")
        return rows.get(pk=pk)
    except (ChannelAccount.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def note_account(action: str, account: ChannelAccount, by: access.Actor) -> None:
    """Write down that a robot was set up, changed or tested; never its address."""
    AuditEntry.objects.create(
        actor=str(by), action=action, organization_id=account.organization_id, object_type="contacts.channelaccount",
        object_id=account.pk,
    )  # fmt: skip


def try_account(*, account: ChannelAccount, by: access.Actor) -> Outcome:
    """Let the robot say a short text in its group, and keep what became of it. Waits for the answer (10 s at most).

    Raises PermissionDenied without the right to arrange liaisons there, ValidationError without an address and beyond
    ten tests in an hour.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, account.organization)
    if not account.webhook:
        raise ValidationError(_("No address is stored for this robot yet."))
    if _tests.count(str(account.pk)) > TESTS_PER_HOUR:
        raise ValidationError(_("This robot was tested many times in this hour. Please wait a little."))
    with translation.override(settings.LANGUAGE_CODE):
        told = {"office": office_name(account.organization), "at": timezone.localtime().strftime("%H:%M")}
        outcome = say(account.webhook, _("%(office)s: this is a test of the work group robot, %(at)s.") % told)
    account.tested_at, account.tested_by_id = timezone.now(), by.user_id
    account.test_state, account.test_reason = outcome.state, outcome.reason
    account.save(update_fields=["tested_at", "tested_by", "test_state", "test_reason"])
    note_account("robot_tested", account, by)
    return outcome


def group_places(actor: access.Actor) -> list[uuid.UUID]:
    """The organizations whose work group texts the actor may copy: where a right to see members was given."""
    access.must_act(actor)
    return list(access.granted_nodes(Right.VIEW_MEMBERS))
