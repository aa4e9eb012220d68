"""Post a small wish, take it over, give it back, fulfil it, withdraw it."""

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.wishes.models import Wish, WishState
from members.models import Member
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

UNCLAIMED_DAYS = 7
"""A wish that nobody took over for longer is listed (微心愿)."""


def post_wish(*, member: Member, text: str, by: access.Actor, key: uuid.UUID) -> uuid.UUID:
    """Write a wish of this member down for the managing organization; the same form sent twice is one wish.

    Raises PermissionDenied without the right to manage needs there, ValidationError without a text.
    """
    access.must_act(by)
    access.require(Right.MANAGE_NEEDS, member.organization)
    if not text.strip():
        raise ValidationError(_("Please write what is wished for."))
    wish = Wish(id=uuid.uuid5(key, str(member.pk)), member=member, organization_id=member.organization_id,
                posted_by_id=by.user_id)  # fmt: skip
    wish.text = text.strip()[:500]
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
    except IntegrityError:
        if not Wish.objects.filter(pk=wish.pk, member=member).exists():
            raise
    return wish.pk


def claim_wish(*, wish: uuid.UUID, claimant: str, by: access.Actor) -> None:
    """Note who takes an open wish over, a person or a unit. Two at once: one gets it, the other is told.

    Raises Http404 for a wish out of reach, ValidationError without a name, or when somebody has it already.
    """
    if not claimant.strip():
        raise ValidationError(_("Please write who takes the wish over."))
    changed = {"claimant": claimant.strip()[:60], "claimed_on": timezone.localdate(), "claimed_by_id": by.user_id}
    refusal = _("Somebody has taken this wish over already.")
    row = _change(wish, by, WishState.OPEN, WishState.CLAIMED, refusal, **changed)
    AuditEntry.objects.create(
        actor=str(by), action="wish_claimed", organization_id=row.organization_id, object_type="member",
        object_id=row.member_id,
    )  # fmt: skip


def give_back(*, wish: uuid.UUID, by: access.Actor) -> None:
    """Whoever took the wish over cannot fulfil it: it is open again. Errors as in claim_wish."""
    changed = {"claimant": "", "claimed_on": None, "claimed_by_id": None}
    _change(wish, by, WishState.CLAIMED, WishState.OPEN, _moved_on(), **changed)


def fulfil_wish(*, wish: uuid.UUID, by: access.Actor) -> None:
    """The wish that somebody took over is fulfilled as of today. Errors as in claim_wish."""
    _change(wish, by, WishState.CLAIMED, WishState.FULFILLED, _moved_on(), closed_on=timezone.localdate())


def withdraw_wish(*, wish: uuid.UUID, by: access.Actor) -> None:
    """An open wish is not wished for any more. Errors as in claim_wish."""
    _change(wish, by, WishState.OPEN, WishState.WITHDRAWN, _moved_on(), closed_on=timezone.localdate())


def unclaimed(rows: Any, today: dt.date) -> Any:
    """Of these wishes those that nobody has taken over for more than UNCLAIMED_DAYS."""
    return rows.filter(state=WishState.OPEN, posted_on__lt=today - dt.timedelta(days=UNCLAIMED_DAYS))


def _change(
    wish: uuid.UUID, by: access.Actor, before: WishState, after: WishState, refusal: str, **changed: Any
) -> Wish:
    """One statement that touches the row only in the state that was seen: whoever comes second changes nothing."""
    access.must_act(by)
    reach = Wish.objects.visible_to(by, Right.MANAGE_NEEDS).filter(pk=wish)
    row = reach.first()
    if row is None:
        raise Http404
    if not reach.filter(state=before).update(state=after, **changed):
        raise ValidationError(refusal)
    return row


def _moved_on() -> str:
    return _("This wish has changed meanwhile. Please look at it again.")
