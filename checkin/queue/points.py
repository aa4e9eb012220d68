"""What happened to a point and its codes, and how many reported in at which point and hour."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.enums import OPEN_STATES, ReportInState
from checkin.models import CheckinCode, CheckinPoint, ReportIn
from portal import access, changes
from portal.models import Organization
from portal.roles import Right

CONFIRMED = (ReportInState.CONFIRMED, ReportInState.JOINED)


@dataclass(frozen=True)
class Event:
    """One line of a point's history."""

    at: dt.datetime
    who: str
    what: str


@dataclass
class PointCount:
    """Report-ins of one point, or of an organization without a point; `hours`: by hour of the day in China."""

    name: str
    organization: str
    total: int = 0
    waiting: int = 0
    confirmed: int = 0
    hours: Counter[int] = field(default_factory=Counter)

    @property
    def closed(self) -> int:
        return self.total - self.waiting - self.confirmed


def point_history(point: CheckinPoint) -> list[Event]:
    """Changes of the point, its move to another organization included, and what became of its codes; latest first."""
    parts = changes.own_part(CheckinPoint)
    nothing = changes.since(point.pk, "", parts, organization=point.organization, right=Right.VIEW_MEMBERS)
    found = [
        Event(entry.at, entry.who, "；".join(f"{one.label}：{one.before or _('(empty)')} → {one.after or _('(empty)')}"
                                           for one in entry.changes) or entry.what)
        for entry in nothing
    ]  # fmt: skip
    history: Any = changes.history_of(CheckinCode)
    of_point = history.objects.filter(point=point).values("pgh_obj_id")
    events = list(history.objects.filter(pgh_obj_id__in=of_point).order_by("pgh_id"))
    authors = changes.Authors(point.organization, Right.VIEW_MEMBERS, {event.pgh_actor for event in events})
    former: dict[uuid.UUID, Any] = {}
    for event in events:
        before, former[event.pgh_obj_id] = former.get(event.pgh_obj_id), event
        if told := _what_became(before, event, point):
            found.append(Event(event.pgh_created_at, authors.name(event.pgh_actor), told))
    return sorted(found, key=lambda event: event.at, reverse=True)


def _what_became(before: Any, event: Any, point: CheckinPoint) -> str:
    if before is None:
        return _("A code was put in force.") if event.point_id == point.pk else ""
    if before.point_id != event.point_id:
        if event.point_id == point.pk:
            return _("A code came here from another point.")
        return _("The code went to another point.") if before.point_id == point.pk else ""
    if event.point_id == point.pk and before.revoked_at is None and event.revoked_at is not None:
        return _("A code was taken out of use.")
    return ""


def count_report_ins(since: dt.date | None, by: access.Actor) -> list[PointCount]:
    """Report-ins within the actor's reach by point, from a day on (None: all), organizations in order.

    Points without any stand there too; what came without a poster is counted by organization. Three statements.
    """
    rows = ReportIn.objects.visible_to(by)
    if since is not None:
        start = dt.datetime.combine(since, dt.time(), timezone.get_default_timezone())
        rows = rows.filter(submitted_at__gte=start)
    hour = ExtractHour("submitted_at", tzinfo=timezone.get_default_timezone())
    counted = rows.order_by().values_list("point", "organization", "state", hour).annotate(Count("pk"))
    points = CheckinPoint.objects.visible_to(by, Right.RUN_CHECKIN).select_related("organization")
    lines = {
        point.pk: PointCount(point.name, str(point.organization))
        for point in points.order_by("organization__code", "name")
    }
    offices: dict[Any, PointCount] = defaultdict(lambda: PointCount(_("without a poster"), ""))
    for point, organization, state, at_hour, count in counted:
        line = lines[point] if point in lines else offices[organization]
        line.total += count
        line.hours[at_hour] += count
        line.waiting += count if state in OPEN_STATES else 0
        line.confirmed += count if state in CONFIRMED else 0
    for organization in Organization.objects.filter(pk__in=list(offices)):
        offices[organization.pk].organization = str(organization)
    return [*lines.values(), *sorted(offices.values(), key=lambda line: line.organization)]
