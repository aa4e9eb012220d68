"""How clerks make the lists of visiting workers, and how somebody's work ends."""

from collections.abc import Iterable

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
    if access.current() != by:
        raise access.NoActor(str(by))
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


def released_by(liaison: Liaison) -> int:
    """How many members the liaison or visiting worker has now: what ending the work gives up."""
    return LiaisonAssignment.objects.open().filter(liaison=liaison).count()
