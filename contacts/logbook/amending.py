"""Corrections: a new record that points to the one it corrects. The original stays readable, and counts no more."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import BY_HAND
from contacts.models import ContactLog
from contacts.querysets import acts_as_liaison, assigned_to
from contacts.services import ContactDetails, acting_liaison, contact_row
from portal import access
from portal.roles import Right

CORRECTED_WITHIN = dt.timedelta(days=170)  # less than reminders are kept: a due date that returns must find its own


def access_contact(actor: access.Actor, pk: uuid.UUID) -> ContactLog:
    """The record, if the actor reads it. Raises Http404 for absent and out of reach alike."""
    rows = ContactLog.objects.visible_to(actor).select_related("member__organization", "liaison", "recorded_by")
    try:
        return rows.get(pk=pk)
    except ContactLog.DoesNotExist:
        raise Http404 from None


def may_amend(contact: ContactLog, actor: access.Actor) -> bool:
    """Whether the actor logs contacts for the side of this record, a person wrote it, and nothing corrects it yet."""
    if contact.source not in BY_HAND or contact.recorded_at < timezone.now() - CORRECTED_WITHIN:
        return False
    if ContactLog.objects.filter(amends=contact.pk).exists():
        return False
    if contact.organization_id in access.organization_ids(Right.LOG_CONTACTS):
        return True
    is_managing = contact.organization_id == contact.member.organization_id
    return is_managing and acts_as_liaison(actor) and assigned_to(actor).filter(member=contact.member_id).exists()


def is_amended(contact: ContactLog) -> bool:
    """Whether a later record corrects this one."""
    return hasattr(contact, "amended_by")


def amend_contact(
    *, contact: ContactLog, by: access.Actor, then: Callable[[ContactLog], None] | None = None,
    **details: Unpack[ContactDetails],
) -> ContactLog:  # fmt: skip
    """Put a corrected record in the place of this one; dates and reminders follow from it in this transaction.

    `details` as for services.log_contact, whole: what is not named is empty. The same `key` twice is stored once, and
    so is what `then` stores beside it.
    Raises PermissionDenied without the right, ValidationError where another correction came first.
    """
    access.must_act(by)
    later = ContactLog.objects.filter(amends=contact.pk).first()
    if later is not None and later.pk == details.get("key"):
        return later
    if later is not None:
        raise ValidationError(_("This record has been corrected already."))
    if not may_amend(contact, by):
        raise PermissionDenied(Right.LOG_CONTACTS)
    same: Any = {"liaison": details.get("liaison") or contact.liaison, "source": contact.source}
    row = contact_row(
        contact.member, contact.side, contact.organization_id, by, {**details, **same}, acting_liaison(by)
    )
    row.amends = contact
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if then is not None:
                then(row)
    except IntegrityError:
        raise ValidationError(_("This record has been corrected already.")) from None
    return row
