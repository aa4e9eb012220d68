"""Wall one for contacts: what an actor reaches, by a right on a node or by being the member's liaison."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from contacts.enums import ObligationState
from members.models import Placement
from portal import access


def _must_act(actor: access.Actor) -> None:
    if access.current() != actor:
        raise access.NoActor(str(actor))


def assigned_to(actor: access.Actor) -> Any:
    """Ids of the members that the acting user looks after now (a subquery)."""
    from contacts.models import LiaisonAssignment

    assert actor.user_id is not None  # system work looks after nobody
    return LiaisonAssignment.objects.filter(
        liaison__user_id=actor.user_id, liaison__is_active=True, ended_on=None
    ).values("member_id")


class OfMemberQuerySet(models.QuerySet[Any]):
    """Rows that belong to a member: reached with the member."""

    def visible_to(self, actor: access.Actor, right: str = "view_members") -> Any:
        """Rows of members placed below a node on which the actor holds the right, or whose liaison the actor is."""
        _must_act(actor)
        placed = Exists(
            Placement.objects.filter(member=OuterRef("member_id"), organization__in=access.granted_nodes(right))
        )
        if actor.user_id is None:
            return self.filter(placed)
        return self.filter(placed | Q(member__in=assigned_to(actor)))


class OfOrganizationQuerySet(models.QuerySet[Any]):
    """Rows that belong to an organization."""

    def visible_to(self, actor: access.Actor, right: str = "view_members") -> Any:
        """Rows of the organizations on which the actor holds the right, subtrees included."""
        _must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


class LiaisonQuerySet(OfOrganizationQuerySet):
    def active(self) -> "LiaisonQuerySet":
        return self.filter(is_active=True)


class LiaisonAssignmentQuerySet(OfMemberQuerySet):
    def open(self) -> "LiaisonAssignmentQuerySet":
        return self.filter(ended_on=None)


class ContactObligationQuerySet(OfMemberQuerySet):
    def open(self) -> "ContactObligationQuerySet":
        """Duties that have not ended (the member has not returned, left or been transferred)."""
        return self.filter(ended_on=None)

    def with_state(self, on: date) -> "ContactObligationQuerySet":
        """Annotate `state`, an ObligationState, as of that day: normal < due_on <= due < limit_on <= overdue."""
        return self.annotate(
            state=Case(
                When(limit_on__lte=on, then=Value(ObligationState.OVERDUE.value)),
                When(due_on__lte=on, then=Value(ObligationState.DUE.value)),
                default=Value(ObligationState.NORMAL.value),
                output_field=models.CharField(choices=ObligationState),
            )
        )


class ContactLogQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "ContactLogQuerySet":
        """Contacts that the actor's side made; a liaison sees what the managing side wrote about the own members."""
        _must_act(actor)
        own = Q(organization__in=access.organization_ids(right))
        if actor.user_id is not None:
            own |= Q(member__in=assigned_to(actor), organization=F("member__organization"))
        return self.filter(own)


class OutboundMessageQuerySet(OfOrganizationQuerySet):
    pass
