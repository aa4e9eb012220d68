"""Needs of the member of C111, as the clerk there."""

import uuid
from typing import Any

import pytest

from contacts.needs.models import Need
from contacts.needs.services import access_need, raise_need
from contacts.services import log_contact
from members.models import Member

CLERK = "community_clerk@C111"


@pytest.fixture
def fresh_need(acting: Any, world: Any) -> Any:
    """fresh_need(by=CLERK, member=None, **details): a need that was told in a contact, of the member of C111."""

    def make(by: str = CLERK, member: Member | None = None, **details: Any) -> Need:
        with acting(by) as actor:
            member = member or world.member("C111")
            log = log_contact(member=member, by=actor)
            pk = raise_need(
                member=log.member, organization=log.organization_id, by=actor, key=log.pk, contact=log.pk,
                **{"category": "work", "detail": "想找一份晚班工作"} | details,
            )  # fmt: skip
            return access_need(actor, pk)

    return make


def a_key() -> uuid.UUID:
    return uuid.uuid4()
