"""What one side of a member learns of the other's contacts: the agreed minimum (docs/scoping.md, "Two sides")."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection

from contacts.enums import Side
from contacts.querysets import acts_as_liaison, assigned_to
from members.models import Member
from portal import access
from portal.models import Organization
from portal.roles import Right


@dataclass(frozen=True)
class OtherContact:
    """One contact or attempt that the other side made: which side, on which day, whether it reached the member."""

    side: str
    contacted_on: dt.date
    is_reached: bool

    @property
    def side_label(self) -> str:
        return str(Side(self.side).label)


def other_side_contacts(members: list[uuid.UUID]) -> dict[uuid.UUID, list[OtherContact]]:
    """Contacts by organizations outside the current actor's reach, the latest first, by member. One query."""
    found: dict[uuid.UUID, list[OtherContact]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.other_side_contacts(%s)", [members])
        for member, *contact in cursor.fetchall():
            found.setdefault(member, []).append(OtherContact(*contact))
    return found


def is_own_side(actor: access.Actor, member: Member, organization: Organization) -> bool:
    """Whether this side of the member is the actor's: by a right on it, or, for its liaison, the managing side."""
    if access.may(Right.VIEW_MEMBERS, organization):
        return True
    is_managing = organization.pk == member.organization_id
    return is_managing and acts_as_liaison(actor) and assigned_to(actor).filter(member=member).exists()
