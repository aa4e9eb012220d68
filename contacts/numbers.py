"""What the front page counts; each is the list that its link opens, by the same queryset."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef

from contacts.enums import ObligationState
from contacts.models import ContactObligation, LiaisonAssignment
from members.enums import MemberState
from members.models import Member
from portal import access
from portal.roles import Right

LOOKED_AFTER = (MemberState.FLOATING, MemberState.PENDING)


def duties(actor: access.Actor, state: ObligationState, on: dt.date) -> Any:
    """Open duties in one state: the list of contact obligations with `?state=STATE`."""
    return ContactObligation.objects.visible_to(actor).of_own_side(actor).open().with_state(on).filter(state=state)


def without_liaison(members: Any = None) -> Any:
    """Members to be looked after who have no open primary liaison: the list of members with `?liaison=none`.

    Only files that an organization in reach manages: the managing side names the liaison, and the other side neither
    does so nor learns of it.
    """
    members = Member.objects.all() if members is None else members
    primary = LiaisonAssignment.objects.open().filter(member=OuterRef("pk"), is_primary=True)
    ours = access.organization_ids(Right.VIEW_MEMBERS)
    return members.filter(~Exists(primary), state__in=LOOKED_AFTER, organization__in=ours)
