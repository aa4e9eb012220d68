"""Which needs an actor reaches: those of the own side, as with contacts."""

from datetime import date

from django.db.models import BooleanField, Case, Q, Value, When
from django.db.models.expressions import RawSQL

from contacts.needs.enums import UNANSWERED, NeedState
from contacts.querysets import ContactLogQuerySet
from members.enums import MemberState
from portal import access

# no person in charge, or one who may not work on needs there any more (contacts/sql/need_reminders.sql)
OF_NOBODY = Q(pk__in=RawSQL("select portal.needs_of_nobody()", []))  # noqa: S611  a constant text
GONE = (MemberState.LEFT.value, MemberState.TRANSFERRED.value, MemberState.DECEASED.value, MemberState.ARCHIVED.value)


class NeedQuerySet(ContactLogQuerySet):
    """`visible_to` is that of contacts: what the actor's side took down; a liaison's own members'."""

    def unanswered(self) -> "NeedQuerySet":
        return self.filter(state__in=UNANSWERED)

    def with_charge(self) -> "NeedQuerySet":
        """Annotate `is_of_nobody`: to be done, and in nobody's charge."""
        waits = Q(state__in=UNANSWERED) & (Q(owner=None) | OF_NOBODY)
        return self.annotate(is_of_nobody=Case(When(waits, then=Value(True)), default=Value(False),
                                               output_field=BooleanField()))  # fmt: skip

    def in_lane(self, lane: str, actor: access.Actor, on: date) -> "NeedQuerySet":
        """The rows of one lane or to-do list (LANES) as of that day; those of an unknown one are all."""
        conditions = {
            **{state: Q(state=state) for state in NeedState.values},
            "overdue": Q(state__in=UNANSWERED, due_on__lt=on),
            "follow": Q(state__in=UNANSWERED, follow_on__lte=on),
            "mine": ~Q(state=NeedState.CONFIRMED) & Q(owner=actor.user_id),
            "nobody": Q(state__in=UNANSWERED) & (Q(owner=None) | OF_NOBODY),
            "gone": ~Q(state=NeedState.CONFIRMED) & Q(member__state__in=GONE),
        }
        return self.filter(conditions.get(lane, Q()))
