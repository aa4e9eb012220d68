"""Wall one for reminders of dates."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from contacts.querysets import acts_as_liaison, assigned_to
from members.enums import MemberState
from portal import access

HERE = (MemberState.FLOATING, MemberState.PENDING)


class DateReminderQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "DateReminderQuerySet":
        """Those of the organizations on which the actor holds the right; a liaison's are those of the own members, on
        the managing side."""
        access.must_act(actor)
        own = Q(organization__in=access.organization_ids(right))
        if acts_as_liaison(actor):
            own |= Q(member__in=assigned_to(actor), organization=F("member__organization"))
        return self.filter(own)

    def current(self) -> "DateReminderQuerySet":
        """Without those of people who have left; the next round of planning removes these."""
        return self.filter(Q(member=None) | Q(member__state__in=HERE, member__same_as=None))
