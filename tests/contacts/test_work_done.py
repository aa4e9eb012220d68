"""Work already done counts: attendance ticked and unticked, report-ins, by the policy of the side whose clock moves."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from activities.models import Activity
from activities.services import record_attendance
from contacts.models import ContactLog, ContactPolicy
from tests.contacts.conftest import obligation

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "community_clerk@C111"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(acting, world):
    """held(key, days ago): an activity of an office."""

    def make(key="C111", ago=1, who="street_clerk@S11"):
        with acting(who):
            return Activity.objects.create(
                organization=world.organization(key), title="党课", held_on=TODAY - ago * DAY, hours=1
            )

    return make


@pytest.fixture
def member(acting, make_member, live_since):
    with acting("street_clerk@S11"):
        live_since(TODAY - 365 * DAY)
        return make_member(last=TODAY - 100 * DAY)


def tick(acting, activity, came, offered, who="street_clerk@S11"):
    with acting(who) as actor:
        record_attendance(
            activity=Activity.objects.select_related("organization").get(pk=activity.pk),
            came=[one.pk for one in came], offered=[one.pk for one in offered], by=actor,
        )  # fmt: skip


def contacts(acting, member, who="street_clerk@S11"):
    with acting(who):
        return list(ContactLog.objects.filter(member=member, source="attendance"))


def test_ticked_attendance_is_a_contact_and_unticked_is_none(acting, held, member):
    activity = held()
    tick(acting, activity, [member], [member])
    (row,) = contacts(acting, member)
    assert (row.side, row.method, row.outcome, row.contacted_on) == ("home", "meeting", "reached", TODAY - DAY)
    assert (row.organization_id, row.source_key) == (member.organization_id, activity.pk)
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY - DAY
    tick(acting, activity, [], [member])
    assert contacts(acting, member) == []
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY - 100 * DAY


def test_ticking_again_counts_once(acting, held, member):
    activity = held()
    for came in ([member], [], [member], [member]):
        tick(acting, activity, came, [member])
    assert len(contacts(acting, member)) == 1


def test_activity_called_off_or_on_another_day(acting, held, member):
    activity = held()
    tick(acting, activity, [member], [member])
    with acting("street_clerk@S11"):
        Activity.objects.filter(pk=activity.pk).update(held_on=TODAY - 5 * DAY)
    assert [row.contacted_on for row in contacts(acting, member)] == [TODAY - 5 * DAY]
    with acting("street_clerk@S11"):
        Activity.objects.filter(pk=activity.pk).update(is_cancelled=True)
    assert contacts(acting, member) == []
    with acting("street_clerk@S11"):
        Activity.objects.filter(pk=activity.pk).update(is_cancelled=False)
    assert len(contacts(acting, member)) == 1


def test_day_to_come_counts_when_it_has_come_only(acting, held, member):
    activity = held(ago=-3)
    tick(acting, activity, [member], [member])
    assert contacts(acting, member) == []


@pytest.mark.parametrize(("where", "count"), [("S11", 0), ("C111", 0), ("C112", 1)])
def test_tick_of_the_policy_decides(acting, held, member, world, where, count):
    """Of the side whose clock would move, inherited; a neighbour's own rule changes nothing."""
    with acting("street_clerk@S11"):
        rule, _made = ContactPolicy.objects.get_or_create(
            organization=world.organization(where), defaults={"go_live_on": TODAY - 365 * DAY}
        )
        ContactPolicy.objects.filter(pk=rule.pk).update(counts_attendance=False)
    activity = held()
    tick(acting, activity, [member], [member])
    assert len(contacts(acting, member)) == count


@pytest.mark.parametrize(
    ("of", "by", "sides"),
    [("S11", "street_clerk@S11", [("home", "C111")]), ("C121", "community_clerk@C121", [("host", "C121")])],
)
def test_contact_is_of_the_side_that_held_it(acting, held, make_member, live_since, world, of, by, sides):
    with acting("street_clerk@S11"):
        shared = make_member(host=world.organization("C121"))
    activity = held(of, who=by)
    tick(acting, activity, [shared], [shared], by)
    with acting(by):
        rows = ContactLog.objects.filter(member=shared, source="attendance")
        assert [(row.side, row.organization) for row in rows] == [(s, world.organization(key)) for s, key in sides]


def test_activity_of_a_third_office_is_no_contact(acting, held, member, owner, world):
    """The wall keeps such a tick out; were it there, no side's clock would move."""
    with acting(CLERK), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("select portal.work_done('attendance', %s, %s, %s, %s)",
                       [uuid.uuid4(), [member.pk], world.organization("C211").pk, TODAY])  # fmt: skip
    assert owner.execute("select count(*) from portal.side_in_line(%s, %s, false)",
                         [member.pk, world.organization("C211").pk]).fetchone() == (0,)  # fmt: skip
    of_city = owner.execute("select side, organization_id from portal.side_in_line(%s, %s, false)",
                            [member.pk, world.organization("X").pk]).fetchone()  # fmt: skip
    assert of_city == ("home", member.organization_id)


@pytest.mark.parametrize("statement", [
    "select portal.work_done('attendance', gen_random_uuid(), '{}', gen_random_uuid(), '2026-11-01')",
    "select portal.work_withdrawn('attendance', gen_random_uuid(), '{}')",
])  # fmt: skip
def test_hooks_are_closed_to_the_app_role(acting, statement):
    with acting("street_admin@S11"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement)


def test_work_without_an_actor_is_no_contact(owner, member, world):
    """Rows that come back from a backup are written by nobody."""
    before = owner.execute("select count(*) from contacts_contactlog").fetchone()
    owner.execute("select portal.work_done('attendance', gen_random_uuid(), %s, %s, '2026-11-01')",
                  [[member.pk], member.organization_id])  # fmt: skip
    assert owner.execute("select count(*) from contacts_contactlog").fetchone() == before


def test_thirty_who_came_are_as_many_statements_as_one(acting, held, make_member, django_assert_max_num_queries):
    with acting("street_clerk@S11"):
        people = [make_member(name=f"丙{number}") for number in range(12)]
    counts = []
    for came in (people[:1], people):
        with django_assert_max_num_queries(40) as sent:
            tick(acting, held(), came, came)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert all(len(contacts(acting, one)) >= 1 for one in people)
