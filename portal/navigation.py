"""The menu of the staff pages, in the words of an office.

An item is shown when its page exists and its screen lets this user view it: the screen itself is asked, so menu and
page cannot disagree.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.models import Organization, OrganizationGrant, OrganizationKind
from portal.roles import Right, Role, permission_codename


@dataclass(frozen=True)
class Item:
    """One line of the menu. `model` names the list it opens ("members.Member"); otherwise `url` names a page.

    `query` narrows the list; `right` is asked in addition ("" = none), with `street` on a street or above it; who holds
    `unless` reaches it by another line; `operator`, `visitor` and `demo` limit the audience.
    """

    title: str | Promise
    icon: str
    model: str = ""
    url: str = ""
    query: str = ""
    right: str = ""
    unless: str = ""
    street: bool = False
    operator: bool = False
    visitor: bool = False
    demo: bool = False

    def address(self, request: HttpRequest) -> str | None:
        """Where it leads, or None when the page is not there or not for this user."""
        if (self.demo and not settings.DEMO) or (self.right and not access.may(self.right)):
            return None
        if self.unless and access.may(self.unless):
            return None
        if (self.operator and not is_operator(request)) or (self.street and not _works_for_a_street(self.right)):
            return None
        if self.visitor and not holds_role(request, Role.VISITOR):
            return None
        return list_address(request, self.model, self.query) if self.model else page_address(self.url)


GROUPS: tuple[tuple[str | Promise, tuple[Item, ...]], ...] = (
    ("", (Item(_("Front page"), "home", url="admin:index"),)),
    (
        _("Floating members"),
        (
            Item(_("Register of floating members"), "groups", model="members.Member"),
            Item(_("Import a ledger"), "upload_file", model="members.LedgerImport"),
            Item(_("Exports of ledgers"), "download", model="members.LedgerExport"),
            Item(
                _("Waiting for a community"), "move_to_inbox", model="members.Member", query="placed=no",
                right=Right.CHANGE_MEMBERS, street=True,
            ),
            Item(_("Transfers"), "move_down", model="members.Transfer"),
            Item(_("Possibly the same person"), "join_inner", url="same_people:cases", right=Right.MERGE_ACROSS),
            Item(
                _("Questions from the superior office"), "contact_support", url="same_people:questions",
                right=Right.CHANGE_MEMBERS, unless=Right.MERGE_ACROSS,
            ),
        ),
    ),
    (
        _("Contact and service"),
        (
            Item(_("Contact tasks"), "event_upcoming", model="contacts.ContactObligation"),
            Item(_("Visits to log"), "directions_walk", url="contacts:visits", visitor=True),
            Item(_("Contact records"), "call", model="contacts.ContactLog"),
            Item(_("Needs"), "volunteer_activism", model="contacts.Need"),
            Item(_("Needs by kind"), "table_chart", url="contacts:need_counts", right=Right.VIEW_AGGREGATES),
            Item(_("Visits of care"), "redeem", url="contacts:care", right=Right.MANAGE_NEEDS),
            Item(_("Small wishes"), "featured_seasonal_and_gifts", url="contacts:wishes", right=Right.MANAGE_NEEDS),
            Item(_("Chat groups"), "forum", model="contacts.WechatGroup"),
            Item(_("Liaisons"), "support_agent", model="contacts.Liaison"),
            Item(_("Date reminders"), "event", model="contacts.DateReminder"),
            Item(_("Reminders sent"), "outgoing_mail", model="contacts.OutboundMessage"),
            Item(_("Work group robots"), "smart_toy", model="contacts.ChannelAccount"),
            Item(_("Out of reach"), "phone_missed", url="contacts:unreachable", right=Right.VIEW_MEMBERS),
            Item(
                _("Membership could be transferred"), "swap_horiz", url="contacts:transferable",
                right=Right.VIEW_MEMBERS,
            ),
            Item(_("Contact report"), "summarize", url="contacts:report", right=Right.VIEW_AGGREGATES),
            Item(_("Pillars of the work"), "account_balance", url="contacts:pillars", right=Right.VIEW_AGGREGATES),
            Item(_("Contact intervals"), "timer", model="contacts.ContactPolicy"),
            Item(_("Days off and workdays"), "calendar_month", url="contacts:calendar", right=Right.ASSIGN_LIAISONS),
        ),
    ),
    (
        _("Report-in by scanning"),
        (
            Item(_("Report-ins"), "how_to_reg", model="checkin.ReportIn"),
            Item(_("Check-in points"), "qr_code_2", model="checkin.CheckinPoint"),
            Item(_("Print posters and letters"), "print", url="checkin:print_points", right=Right.VIEW_MEMBERS),
            Item(_("Letter to members who come"), "mail", model="checkin.LetterVersion"),
            Item(_("Standard drawing"), "image", url="checkin:drawing", right=Right.RUN_CHECKIN, street=True),
            Item(_("Addresses without a poster"), "link", model="checkin.ReportInLink"),
            Item(_("Report-ins by point and hour"), "bar_chart", url="checkin:statistics", right=Right.RUN_CHECKIN),
            Item(_("Sent in by members"), "inbox", url="checkin:sent_in", right=Right.CHANGE_MEMBERS),
        ),
    ),
    (
        _("Activities"),
        (
            Item(_("Activity log"), "event_note", model="activities.Activity"),
            Item(_("Parcels"), "local_shipping", url="activities:parcels", right=Right.VIEW_MEMBERS),
            Item(_("Check-in at activities"), "qr_code_scanner", url="checkin:desks", right=Right.RUN_CHECKIN),
        ),
    ),
    (
        _("Administration"),
        (
            Item(_("Organizations"), "account_tree", url="administration:tree", right=Right.GRANT_ACCESS),
            Item(_("Accounts and roles"), "manage_accounts", url="administration:accounts", right=Right.GRANT_ACCESS),
            Item(_("Operation log"), "policy", model="portal.AuditEntry"),
        ),
    ),
    (
        _("Technology"),
        (
            Item(_("Running state"), "monitor_heart", url="running_state", operator=True),
            Item(_("Mails sent (demo)"), "mail", url="demo_mails", demo=True),
        ),
    ),
)  # fmt: skip


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation for this user; groups without an item are left out."""
    shown = []
    for title, items in GROUPS:
        lines = [
            {"title": item.title, "icon": item.icon, "link": address, "active": _is_here(request, address)}
            for item in items
            if (address := item.address(request))
        ]
        if lines:
            shown.append({"title": title, "items": lines})
    return shown


