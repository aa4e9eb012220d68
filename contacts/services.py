"""What people do about contacts: name liaisons, hand members to them, log calls and visits."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import VISITING, ContactDirection, LiaisonKind, Method, Outcome, Side, Source
from contacts.models import ContactLog, ContactObligation, Liaison, LiaisonAssignment
from contacts.querysets import acts_as_liaison, assigned_to, is_acting
from members.enums import Direction
from members.models import Member, Movement
from portal import access
from portal.models import Organization, User
from portal.roles import Right

REPEATED_WITHIN = dt.timedelta(minutes=10)
SAME_CONTACT = ("organization_id", "side", "liaison", "contacted_on", "direction", "method", "outcome",
                "recorded_by_id", "through_digest", "note_digest", "work_digest", "life_digest", "next_step_digest",
                "next_on")  # fmt: skip
TEXTS = ("through", "note", "work", "life", "next_step")


class LiaisonDetails(TypedDict, total=False):
    kind: str
    user: User | None
    email: str
    mobile: str


class ContactDetails(TypedDict, total=False):
    contacted_on: dt.date | None
    outcome: str
    method: str
    through: str
    note: str
    work: str
    life: str
    next_step: str
    next_on: dt.date | None
    liaison: Liaison | None
    direction: str
    source: str
    side: str
    key: uuid.UUID


def create_liaison(
    *, organization: Organization, name: str, by: access.Actor, **details: Unpack[LiaisonDetails]
) -> Liaison:
    """Make a liaison of an organization: `kind`, `user` (a login, optional), `email`, `mobile`.

    Raises PermissionDenied without the right to assign liaisons there, ValidationError for unfit values.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, organization)
    liaison = Liaison(
        organization=organization,
        name=name.strip(),
        kind=details.get("kind", LiaisonKind.COMMITTEE),
        user=details.get("user"),
        email=details.get("email", "").strip(),
    )
    liaison.mobile = details.get("mobile", "")
    liaison.full_clean(exclude=["data_key"])
    liaison.save(force_insert=True)
    return liaison


def assign_liaison(*, member: Member, liaison: Liaison, by: access.Actor) -> LiaisonAssignment:
    """Make the liaison the member's primary one from today; the open primary assignment ends.

    Safe at once in two transactions: the second waits, then replaces the first. Raises Http404 for a member out of
    reach, PermissionDenied without the right on member and liaison, ValidationError for a liaison who has stopped.
    """
    assign_many(members=[member], liaison=liaison, by=by)
    return LiaisonAssignment.objects.open().get(member=member, is_primary=True)


def assign_many(*, members: Iterable[Member], liaison: Liaison, by: access.Actor) -> int:
    """Make the liaison the primary one of all these members. Returns how many had another or none before.

    All or nothing; four statements whatever the number. Errors as for assign_liaison.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, liaison.organization)
    if not liaison.is_active:
        raise ValidationError(_("This liaison is not active any more."))
    if liaison.kind in VISITING:
        raise ValidationError(_("A visiting worker cannot be the liaison of a member."))
    wanted = {member.pk for member in members}
    reachable = Member.objects.filter(pk__in=wanted, organization__in=access.organization_ids(Right.ASSIGN_LIAISONS))
    # rows are locked in one order, so that two hand-overs at once wait for each other instead of colliding
    locked = set(reachable.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    if locked != wanted:
        _refuse(wanted - locked, by)
    keep = Q(liaison=liaison, is_primary=True)
    open_ones = LiaisonAssignment.objects.open().filter(member__in=wanted)
    changing = wanted - set(open_ones.filter(keep).values_list("member_id", flat=True))
    today = timezone.localdate()
    open_ones.filter(Q(is_primary=True) | Q(liaison=liaison), member__in=changing).update(ended_on=today)
    LiaisonAssignment.objects.bulk_create(
        LiaisonAssignment(member_id=pk, liaison=liaison, started_on=today) for pk in sorted(changing)
    )
    return len(changing)


def log_contact(*, member: Member, by: access.Actor, **details: Unpack[ContactDetails]) -> ContactLog:
    """Record one attempt or contact: today, by phone, reached, unless said otherwise.

    `details`: contacted_on, outcome, method, note, work, life, next_step, next_on, through (whom, where the outcome is
    "through others"), liaison (who made the contact, if not the actor), direction, source, side, key (the id of the
    record). The side is the one the actor may log for; a success moves its
    next due date and closes its open reminders in this transaction.
    Raises Http404 for a member out of reach, PermissionDenied without the right, ValidationError for a date to come.
    """
    log = _new_log(member, by, details)
    log.save(force_insert=True)
    return log


def log_once(
    *, member: Member, by: access.Actor, then: Callable[[ContactLog], None] | None = None,
    **details: Unpack[ContactDetails],
) -> ContactLog:  # fmt: skip
    """Log a contact from a form that may come twice; then what was stored first is returned. Otherwise as log_contact.

    `then` gets a record that is new, and is stored together with it or not at all.

    The same `key` is the same form. "Back" makes the browser fetch a fresh form and fill the old text in again, so the
    same contact by the same person within REPEATED_WITHIN is the same form too.
    """
    log = _new_log(member, by, details)
    recent = ContactLog.objects.filter(
        member=member, recorded_at__gte=timezone.now() - REPEATED_WITHIN,
        **{name: getattr(log, name) for name in SAME_CONTACT},
    )  # fmt: skip
    stored = ContactLog.objects.filter(pk=log.pk, member=member)
    found = stored.first() or recent.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            log.save(force_insert=True)
            if then is not None:
                then(log)
    except IntegrityError:  # the same form at the same moment
        return stored.get()
    return log


def _new_log(member: Member, by: access.Actor, details: ContactDetails) -> ContactLog:
    """The checked row, not yet stored."""
    access.must_act(by)
    own = acting_liaison(by)
    side, organization = _side_for(member, by, own, details.get("side"))
    member = own_file(member, organization)
    return contact_row(member, side, organization, by, details, own if own and _is_assigned(member, own) else None)


def acting_liaison(by: access.Actor) -> Liaison | None:
    """The liaison that the actor is."""
    return Liaison.objects.active().filter(is_acting(by)).first() if acts_as_liaison(by) else None


def contact_row(
    member: Member, side: str, organization: Any, by: access.Actor, details: ContactDetails, own: Liaison | None
) -> ContactLog:
    """The row of a contact in this file for this side, checked and not yet stored; `own`: the actor as the file's
    liaison. Raises ValidationError."""
    contacted_on = details.get("contacted_on") or timezone.localdate()
    if contacted_on > timezone.localdate():
        raise ValidationError({"contacted_on": _("The day of the contact is still to come.")})
    liaison, next_on = details.get("liaison") or own, details.get("next_on")
    if next_on is not None and next_on < contacted_on:
        raise ValidationError({"next_on": _("The next step cannot lie before the contact.")})
    log = ContactLog(
        id=details.get("key") or uuid.uuid4(),
        member=member,
        organization_id=organization,
        side=side,
        liaison=liaison,
        contacted_on=contacted_on,
        direction=details.get("direction", ContactDirection.TO_MEMBER),
        method=details.get("method", Method.PHONE),
        outcome=details.get("outcome", Outcome.REACHED),
        next_on=next_on,
        source=details.get("source") or (Source.LOGGED if liaison in (None, own) else Source.ON_BEHALF),
        recorded_by_id=by.user_id,
    )
    for text in TEXTS:
        setattr(log, text, details.get(text, ""))
    log.clean_fields(exclude=["member", "organization", "liaison", "recorded_by", "amends"])
    return log


def own_file(member: Member, organization: Any) -> Member:
    """The file of this person in which a side writes: the member's own, or where two files were linked that of the
    organization (its id). So each side's texts stay with it when the link is taken back."""
    if organization == member.organization_id:
        return member
    return Member.objects.filter(same_as=member.pk, organization=organization).first() or member


