"""What people do about needs: take one down in a contact, work on it, answer it, hear that it is met.

Whoever may log a contact may raise a need and hear its confirmation; the rest takes the right to manage needs.
"""

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import ContactLog
from contacts.needs.enums import UNANSWERED, NeedCategory, NeedState, NeedStep
from contacts.needs.models import Need, NeedAction
from members.models import Member
from portal import access, crypto
from portal.asking import ask_database
from portal.models import User
from portal.roles import Right

DUE_DAYS = 14
"""When a need is answered, unless a day was agreed: two weeks, as the offices promise it."""


def raise_need(
    *, member: Member, organization: Any, category: str, detail: str, by: access.Actor, key: uuid.UUID, **details: Any
) -> uuid.UUID:
    """Take down a need of this file for an organization (its id). Returns the need's id.

    `key`: of what it came from, so that the same form stores it once. `details`: raised_on (today), due_on (DUE_DAYS
    later), contact (the id of the record in which it was told). Raises PermissionDenied for whoever may not log
    contacts with the member, ValidationError for unfit values.
    """
    access.must_act(by)
    raised_on = details.get("raised_on") or timezone.localdate()
    due_on = details.get("due_on") or max(raised_on, timezone.localdate()) + dt.timedelta(days=DUE_DAYS)
    if category not in NeedCategory.values or not detail.strip():
        raise ValidationError(_("Choose the kind of need and write what is needed."))
    if due_on < raised_on or raised_on > timezone.localdate():
        raise ValidationError(_("The need cannot be answered before it was raised."))
    need = Need(id=key_of(key, member), member=member)
    need.detail = detail
    values = [need.pk, member.pk, organization, category, raised_on, due_on, details.get("contact"),
              need.detail_sealed, need.detail_digest]  # type: ignore[attr-defined]  # fmt: skip
    ask_database("raise_need", *values)
    return need.pk


def raise_from_contact(log: ContactLog, *, category: str, detail: str, due_on: Any, by: access.Actor) -> uuid.UUID:
    """The need that was told in a contact; the contact sent twice holds it once. Errors as for raise_need."""
    return raise_need(
        member=log.member, organization=log.organization_id, category=category, detail=detail, by=by, key=log.pk,
        contact=log.pk, raised_on=log.contacted_on, due_on=due_on,
    )  # fmt: skip


def raise_from_visit(visited: uuid.UUID, *, by: access.Actor, key: uuid.UUID, **told: Any) -> uuid.UUID:
    """The need that was told to a visiting worker, who reads neither file nor need. `key`: the visit's; `told`:
    category, detail, due_on, raised_on. Raises Http404 for somebody who is not on the own list."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.visit_key(%s)", [visited])
        data_key = cursor.fetchone()[0]
    if data_key is None:
        raise Http404
    # never saved: it seals the text for the place where the database writes it
    member = Member(id=visited, data_key=data_key)
    return raise_need(member=member, organization=None, by=by, key=key, contact=key, **told)


def access_need(actor: access.Actor, pk: Any) -> Need:
    """The need, if the actor reads it. Raises Http404 alike for absent and out of scope."""
    try:
        rows = Need.objects.visible_to(actor).select_related("member__organization", "organization", "owner", "contact")
        return rows.get(pk=pk)
    except (Need.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def may_manage(need: Need) -> bool:
    """Whether the current actor works on this need."""
    return access.may(Right.MANAGE_NEEDS, need.organization)


def plan_need(*, need: Need, by: access.Actor, **plan: Any) -> None:
    """Set category, owner (a user or None), due_on and follow_on, as far as they are given."""
    _manage(need, by)
    changed = [name for name in ("category", "owner", "due_on", "follow_on") if name in plan]
    for name in changed:
        setattr(need, name, plan[name])
    if need.due_on < need.raised_on:
        raise ValidationError(_("The need cannot be answered before it was raised."))
    if changed:
        need.save(update_fields=changed)


def note_action(*, need: Need, text: str, by: access.Actor, on: dt.date | None = None) -> None:
    """Write down what was done; an open need is being handled from then on.

    Raises PermissionDenied without the right, ValidationError for a day to come or no text.
    """
    _manage(need, by)
    if not text.strip():
        raise ValidationError(_("Please write what was done."))
    if need.state == NeedState.OPEN:
        need.state = NeedState.DOING
        need.save(update_fields=["state"])
    _write(need, NeedStep.NOTED, by, text=text, on=on)


def take_need(*, need: Need, by: access.Actor, owner: User | None = None) -> None:
    """Start to handle a need: by `owner`, or by the acting user."""
    _manage(need, by)
    if need.state != NeedState.OPEN:
        raise ValidationError(_("The state has changed meanwhile. Please look at the need again."))
    need.state, need.owner_id = NeedState.DOING, owner.pk if owner else by.user_id
    need.save(update_fields=["state", "owner"])
    _write(need, NeedStep.TAKEN, by)


def answer_need(*, need: Need, outcome: str, text: str, by: access.Actor, on: dt.date | None = None) -> None:
    """Close a need with its outcome; it waits for the member's confirmation. Errors as for note_action."""
    _manage(need, by)
    if not outcome or not text.strip():
        raise ValidationError(_("A need is closed with its outcome and with what was done."))
    if need.state not in UNANSWERED:
        raise ValidationError(_("The state has changed meanwhile. Please look at the need again."))
    need.state, need.outcome, need.follow_on = NeedState.ANSWERED, outcome, None
    need.answered_on = on or timezone.localdate()
    need.save(update_fields=["state", "outcome", "answered_on", "follow_on"])
    _write(need, NeedStep.ANSWERED, by, text=text, on=on, outcome=outcome)


