import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison
from members.models import Member
from tests.contacts.conftest import at

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK, OWN = "street_clerk@S11", "community_clerk@C111"


@pytest.fixture
def due(acting: Any, world: Any, make_member: Any, live_since: Any, without_steps: None, owner: Any) -> list[Member]:
    """Three due members of C111, the first two with the liaison 石评梅, who has an address; nobody else is due."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY)
        liaison = create_liaison(
            organization=world.organization("C111"), name="石评梅", by=actor, email="liaison0@example.invalid"
        )
        members = [make_member(name=name, last=TODAY - days * DAY) for name, days in
                   (("单田芳", 100), ("张三丰", 130), ("郭靖", 100))]  # fmt: skip
        for member in members[:2]:
            assign_liaison(member=member, liaison=liaison, by=actor)
    send_reminders(now=at(TODAY - 30 * DAY))
    mail.outbox.clear()
    return members
