"""The front page: real numbers, each the count of the list that it opens.

A number is counted by the list's own queryset and filter, with the query of its link, so the two agree in every scope.
Each costs a few statements, the same for three members and for thirty thousand.
"""

import copy
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from checkin.own_page.deciding import requests_of
from members.same_people.services import counted_twice
from portal import access
from portal.administration import reach
from portal.grants import workplaces
from portal.navigation import holds_role, list_address, page_address
from portal.roles import Right, Role


@dataclass(frozen=True)
class Tile:
    """One number: the list that it counts ("members.Member"), the query that narrows it, how urgent it is.

    `liaison`: only for people who reach single members and hold no right on an organization.
    """

    title: str | Promise
    icon: str
    model: str
    query: str = ""
    tone: str = "plain"  # plain, warn, alarm: only a number above zero is coloured
    right: str = ""
    liaison: bool = False


@dataclass(frozen=True)
class QuickAction:
    """One thing that is done every day. `right` decides who is offered it; `liaison`, `visitor`: these are as well."""

    title: str | Promise
    icon: str
    url: str
    right: str
    liaison: bool = False
    visitor: bool = False


TILES = (
    Tile(_("Floating members"), "groups", "members.Member"),
    Tile(_("Outgoing"), "flight_takeoff", "members.Member", "direction=outflow"),
    Tile(_("Incoming"), "flight_land", "members.Member", "direction=inflow"),
    Tile(_("Report-ins to verify"), "how_to_reg", "checkin.ReportIn", "queue=waiting", "warn"),
    Tile(_("Report-ins older than a day"), "alarm", "checkin.ReportIn", "queue=late", "alarm"),
    Tile(_("Contact tasks"), "event_upcoming", "contacts.ContactObligation", liaison=True),
    Tile(_("Contacts overdue"), "notification_important", "contacts.ContactObligation", "state=overdue", "alarm"),
    Tile(_("Contacts due soon"), "schedule", "contacts.ContactObligation", "state=due", "warn"),
    Tile(_("Date reminders"), "event", "contacts.DateReminder", "state=open", "warn"),
    Tile(_("Needs to do"), "volunteer_activism", "contacts.Need", "lane=open", "warn", Right.MANAGE_NEEDS),
    Tile(_("Needs overdue"), "running_with_errors", "contacts.Need", "lane=overdue", "alarm", Right.MANAGE_NEEDS),
    Tile(_("Without a liaison"), "person_off", "members.Member", "liaison=none", "warn", Right.ASSIGN_LIAISONS),
    Tile(_("Reminders not delivered"), "unsubscribe", "contacts.OutboundMessage", "delivery=undelivered", "alarm",
         Right.ASSIGN_LIAISONS),
    Tile(_("Waiting for a community"), "move_to_inbox", "members.Member", "placed=no", "warn", Right.CHANGE_MEMBERS),
    Tile(_("Not verified for long"), "fact_check", "members.Member", "stale=yes", "warn", Right.CHANGE_MEMBERS),
    Tile(_("Transfers to take over"), "move_down", "members.Transfer", "tab=waiting", "warn", Right.CHANGE_MEMBERS),
    Tile(_("Activities this month"), "event_note", "activities.Activity", "period=month"),
)  # fmt: skip

ACTIONS = (
    QuickAction(_("Import a ledger"), "upload_file", "admin:members_ledgerimport_changelist", Right.IMPORT_LEDGER),
    QuickAction(
        _("Log a contact"), "add_call", "admin:contacts_contactobligation_changelist", Right.LOG_CONTACTS, True
    ),
    QuickAction(_("Log a visit"), "directions_walk", "contacts:visits", "", visitor=True),
    QuickAction(_("Print check-in posters"), "print", "admin:checkin_checkinpoint_changelist", Right.RUN_CHECKIN),
    QuickAction(_("Record an activity"), "event_available", "admin:activities_activity_add", Right.MANAGE_ACTIVITIES),
)


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback for the index page: tiles, quick actions, and the name of where this user works."""
    actions = [
        {"title": action.title, "icon": action.icon, "link": page_address(action.url)}
        for action in ACTIONS
        if _is_offered(request, action) and page_address(action.url)
    ]
    return context | {
        "title": _("Front page"),
        "tiles": tiles(request) + _sent_in() + _decisions(),
        "quick_actions": actions,
        "workplaces": workplaces(),
    }


def tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """The numbers that this user may see, in the order of the page."""
    shown = []
    for tile in TILES:
        link = list_address(request, tile.model, tile.query)
        if link is None or (tile.right and not access.may(tile.right)) or (tile.liaison and not _is_liaison(request)):
            continue
        count = _count(request, tile)
        if count is None:
            continue
        tone = tile.tone if count else "plain"
        shown.append({"title": tile.title, "icon": tile.icon, "link": link, "count": count, "tone": tone})
        if tile.model == "members.Member" and not tile.query and count:
            shown[-1]["note"] = in_doubt()
    return shown


def in_doubt() -> str:
    """What a total of files says about itself while some of them may be one person; "" when none is in doubt."""
    number = counted_twice()
    told = ngettext(
        "%(count)d file of these may be of the same person as another",
        "%(count)d files of these may be of the same person as another", number,
    )  # fmt: skip
    return told % {"count": number} if number else ""


def _sent_in() -> list[dict[str, Any]]:
    """What members handed in from their own pages and waits for this office; no tile where nothing waits."""
    count = requests_of(access.actor(), waiting=True).count() if access.may(Right.CHANGE_MEMBERS) else 0
    if not count:
        return []
    link = page_address("checkin:sent_in")
    return [{"title": _("Sent in by members"), "icon": "inbox", "link": link, "count": count, "tone": "warn"}]


def _decisions() -> list[dict[str, Any]]:
    """What waits for this administrator as the second person; no tile where nothing waits."""
    count = reach.to_decide()
    if not count:
        return []
    link = page_address("administration:waiting")
    return [{"title": _("Roles to approve"), "icon": "approval", "link": link, "count": count, "tone": "warn"}]


def _is_offered(request: HttpRequest, action: QuickAction) -> bool:
    if action.visitor:
        return holds_role(request, Role.VISITOR)
    return access.may(action.right) or (action.liaison and _is_liaison(request))


def _is_liaison(request: HttpRequest) -> bool:
    """Sees contact tasks without a right on any organization: by assignment, then."""
    return not access.may(Right.VIEW_MEMBERS) and list_address(request, "contacts.ContactObligation") is not None


def _count(request: HttpRequest, tile: Tile) -> int | None:
    """How many rows the list shows when the link is followed; None when the list has no such filter for this user."""
    screen = admin.site._registry[apps.get_model(tile.model)]
    asked = copy.copy(request)
    asked.GET = QueryDict(tile.query)
    rows: Any = screen.get_queryset(asked)
    for name in asked.GET:
        # only the filter in question: the others would ask the database for their choices
        kind: Any = next((f for f in screen.get_list_filter(asked) if getattr(f, "parameter_name", "") == name), None)
        chosen = kind(asked, dict(asked.GET.lists()), screen.model, screen) if kind else None
        if chosen is None or not chosen.has_output():
            return None
        rows = chosen.queryset(asked, rows)
    return rows.count()
