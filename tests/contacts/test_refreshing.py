"""An interval changes: few duties follow at once, many in the rounds, and nobody is forgotten on the way."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import ContactObligation
from contacts.outbox import send_reminders
from contacts.refreshing import is_refreshing, refresh_waiting
from portal import access
from tests.contacts.conftest import at, system
from tests.security.walls import is_refused

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_at_once(owner):
    """More than two members are many."""
    body = "create or replace function portal.most_at_once() returns int language sql immutable as $$ select {} $$"
    owner.execute(body.format(2))
    yield
    owner.execute(body.format(3000))


@pytest.fixture
def five(acting, make_member, live_since, without_steps):
    with acting(CLERK):
        policy = live_since(TODAY - 300 * DAY)
        members = [make_member(name=f"员{number}", last=TODAY - 10 * DAY) for number in range(5)]
    return policy, members


def targets(acting, members):
    with acting(CLERK):
        return list(
            ContactObligation.objects.filter(member__in=members, side="home").values_list("target_days", flat=True)
        )


def change(acting, policy, target):
    with acting(CLERK):
        policy.target_days = target
        policy.save()
        return is_refreshing([policy.organization_id])


def test_few_duties_follow_with_the_interval(five, acting):
    policy, members = five
    assert change(acting, policy, 45) is False
    assert targets(acting, members) == [45] * 5


def test_many_duties_wait_for_the_round_which_brings_all_into_line_before_it_plans(five, acting, two_at_once):
    policy, members = five
    assert change(acting, policy, 5) is True  # due five days ago by the new interval
    assert targets(acting, members) == [90] * 5
    send_reminders(now=at(TODAY))
    assert targets(acting, members) == [5] * 5
    with acting(CLERK):
        assert not is_refreshing([policy.organization_id])
        found = ContactObligation.objects.filter(member__in=members, side="home", messages__step="target")
        assert found.count() == 5


def test_part_by_part_survives_a_worker_that_dies_in_between(five, acting, world, two_at_once, owner):
    policy, members = five
    change(acting, policy, 45)
    root = world.organization("X").pk
    with pytest.raises(RuntimeError):
        _one_part(world, root, dies=True)
    assert targets(acting, members).count(45) == 0
    _one_part(world, root)
    done = targets(acting, members).count(45)
    assert done < 5
    assert owner.execute("select count(*) from contacts_dutyrefresh").fetchone() == (1,)
    assert refresh_waiting(system(world), root, float("inf"))
    assert targets(acting, members) == [45] * 5
    assert owner.execute("select count(*) from contacts_dutyrefresh").fetchone() == (0,)


def _one_part(world, root, *, dies=False):
    with access.acting_as(system(world)), connection.cursor() as cursor:
        cursor.execute("select portal.refresh_waiting(%s)", [root])
        if dies:  # before the commit
            raise RuntimeError


def test_interval_changed_again_meanwhile_begins_anew(five, acting, world, two_at_once):
    policy, members = five
    change(acting, policy, 45)
    root = world.organization("X").pk
    _one_part(world, root)
    change(acting, policy, 30)
    assert refresh_waiting(system(world), root, float("inf"))
    assert targets(acting, members) == [30] * 5


def test_round_without_time_plans_nothing_of_the_former_interval(five, acting, world, two_at_once):
    policy, _members = five
    change(acting, policy, 45)
    assert refresh_waiting(system(world), world.organization("X").pk, 0.0) is False


def test_pages_say_that_dates_are_being_worked_out(five, acting, login, two_at_once):
    policy, _members = five
    change(acting, policy, 45)
    answer = login(CLERK).get("/admin/contacts/contactobligation/")
    assert answer.context["is_refreshing"] is True
    assert login("community_clerk@C121").get("/admin/contacts/contactobligation/").context["is_refreshing"] is False
    send_reminders(now=at(TODAY))
    assert login(CLERK).get("/admin/contacts/contactobligation/").context["is_refreshing"] is False


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "stranger", "city_admin@X"])
def test_rows_and_work_are_for_the_rounds_alone(five, acting, world, two_at_once, who):
    change(acting, five[0], 45)
    with acting(who):
        assert is_refused("select portal.refresh_waiting(%s)", [world.organization("X").pk])
        assert is_refused("select * from contacts_dutyrefresh")
        assert is_refused("delete from contacts_dutyrefresh")


@pytest.mark.parametrize(
    ("days", "shown"), [(29, []), (30, ["30"]), (59, ["30"]), (60, ["30", "60"]), (90, ["30", "60", "90"])]
)
def test_list_filters_by_days_without_contact(acting, make_member, login, days, shown):
    with acting(CLERK):
        make_member(name="久未联", last=TODAY - days * DAY)
    client = login(CLERK)
    found = [since for since in ("30", "60", "90") if "久未联" in listed(client, since)]
    assert found == shown


@pytest.mark.parametrize(("days", "shown"), [(29, []), (30, ["30"]), (90, ["30", "60", "90"])])
def test_members_are_filtered_by_the_same_days_of_the_managing_side(acting, make_member, login, world, days, shown):
    with acting(CLERK):
        make_member(name="久未联", last=TODAY - days * DAY, host=world.organization("C121"))
    client = login(CLERK)
    path = "/admin/members/member/?since="
    assert [since for since in ("30", "60", "90") if "久未联" in client.get(path + since).content.decode()] == shown


def listed(client, since):
    return client.get(f"/admin/contacts/contactobligation/?since={since}").content.decode()


def test_never_contacted_is_in_every_such_list(acting, make_member, login):
    with acting(CLERK):
        make_member(name="从未联")
    assert "从未联" in listed(login(CLERK), "90")
