"""Which needs an actor reaches: those of the own side, as with contacts."""

from datetime import date

from django.db.models import Q

from contacts.needs.enums import UNANSWERED, NeedState
from contacts.querysets import ContactLogQuerySet
from members.enums import MemberState
from portal import access

GONE = (MemberState.LEFT.value, MemberState.TRANSFERRED.value, MemberState.DECEASED.value, MemberState.ARCHIVED.value)


class NeedQuerySet(ContactLogQuerySet):
    """`visible_to` is that of contacts: what the actor's side took down; a liaison's own members'."""

    def unanswered(self) -> "NeedQuerySet":
        return self.filter(state__in=UNANSWERED)

    def in_lane(self, lane: str, actor: access.Actor, on: date) -> "NeedQuerySet":
        """The rows of one lane or to-do list (LANES) as of that day; those of an unknown one are all."""
        conditions = {
            **{state: Q(state=state) for state in NeedState.values},
            "overdue": Q(state__in=UNANSWERED, due_on__lt=on),
            "follow": Q(state__in=UNANSWERED, follow_on__lte=on),
            "mine": ~Q(state=NeedState.CONFIRMED) & Q(owner=actor.user_id),
            "nobody": Q(state__in=UNANSWERED) & (Q(owner=None) | Q(owner__is_active=False)),
            "gone": ~Q(state=NeedState.CONFIRMED) & Q(member__state__in=GONE),
        }
        return self.filter(conditions.get(lane, Q()))