def confirm_need(*, need: Need, is_met: bool, by: access.Actor, text: str = "") -> bool:
    """What the member said about an answered need: met, or not (then it is to do again).

    Whoever may log a contact with the member may. False where it does not wait for that any more. Raises
    PermissionDenied otherwise.
    """
    access.must_act(by)
    step = NeedAction(need=need)
    step.text = text
    values = [need.pk, is_met, step.text_sealed, step.text_digest, step.pk]  # type: ignore[attr-defined]
    return bool(ask_database("confirm_need", *values))


def reopen_need(*, need: Need, text: str, by: access.Actor) -> None:
    """Take an answered or confirmed need up again; what was done before stays in its history."""
    _manage(need, by)
    if not text.strip():
        raise ValidationError(_("Please write why it is opened again."))
    if need.state in UNANSWERED:
        raise ValidationError(_("The state has changed meanwhile. Please look at the need again."))
    need.state, need.outcome, need.answered_on, need.confirmed_on = NeedState.OPEN, "", None, None
    need.reopened += 1
    need.due_on = max(need.due_on, timezone.localdate())
    need.save(update_fields=["state", "outcome", "answered_on", "confirmed_on", "reopened", "due_on"])
    _write(need, NeedStep.REOPENED, by, text=text)


def colleagues(need: Need) -> list[User]:
    """Who can be put in charge: those who manage needs there, out of the actor's own office and the offices below."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.colleagues(%s, %s)", [Right.MANAGE_NEEDS, need.organization_id])
        return list(User.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).order_by("name", "username"))


def key_of(key: uuid.UUID, member: Member) -> uuid.UUID:
    """The need's id: of this source and this member, so that nobody can aim at another row's."""
    return uuid.UUID(bytes=crypto.digest("need", f"{key}\0{member.pk}")[:16])


def _write(
    need: Need, step: str, by: access.Actor, *, text: str = "", on: dt.date | None = None, outcome: str = ""
) -> None:
    on = on or timezone.localdate()
    if on > timezone.localdate() or on < need.raised_on:
        raise ValidationError(_("The day lies before the need was raised, or is still to come."))
    row = NeedAction(need=need, step=step, outcome=outcome, done_on=on, recorded_by_id=by.user_id)
    row.text = text
    row.save(force_insert=True)


def _manage(need: Need, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.MANAGE_NEEDS, need.organization)
