"""Wall one for activities."""

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from portal import access


class ActivityQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "ActivityQuerySet":
        """Activities of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))

    def with_counts(self) -> "ActivityQuerySet":
        """Adds `came`: how many members are on the attendance list."""
        from activities.models import Attendance

        lists = Attendance.objects.filter(activity=models.OuterRef("pk")).order_by().values("activity")
        return self.annotate(came=Coalesce(models.Subquery(lists.annotate(n=models.Count("pk")).values("n")), 0))
