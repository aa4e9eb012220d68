"""What a liaison does with a personal work link: see who is due, call, log. And how the clerk gives and takes it."""

import datetime as dt
import uuid
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import ContactLog, ContactObligation, Liaison, LiaisonAssignment
from contacts.querysets import assigned_to, is_acting
from members import revealing
from members.models import Member
from portal import access, links
from portal.models import AuditEntry, LinkSubject, WorkLink

SOON_DAYS = 7
MOST_AT_HOME = 8


def issue_link(*, liaison: Liaison, by: access.Actor) -> links.Issued:
    """Make a personal work link of the liaison; a former one ends. Errors as in portal.links.issue."""
    if not liaison.is_active:
        raise Http404
    return links.issue(
        organization=liaison.organization, kind=LinkSubject.LIAISON, subject_id=liaison.pk, by=by
    )  # fmt: skip


def revoke_link(*, liaison: Liaison, by: access.Actor) -> None:
    """End the liaison's work link, if there is one."""
    for link in links.open_links(liaison.organization, LinkSubject.LIAISON, liaison.pk):
        links.close(link=link, by=by)


def latest_link(liaison: Liaison) -> WorkLink | None:
    """The link that was made last, whatever became of it."""
    return links.latest_links(liaison.organization, LinkSubject.LIAISON, liaison.pk).first()


def acting_liaison(actor: access.Actor) -> Liaison | None:
    """The liaison who acts, or None when the link or the person is not in force any more."""
    return Liaison.objects.active().filter(is_acting(actor)).first()


def own_members(actor: access.Actor) -> models.QuerySet[Member]:
    """The acting liaison's members, the most urgent first, each with `due_on`, `limit_on`, `paused_until` and
    `last_success_on` of the managing side's duty (None where nobody has to make contact), `next_on`: the day of the
    next step that the last contact named, and `is_deputy` where somebody else is the liaison."""
    file = Coalesce(OuterRef("same_as"), OuterRef("pk"))  # the duties of a linked file are the kept one's
    duty = ContactObligation.objects.open().filter(member=file, organization=OuterRef("organization_id"))
    earliest = duty.order_by("due_on")
    latest = ContactLog.objects.latest_of(OuterRef("pk"), OuterRef("organization_id"))
    deputy = LiaisonAssignment.objects.open().filter(is_acting(actor, "liaison__"), member=OuterRef("pk"))
    return (
        Member.objects.filter(pk__in=assigned_to(actor))
        .select_related("organization__parent")
        .annotate(
            due_on=Subquery(earliest.values("due_on")[:1]),
            limit_on=Subquery(earliest.values("limit_on")[:1]),
            paused_until=Subquery(earliest.values("paused_until")[:1]),
            last_success_on=Subquery(earliest.values("last_success_on")[:1]),
            next_on=Subquery(latest.values("next_on")[:1]),
            is_deputy=Exists(deputy.filter(is_primary=False)),
        )
        .order_by(F("due_on").asc(nulls_last=True), "name_pinyin", "id")
    )


def access_own(actor: access.Actor, pk: uuid.UUID) -> Any:
    """One member of `own_members`. Raises Http404 for everybody else's and for absent ones alike."""
    try:
        return own_members(actor).get(pk=pk)
    except Member.DoesNotExist:
        raise Http404 from None


def household(actor: access.Actor, member: Any) -> list[Any]:
    """The other members of `own_members` with the same address or the same number: one call reaches them all."""
    same = Q(current_address_digest=member.current_address_digest) if member.current_address_digest else Q(pk=None)
    if member.mobile_digest:
        same |= Q(mobile_digest=member.mobile_digest)
    return list(own_members(actor).filter(same).exclude(pk=member.pk)[:MOST_AT_HOME])


def reveal_mobile(*, member: Member, by: access.Actor) -> str:
    """The number to call, for the liaison who looks after the member; "" when none is known.

    The liaison is not asked why; it is recorded and limited like every other full number (members.revealing).
    Raises Http404 for a member whom the actor does not look after, TooMany beyond the hour's number.
    """
    if not revealing.is_caller(member, by):
        raise Http404
    return revealing.reveal_field(member=member, wish=revealing.Wish("mobile", revealing.CALL), by=by)


def number_to_call(member: Member, by: access.Actor) -> tuple[str, str]:
    """The number, or a sentence that says why there is none to be seen. Raises Http404 as reveal_mobile does."""
    try:
        mobile = reveal_mobile(member=member, by=by)
    except revealing.TooMany:
        return "", _(
            "You have opened many numbers in this hour. Please call later, or ask the staff of your community."
        )
    except revealing.NotRecorded:
        return "", _("The number cannot be shown just now. Please try again later.")
    return mobile, "" if mobile else _("No number is stored. Please ask the staff of your community.")


def note_binding(by: access.Actor, liaison: Liaison) -> None:
    """Write down that a device was bound to the acting link."""
    AuditEntry.objects.create(
        actor=str(by), action="work_link_bound", organization_id=liaison.organization_id,
        object_type="contacts.liaison", object_id=liaison.pk,
    )  # fmt: skip


def by_urgency(members: list[Any], today: dt.date | None = None) -> dict[str, list[Any]]:
    """`today`, `soon` (within a week) and `later`, each in the order given. What counts is the day on which contact is
    due, or the day that the last contact named for the next step, whichever comes first."""
    today = today or timezone.localdate()
    groups: dict[str, list[Any]] = {"today": [], "soon": [], "later": []}
    for member in members:
        rests = member.paused_until is not None and member.paused_until >= today
        named = (member.next_on, None if rests else member.due_on)
        day = min((day for day in named if day is not None), default=None)
        if day is None or day > today + dt.timedelta(days=SOON_DAYS):
            groups["later"].append(member)
        else:
            groups["today" if day <= today else "soon"].append(member)
    return groups
