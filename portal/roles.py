"""Roles and what each may do: the one table that the database's resolver is loaded from at migrate.

Source of the table: the tenancy rules (docs/scoping.md). A right is held on a node of the organization tree and on
everything below it. `liaison` and `visitor` hold no right on nodes: they reach single members by assignment.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    REVEAL_IDENTITY = "reveal_identity", _("Show full numbers")
    REVEAL_MOBILE = "reveal_mobile", _("Show the number to call")
    GRANT_ACCESS = "grant_access", _("Grant access")
    DECIDE_LOST = "decide_lost", _("Decide on lost contact")
    MERGE_ACROSS = "merge_across", _("Merge across organizations")
    VIEW_AUDIT = "view_audit", _("View the audit log")
    SEND_REMINDERS = "send_reminders", _("Send reminders")


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
    Role.STREET_ADMIN: _CLERK | _ADMIN | {Right.VIEW_AUDIT},
    Role.STREET_CLERK: _CLERK,
    Role.COMMUNITY_CLERK: _CLERK,
    Role.BRANCH_SECRETARY: {
        Right.VIEW_AGGREGATES,
        Right.VIEW_MEMBERS,
        Right.LOG_CONTACTS,
        Right.REVEAL_MOBILE,
    },
    Role.LIAISON: set(),
    Role.VISITOR: set(),
    Role.AUDITOR: {Right.VIEW_AUDIT},
    Role.OPERATOR: set(),
}


class Purpose(models.TextChoices):
    """Named reasons for work without a person: each acts on one node and below, with the rights listed here."""

    REMINDERS = "reminders", _("Reminders")
    CHECKIN = "checkin", _("Check-in pages")
    SETUP = "setup", _("Set-up on the server")
    DEMO = "demo", _("Demo data")


PURPOSE_RIGHTS: dict[str, set[str]] = {
    Purpose.REMINDERS: {Right.VIEW_MEMBERS, Right.SEND_REMINDERS},
    Purpose.CHECKIN: {Right.RUN_CHECKIN},
    Purpose.SETUP: {Right.GRANT_ACCESS},
    Purpose.DEMO: _CLERK | {Right.GRANT_ACCESS},
}


def permission_codename(role: str) -> str:
    """The guardian permission that stands for a role on an organization."""
    return f"role_{role}"
