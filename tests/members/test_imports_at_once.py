"""One ledger confirmed by two clerks at the same moment, on connections of their own: everybody is stored once."""

import threading

import pytest
from django.db import connection

from members.importing import services
from portal import access
from tests.members.ledger.making import HEADER, somebody, xlsx

CLERKS = ("street_clerk@S11", "street_admin@S11")
ROWS = [[*somebody(number, 所属社区="样例C111居委会"), "流出", "2024-05"] for number in range(30)]
PEOPLE = """
select count(*), count(distinct m.id_number_digest), count(distinct e.pgh_id), count(distinct v.id)
  from members_member m
  left join members_memberevent e on e.pgh_obj_id = m.id
  left join members_movement v on v.member_id = m.id
 where m.name like '测%'
"""
ROWS_OF = "select count(*), count(distinct member_id) from members_importedrow where batch_id = any(%s)"
APPLIED = "select state, counts from members_ledgerimport where id = any(%s)"


def confirm_at_once(world, batches):
    """Every clerk confirms the own one of `batches`; the outcomes."""
    together, outcomes = threading.Barrier(len(CLERKS)), []

    def click(name, batch):
        try:
            together.wait(30)
            with access.acting_as(access.user_actor(world.user(name))) as actor:
                services.apply_ledger(batch=batch, by=actor)
            outcomes.append("done")
        except services.ImportRefused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=pair) for pair in zip(CLERKS, batches, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def preview(world, acting, name):
    data = xlsx({"Sheet1": [[*HEADER, "流动方向", "流出时间"], *ROWS]})
    with acting(name) as actor:
        street = world.organization("S11")
        return services.preview_ledger(data=data, name="台账.xlsx", organization=street, by=actor)


@pytest.mark.django_db(transaction=True)
def test_same_file_uploaded_and_confirmed_by_two_clerks_at_once_is_stored_once(world, acting, owner):
    batches = [preview(world, acting, name) for name in CLERKS]
    assert confirm_at_once(world, batches) == ["done", "done"]
    keys = [batch.pk for batch in batches]
    assert owner.execute(PEOPLE).fetchone() == (30, 30, 30, 30)
    assert owner.execute(ROWS_OF, [keys]).fetchone() == (60, 30)  # both name everybody
    counts = sorted(owner.execute(APPLIED, [keys]).fetchall(), key=str)
    assert [state for state, _counts in counts] == ["applied", "applied"]
    assert sorted(found.get("new", 0) for _state, found in counts) == [0, 30]
    assert sorted(found.get("unchanged", 0) for _state, found in counts) == [0, 30]


@pytest.mark.django_db(transaction=True)
def test_one_import_confirmed_by_two_clerks_at_once_is_written_once(world, acting, owner):
    batch = preview(world, acting, CLERKS[0])
    assert confirm_at_once(world, [batch, batch]) == ["done", "done"]
    assert owner.execute(PEOPLE).fetchone() == (30, 30, 30, 30)
    assert owner.execute(ROWS_OF, [[batch.pk]]).fetchone() == (30, 30)
    written = "select count(*) from portal_auditentry where action = 'import_ledger' and object_id = %s"
    assert owner.execute(written, [batch.pk]).fetchone() == (1,)
