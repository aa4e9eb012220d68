"""Offices that answer the same transfer at the same moment, on connections of their own."""

import threading

import pytest
from django.db import connection

from members import transfers
from members.enums import TransferKind, TransferState
from members.services import MemberRefused
from portal import access
from tests.members.test_transfers import HOST, away, propose  # noqa: F401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [TransferKind.HOST, TransferKind.MANAGE])
def test_two_offices_that_accept_at_once_accept_once(world, owner, away, propose, kind):  # noqa: F811
    """The community and its street click at the same moment, twice each, on connections of their own."""
    offer = propose(away, kind)
    users = [world.user(name) for name in (HOST, "street_clerk@S12")] * 2
    together, outcomes = threading.Barrier(len(users)), []

    def click(user):
        try:
            with access.acting_as(access.user_actor(user)) as actor:
                row = transfers.access_transfer(actor, offer.pk)
                together.wait(30)
                outcomes.append(transfers.accept_transfer(transfer=row, by=actor).state)
        except MemberRefused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(users)
    assert [text for text in outcomes if text == TransferState.ACCEPTED] == [TransferState.ACCEPTED]
    assert len(set(outcomes)) == 2, "the others read that it was decided meanwhile"
    told = owner.execute(
        "select count(*) from portal_auditentry where action = 'accept_transfer' and object_id = %s", [offer.pk]
    ).fetchone()
    assert told == (2,)  # one for each end
    home, host = (world.organization(key).pk for key in ("C111", "C121"))
    owed = owner.execute(
        "select organization_id from contacts_contactobligation where member_id = %s and ended_on is null"
        " and side <> 'member' and standing = 'active'",
        [away.pk],
    )
    assert {row[0] for row in owed} == ({home, host} if kind == TransferKind.HOST else {host})