def next_due(member: Member) -> dt.date | None:
    """The earliest due date of the member's sides on the portal; None when nobody has to contact the member."""
    return (
        ContactObligation.objects.open()
        .filter(member=member)
        .order_by("due_on")
        .values_list("due_on", flat=True)
        .first()
    )


def access_liaison(actor: access.Actor, pk: Any, right: str = Right.VIEW_MEMBERS) -> Liaison:
    """The liaison, if the actor holds the right on its organization. Raises Http404 for absent and out of scope."""
    try:
        return Liaison.objects.visible_to(actor, right).get(pk=pk)
    except (Liaison.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def access_obligation(actor: access.Actor, pk: Any, right: str = Right.VIEW_MEMBERS) -> ContactObligation:
    """The open duty of a member in the actor's reach, or looked after by it. Raises Http404 like access_liaison."""
    try:
        return ContactObligation.objects.visible_to(actor, right).open().select_related("member").get(pk=pk)
    except (ContactObligation.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def may_log(member: Member, by: access.Actor) -> bool:
    """Whether the actor may log a contact with this (visible) member."""
    try:
        _side_for(member, by, None, None)
    except (PermissionDenied, Http404):
        return False
    return True


def _refuse(missing: set[Any], by: access.Actor) -> None:
    """Out of sight is absent; a visible member of somebody else is refused."""
    if Member.objects.visible_to(by).filter(pk__in=missing).count() == len(missing):
        raise PermissionDenied(Right.ASSIGN_LIAISONS)
    raise Http404


def _is_assigned(member: Member, liaison: Liaison) -> bool:
    return LiaisonAssignment.objects.open().filter(member=member, liaison=liaison).exists()


def _side_for(member: Member, by: access.Actor, own: Liaison | None, wanted: str | None) -> tuple[str, Any]:
    """Side and organization for which the actor may log; the managing organization's side first."""
    if member.same_as_id is not None:  # the duties are the kept file's
        member = Member.objects.filter(pk=member.same_as_id).first() or member
    sides = [(side, node) for side, node in _sides(member) if wanted in (None, side)]
    allowed = set(access.organization_ids(Right.LOG_CONTACTS)) if access.granted_nodes(Right.LOG_CONTACTS) else set()
    for side, node in sides:
        if node in allowed:
            return side, node
    if acts_as_liaison(by):  # on the side of the file that the liaison looks after
        files = assigned_to(by).filter(Q(member=member) | Q(member__same_as=member))
        looked_after = set(files.values_list("member__organization_id", flat=True))
        for side, node in sides:
            if node in looked_after:
                return side, node
    if Member.objects.visible_to(by).filter(pk=member.pk).exists():
        raise PermissionDenied(Right.LOG_CONTACTS)
    raise Http404


def _sides(member: Member) -> list[tuple[str, Any]]:
    """(side, organization) pairs on the portal, the managing one first; branches in movements count for their side."""
    movements = list(Movement.objects.filter(member=member, ended_on="").order_by("-direction"))
    pairs: list[tuple[str, Any]] = [
        (Side.HOME if movement.direction == Direction.OUTFLOW else Side.HOST, member.organization_id)
        for movement in movements
    ] or [(Side.HOME, member.organization_id)]
    for movement in movements:
        pairs += [(Side.HOME, movement.home_organization_id), (Side.HOST, movement.host_organization_id)]
    return [(side, node) for side, node in dict.fromkeys(pairs) if node]
