"""What a report-in says, as values of a file and of the movement that it shows."""

from typing import Any

from checkin.models import ReportIn
from members.enums import Direction, MemberState
from members.models import Movement
from portal import access
from portal.models import Organization
from portal.roles import Right


def home_of(row: ReportIn) -> Organization | None:
    """The organization that was chosen from the tree as home, or what it was merged into."""
    if not row.home_code:
        return None
    found = Organization.objects.select_related("merged_into").filter(code=row.home_code).first()
    return (found.merged_into or found) if found else None


def home_shown(row: ReportIn) -> str:
    """The home as a clerk reads it: the organization chosen, and what was typed where that says something else."""
    home = home_of(row)
    if home is None:
        return row.home
    return home.formal_name if row.home in home.formal_name else f"{home.formal_name}（{row.home}）"


def file_values_of(row: ReportIn) -> dict[str, Any]:
    """Values of a new file."""
    return {
        "name": row.name,
        "mobile": row.mobile,
        "state": MemberState.FLOATING,
        "reported_on": row.submitted_on.isoformat(),
        "new_employment": row.occupation,
    }


def inflow_of(row: ReportIn) -> dict[str, Any]:
    """The movement. A home that is not in the clerk's own reach is named, not linked: whether it looks after the member
    is asked by a transfer."""
    home = home_of(row)
    values: dict[str, Any] = {
        "direction": Direction.INFLOW,
        "host_organization": row.organization,
        "started_on": row.since,
        "counterpart_contact": row.branch_contact,
        "counterpart_phone": row.branch_phone,
    }
    if home is None or home.pk == row.organization_id or not access.may(Right.CHANGE_MEMBERS, home):
        return values | {"home_text": home.formal_name if home else row.home}
    return values | {"home_organization": home}


def missing_in(movement: Movement, row: ReportIn) -> dict[str, Any]:
    """What a report-in adds to a movement that is entered already: nothing that stands there is replaced."""
    found = inflow_of(row)
    if movement.home_organization_id or movement.home_text:
        found.pop("home_text", None)
        found.pop("home_organization", None)
    del found["direction"], found["host_organization"]
    return {name: value for name, value in found.items() if value and not getattr(movement, name)}