def list_address(request: HttpRequest, model: str, query: str = "") -> str | None:
    """The list of this model ("members.Member"), or None when it has no screen or this user may not view it."""
    screen = admin.site._registry.get(apps.get_model(model))
    if screen is None or not screen.has_view_permission(request):
        return None
    options = apps.get_model(model)._meta
    address = page_address(f"admin:{options.app_label}_{options.model_name}_changelist")
    return f"{address}?{query}" if address and query else address


def page_address(name: str) -> str | None:
    """The address of a page by its name, or None when there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def is_operator(request: HttpRequest) -> bool:
    """Does this user keep the machine running?"""
    return access.current() is not None and access.may(Right.VIEW_TECHNICAL)


def holds_role(request: HttpRequest, role: str) -> bool:
    """Has this user a grant of the role in force? For roles without a right on nodes; asked once for a request."""
    if not hasattr(request, "_roles_held"):
        in_force = Q(until=None) | Q(until__gte=timezone.localdate())
        mine = OrganizationGrant.objects.filter(in_force, user__username=request.user.get_username())
        request._roles_held = set(mine.values_list("permission__codename", flat=True))  # type: ignore[attr-defined]
    return permission_codename(role) in request._roles_held  # type: ignore[attr-defined]


def _works_for_a_street(right: str) -> bool:
    below = (OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)
    return Organization.objects.filter(pk__in=access.granted_nodes(right)).exclude(kind__in=below).exists()


def _is_here(request: HttpRequest, address: str) -> bool:
    path, _mark, query = address.partition("?")
    if path == reverse("admin:index"):
        return request.path == path
    if query:
        return request.path == path and query in request.META.get("QUERY_STRING", "")
    return request.path.startswith(path) and not (request.path == path and _narrowed(request, path))


def _narrowed(request: HttpRequest, path: str) -> bool:
    """Is another line of the menu, a narrower list of the same rows, the better match?"""
    here = request.META.get("QUERY_STRING", "")
    return any(
        item.query and item.query in here and list_address(request, item.model) == path
        for _title, items in GROUPS
        for item in items
        if item.model
    )
