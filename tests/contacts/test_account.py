"""Nobody is forgotten: everyone to be looked after stands in exactly one state, by a walk that knows no SQL."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.utils import timezone

from contacts.account_views import Account, duty_account
from contacts.arranging import decide
from contacts.models import ContactObligation
from members.models import Member, Movement
from portal.models import Organization
from tests.contacts.conftest import log

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"


def settle():
    """What waits for the commit."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def walked(on):
    """The same numbers, member by member."""
    found = {}
    for member in Member.objects.filter(state__in=["floating", "pending"], same_as=None):
        own = ContactObligation.objects.current().with_state(on).filter(member=member, organization=member.organization)
        states = {duty.state for duty in own if duty.side != "member" and duty.state != "outside"}
        line = found.setdefault(member.organization_id, Account())
        line.eligible += 1
        first = next((name for name in ("overdue", "due", "normal", "paused", "exempt") if name in states), "forgotten")
        setattr(line, first, getattr(line, first) + 1)
    return found


def check_sides(member):
    """One row for each side of the open movements and for the member, no more."""
    rows = list(ContactObligation.objects.current().filter(member=member))
    movements = list(Movement.objects.filter(member=member, ended_on=""))
    wanted = {"member", "home"} if not movements else {"member"}
    for movement in movements:
        mine, other = ("home", "host") if movement.direction == "outflow" else ("host", "home")
        wanted.add(mine)
        node = movement.host_organization_id if mine == "home" else movement.home_organization_id
        if node != member.organization_id:
            wanted.add(other)
    if member.state not in ("floating", "pending"):
        wanted = set()
    assert sorted(row.side for row in rows) == sorted(wanted), (member.state, movements)


@pytest.mark.parametrize("seed", range(4))
def test_everybody_of_a_random_office_is_accounted_for(acting, world, seed):
    chance = random.Random(seed)
    nodes = [world.organization(key) for key in ("C111", "C112", "S11")]
    others = [None, *nodes, world.organization("C121")]
    with acting(CLERK) as by:
        made = []
        for number in range(25):
            member = Member(organization=chance.choice(nodes), state=chance.choice(["floating", "pending", "left"]))
            member.set_name(f"丁{number}")
            member.last_contact_on = chance.choice([None, TODAY - chance.randrange(400) * DAY])
            member.save(force_insert=True)
            if chance.random() < 0.7:
                Movement.objects.create(
                    member=member, direction=chance.choice(["outflow", "inflow"]), started_on="2026-01",
                    home_organization=chance.choice(others), host_organization=chance.choice(others),
                    ended_on=chance.choice(["", "", "2026-03"]),
                )  # fmt: skip
            made.append(member)
        settle()
        for member in made:
            step, side = chance.randrange(6), ContactObligation.objects.open().filter(member=member).first()
            if step == 0:
                Member.objects.filter(pk=member.pk).update(state=chance.choice(["returned", "floating", "deceased"]))
            elif step == 1:
                Movement.objects.filter(member=member).update(ended_on="2026-05")
            elif step == 2:
                Member.objects.filter(pk=member.pk).update(organization=chance.choice(nodes))
            elif step == 3 and side and side.organization_id == member.organization_id:
                decide(member=member, side=side.side, by=by, kind="exempt", reason="near")
            elif step == 4 and side and side.organization_id == member.organization_id:
                decide(member=member, side=side.side, by=by, kind="pause", reason="ill", until_on=TODAY + 9 * DAY)
            elif side:
                log(member, TODAY - chance.randrange(200) * DAY, side=side.side)
        for member in Member.objects.filter(pk__in=[one.pk for one in made]):
            check_sides(member)
        for on in (TODAY, TODAY + 10 * DAY, TODAY + 100 * DAY):
            told = duty_account(on)
            assert told == walked(on)
            assert sum(told.values(), Account()).forgotten == 0


@pytest.mark.django_db(transaction=True)
def test_forgotten_member_is_counted(acting, world, owner):
    with acting(CLERK):
        before = sum(duty_account(TODAY).values(), Account())
        assert before.eligible >= 2
        assert before.forgotten == 0
    with acting("community_clerk@C111"):
        member = world.member("C111")
        kept = duty_account(TODAY)
        assert set(kept) == {world.organization("C111").pk}
    with owner.transaction(force_rollback=True):
        owner.execute("update contacts_contactobligation set ended_on = '2026-01-01' where member_id = %s", [member.pk])
        numbers = owner.execute(
            "select count(*) from members_member m where m.id = %s and not exists (select 1 from"
            " contacts_contactobligation o where o.member_id = m.id and o.ended_on is null)", [member.pk],
        ).fetchone()  # fmt: skip
        assert numbers == (1,)


def test_page_shows_numbers_to_who_reads_totals(acting, world, login):
    page = login(CLERK).get("/admin/contacts/account/")
    shown = {office.code: line for office, line in page.context["lines"]}
    assert shown[world.organization("C111").code].eligible == 1
    assert world.organization("C121").code not in shown
    assert page.context["total"].forgotten == 0
    city = login("city_viewer@X").get("/admin/contacts/account/")
    assert city.context["total"].eligible == 8
    assert Organization.objects.get(code=world.organization("C311").code) not in dict(city.context["lines"])
    assert login("liaison@C111").get("/admin/contacts/account/").status_code == 403


def test_whole_world_is_accounted_for(acting):
    with acting("city_viewer@X"):
        assert sum(duty_account(TODAY).values(), Account()).forgotten == 0
