"""How clerks make the lists of visiting workers, and how somebody's work ends."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import VISITING
from contacts.models import Liaison, LiaisonAssignment
from members.models import Member
from portal import access
from portal.roles import Right


def assign_visits(*, members: Iterable[Member], visitor: Liaison, by: access.Actor) -> int:
    """Put members on the list of a visiting worker, beside their liaison. Returns how many were not on it before.

    All or nothing. Raises Http404 for a member out of reach, PermissionDenied without the right on the visiting
    worker's organization, ValidationError for somebody who has stopped or is a liaison.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, visitor.organization)
    if not visitor.is_active or visitor.kind not in VISITING:
        raise ValidationError(_("Please choose a visiting worker who is active."))
    wanted = {member.pk for member in members}
    reach = Member.objects.filter(pk__in=wanted, organization__in=access.organization_ids(Right.ASSIGN_LIAISONS))
    if set(reach.values_list("pk", flat=True)) != wanted:
        raise Http404
    rows = LiaisonAssignment.objects.open().filter(liaison=visitor, member__in=wanted)
    missing = wanted - set(rows.values_list("member_id", flat=True))
    LiaisonAssignment.objects.bulk_create(
        LiaisonAssignment(member_id=pk, liaison=visitor, is_primary=False, started_on=timezone.localdate())
        for pk in sorted(missing)
    )
    return len(missing)


def set_visitors(*, member: Member, visitors: Iterable[Liaison], by: access.Actor) -> None:
    """Let exactly these visiting workers have the member on their lists. Errors as in assign_visits."""
    chosen = list(visitors)
    for visitor in chosen:
        assign_visits(members=[member], visitor=visitor, by=by)
    access.require(Right.ASSIGN_LIAISONS, member.organization)
    rows = LiaisonAssignment.objects.open().filter(member=member, liaison__kind__in=VISITING)
    rows.exclude(liaison__in=chosen).update(ended_on=timezone.localdate())


def set_deputies(*, member: Member, deputies: Iterable[Liaison], by: access.Actor) -> None:
    """Let exactly these liaisons stand in for the own one: they see the member and take over if that one leaves.

    Whoever is the liaison already stays that. Raises PermissionDenied without the right on the member or on a deputy,
    ValidationError for somebody who has stopped, or who visits only.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, member.organization)
    chosen = {deputy.pk: deputy for deputy in deputies}
    for deputy in chosen.values():
        access.require(Right.ASSIGN_LIAISONS, deputy.organization)
        if not deputy.is_active or deputy.kind in VISITING:
            raise ValidationError(_("Please choose a liaison who is active."))
    list(Member.objects.filter(pk=member.pk).select_for_update(no_key=True).values_list("pk"))  # as assign_many does
    rows = LiaisonAssignment.objects.open().filter(member=member)
    known = set(rows.values_list("liaison_id", flat=True))
    former = rows.filter(is_primary=False).exclude(liaison__kind__in=VISITING).exclude(liaison__in=list(chosen))
    former.update(ended_on=timezone.localdate())
    LiaisonAssignment.objects.bulk_create(
        LiaisonAssignment(member=member, liaison_id=pk, is_primary=False, started_on=timezone.localdate())
        for pk in sorted(chosen.keys() - known)
    )


def over_capacity(liaisons: Iterable[Any]) -> str:
    """A sentence about those of these liaisons who carry more members than the rules allow; "" for none."""
    rows = Liaison.objects.filter(pk__in=[liaison.pk for liaison in liaisons]).with_load()
    full = [row for row in rows.order_by("name", "id") if row.load > row.capacity]
    named = "、".join(f"{row.name} {row.load}/{row.capacity}" for row in full)
    return _("More people than one liaison should have: %(names)s.") % {"names": named} if full else ""


def released_by(liaison: Liaison) -> int:
    """How many members the liaison or visiting worker has now: what ending the work gives up."""
    return LiaisonAssignment.objects.open().filter(liaison=liaison).count()
