"""What an office has with a side of a member that is no organization on the portal: letters and exchanges."""

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from contacts.enums import Method, Outcome, Source, Standing
from contacts.models import ContactLog, ContactObligation
from contacts.services import contact_row
from members.models import Member
from portal import access, crypto
from portal.roles import Right


def outside_sides(member: Member) -> list[ContactObligation]:
    """The sides outside the portal of a member whose managing organization the actor may log contacts for."""
    if not access.may(Right.LOG_CONTACTS, member.organization):
        return []
    return list(ContactObligation.objects.current().filter(member=member, standing=Standing.OUTSIDE).order_by("side"))


def log_exchange(
    *, member: Member, by: access.Actor, key: uuid.UUID, contacted_on: dt.date, note: str, is_reached: bool
) -> ContactLog:
    """Write down that the managing organization exchanged with the party organization outside, or tried to.

    It stands on that side and moves no due date of anybody. The same `key` is stored once. Raises PermissionDenied
    where no side is outside or the right is missing, ValidationError for a day to come.
    """
    access.must_act(by)
    duty = next(iter(outside_sides(member)), None)
    if duty is None:
        raise PermissionDenied(Right.LOG_CONTACTS)
    named = "\0".join([str(by), str(duty.pk), str(key)])
    log = contact_row(
        member, duty.side, duty.organization_id, by,
        {
            "key": uuid.UUID(bytes=crypto.digest("contact form", named)[:16]), "contacted_on": contacted_on,
            "note": note, "method": Method.OTHER, "source": Source.EXCHANGE,
            "outcome": Outcome.REACHED if is_reached else Outcome.NO_ANSWER,
        },
        None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            log.save(force_insert=True)
    except IntegrityError:  # the same form again
        return ContactLog.objects.get(pk=log.pk)
    return log
