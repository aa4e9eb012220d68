"""Rows that the world lacks and these tests need, committed by the owner; the clone is dropped afterwards."""

from typing import Any

import pytest

from contacts.models import ContactPolicy
from tests.members.pairs import add_cases
from tests.security.canaries import keys_by_table
from tests.security.probe import CLERK, Probe
from tests.security.walls import PLACES, Rows


def complete(owner: Any, world: Any) -> None:
    """One interval, one of a single member, one digest and one case of possibly the same person for each of the three
    communities."""
    for key in PLACES.values():
        organization = world.organization(key).pk
        owner.execute(
            "insert into contacts_contactpolicy (id, organization_id, target_days, limit_days, go_live_on)"
            " values (gen_random_uuid(), %s, 90, 120, '2026-01-01')",
            [organization],
        )
        owner.execute(
            "insert into contacts_digest (id, organization_id, office_id, liaison_id, for_on, state, reason, attempts,"
            " is_resend)"
            " select gen_random_uuid(), %s, %s, id, '2026-01-01', 'pending', '', 0, false from contacts_liaison"
            " where organization_id = %s",
            [organization, organization, organization],
        )
        owner.execute(
            "insert into contacts_dutydecision (id, member_id, organization_id, side, kind, reason, target_days,"
            " limit_days, made_at) select gen_random_uuid(), id, organization_id, 'host', 'interval', 'other', 90, 120,"
            " now() from members_member where organization_id = %s",
            [organization],
        )
    add_cases(owner, world, PLACES.values())


@pytest.fixture
def rows(transactional_db: None, owner: Any, world: Any) -> Rows:
    """Ids and texts of what lies behind the wall; the database is cloned anew afterwards."""
    complete(owner, world)
    return Rows(owner, world)


@pytest.fixture
def keys(owner: Any) -> dict[str, dict[str, str]]:
    """{table: {community: id of its row}}."""
    return keys_by_table(owner)


@pytest.fixture
def clerk(login: Any, keys: Any) -> Probe:
    return Probe(login(CLERK), keys, ("C111",))


@pytest.fixture
def with_policy(acting: Any, world: Any, keys: Any) -> None:
    for who, key in ((CLERK, "C111"), ("community_clerk@C112", "C112"), ("community_clerk@C121", "C121")):
        with acting(who):
            made = ContactPolicy.objects.create(organization=world.organization(key))
        keys["contacts_contactpolicy"][key] = str(made.pk)
