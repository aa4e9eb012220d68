"""Roles and what each may do: the one table that the database's resolver is loaded from at migrate.

Source of the table: the tenancy rules (docs/scoping.md). A right is held on a node of the organization tree and on
everything below it. `liaison` and `visitor` hold no right on nodes: they reach single members by assignment.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizationKind(models.TextChoices):
    PROVINCE = "province", _("province")
    CITY = "city", _("city")
    DISTRICT = "district", _("district")
    STREET = "street", _("street")
    COMMUNITY = "community", _("community")
    BRANCH = "branch", _("branch")


class Role(models.TextChoices):
    CITY_ADMIN = "city_admin", _("City administrator")
    DISTRICT_ADMIN = "district_admin", _("District administrator")
    CITY_VIEWER = "city_viewer", _("City viewer")
    DISTRICT_VIEWER = "district_viewer", _("District viewer")
    STREET_ADMIN = "street_admin", _("Street administrator")
    STREET_CLERK = "street_clerk", _("Street clerk")
    COMMUNITY_CLERK = "community_clerk", _("Community clerk")
    BRANCH_SECRETARY = "branch_secretary", _("Branch secretary")
    LIAISON = "liaison", _("Liaison")
    VISITOR = "visitor", _("Visiting worker")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("System administrator")
    DRILL_DOWN = "drill_down", _("Look at single members for a time")


class Right(models.TextChoices):
    VIEW_AGGREGATES = "view_aggregates", _("View totals")
    VIEW_MEMBERS = "view_members", _("View members")
    CHANGE_MEMBERS = "change_members", _("Change members")
    IMPORT_LEDGER = "import_ledger", _("Import ledgers")
    EXPORT_LEDGER = "export_ledger", _("Export ledgers")
    RUN_CHECKIN = "run_checkin", _("Run check-in points")
    ASSIGN_LIAISONS = "assign_liaisons", _("Assign liaisons")
    MANAGE_NEEDS = "manage_needs", _("Manage needs")
    MANAGE_ACTIVITIES = "manage_activities", _("Manage activities")
    LOG_CONTACTS = "log_contacts", _("Log contacts")
    VIEW_THOUGHTS = "view_thoughts", _("Read notes on thoughts")
    REVEAL_IDENTITY = "reveal_identity", _("Show full numbers")
    REVEAL_MOBILE = "reveal_mobile", _("Show the number to call")
    GRANT_ACCESS = "grant_access", _("Grant access")
    DECIDE_LOST = "decide_lost", _("Decide on lost contact")
    MERGE_ACROSS = "merge_across", _("Merge across organizations")
    VIEW_AUDIT = "view_audit", _("View the audit log")
    SEND_REMINDERS = "send_reminders", _("Send reminders")
    VIEW_TECHNICAL = "view_technical", _("View technical pages")


_CLERK: set[str] = {
    Right.VIEW_AGGREGATES,
    Right.VIEW_MEMBERS,
    Right.CHANGE_MEMBERS,
    Right.IMPORT_LEDGER,
    Right.EXPORT_LEDGER,
    Right.RUN_CHECKIN,
    Right.ASSIGN_LIAISONS,
    Right.MANAGE_NEEDS,
    Right.MANAGE_ACTIVITIES,
    Right.LOG_CONTACTS,
    Right.REVEAL_IDENTITY,
    Right.REVEAL_MOBILE,
}
_ADMIN: set[str] = {Right.VIEW_AGGREGATES, Right.GRANT_ACCESS, Right.DECIDE_LOST, Right.MERGE_ACROSS}

ROLE_RIGHTS: dict[str, set[str]] = {
    Role.CITY_ADMIN: _ADMIN,
    Role.DISTRICT_ADMIN: _ADMIN | {Right.VIEW_MEMBERS},
    Role.CITY_VIEWER: {Right.VIEW_AGGREGATES},
    Role.DISTRICT_VIEWER: {Right.VIEW_AGGREGATES},
    Role.STREET_ADMIN: _CLERK | _ADMIN | {Right.VIEW_AUDIT, Right.VIEW_THOUGHTS},
    Role.STREET_CLERK: _CLERK,
    Role.COMMUNITY_CLERK: _CLERK,
    Role.BRANCH_SECRETARY: {
        Right.VIEW_AGGREGATES,
        Right.VIEW_MEMBERS,
        Right.LOG_CONTACTS,
        Right.VIEW_THOUGHTS,
        Right.REVEAL_MOBILE,
    },
    Role.LIAISON: set(),
    Role.VISITOR: set(),
    Role.AUDITOR: {Right.VIEW_AUDIT},
    Role.OPERATOR: {Right.VIEW_TECHNICAL},  # no administrator holds it, so the role is given on the server only
    Role.DRILL_DOWN: {Right.VIEW_MEMBERS},
}

_ABOVE_DISTRICT = (OrganizationKind.PROVINCE, OrganizationKind.CITY)
_BELOW_DISTRICT = (OrganizationKind.STREET, OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)

# On which kinds of node a role can be given: read by the screens and, as a table, by portal/sql/grants.sql.
ROLE_KINDS: dict[str, tuple[str, ...]] = {
    Role.CITY_ADMIN: _ABOVE_DISTRICT,
    Role.DISTRICT_ADMIN: (OrganizationKind.DISTRICT,),
    Role.CITY_VIEWER: _ABOVE_DISTRICT,
    Role.DISTRICT_VIEWER: (OrganizationKind.DISTRICT,),
    Role.STREET_ADMIN: (OrganizationKind.STREET,),
    Role.STREET_CLERK: (OrganizationKind.STREET,),
    Role.COMMUNITY_CLERK: (OrganizationKind.COMMUNITY,),
    Role.BRANCH_SECRETARY: (OrganizationKind.BRANCH,),
    Role.LIAISON: _BELOW_DISTRICT,
    Role.VISITOR: _BELOW_DISTRICT,
    Role.AUDITOR: (*_ABOVE_DISTRICT, OrganizationKind.DISTRICT, *_BELOW_DISTRICT),
    Role.OPERATOR: (*_ABOVE_DISTRICT, OrganizationKind.DISTRICT, OrganizationKind.STREET),
    Role.DRILL_DOWN: (*_ABOVE_DISTRICT, OrganizationKind.DISTRICT),
}
# A role that is worth something only beside one of these roles on the same node or above it.
ROLE_BASES: dict[str, tuple[str, ...]] = {
    Role.DRILL_DOWN: (Role.CITY_ADMIN, Role.CITY_VIEWER, Role.DISTRICT_VIEWER),
}
# Roles with an end, at most so many days ahead. 90: one quarter, the rhythm of inspections and of work links; whoever
# needs members for longer has another job and gets another role.
ROLE_DAYS: dict[str, int] = {Role.DRILL_DOWN: 90}


def needs_two(role: str, kind: str) -> bool:
    """Is this role on a node of this kind given by two persons only? Those that open a whole city, or its members."""
    return kind in _ABOVE_DISTRICT or role in ROLE_BASES


class Purpose(models.TextChoices):
    """Named reasons for work without a person: each acts on one node and below, with the rights listed here."""

    REMINDERS = "reminders", _("Reminders")
    CHECKIN = "checkin", _("Check-in pages")
    SETUP = "setup", _("Set-up on the server")
    DUPLICATES = "duplicates", _("Search for one person in two organizations")
    DEMO = "demo", _("Demo data")


PURPOSE_RIGHTS: dict[str, set[str]] = {
    Purpose.REMINDERS: {Right.VIEW_MEMBERS, Right.SEND_REMINDERS},
    Purpose.CHECKIN: {Right.RUN_CHECKIN},
    Purpose.SETUP: {Right.GRANT_ACCESS},
    Purpose.DUPLICATES: {Right.MERGE_ACROSS},
    Purpose.DEMO: _CLERK | {Right.GRANT_ACCESS, Right.VIEW_THOUGHTS},
}


def permission_codename(role: str) -> str:
    """The guardian permission that stands for a role on an organization."""
    return f"role_{role}"
