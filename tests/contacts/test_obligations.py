"""Due dates as the database computes them: intervals, sides, go-live, and what closes a duty."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from contacts.models import ContactLog, ContactObligation, ContactPolicy
from members.models import Member, Movement
from portal import access
from tests.contacts.conftest import log, obligation

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"


def test_outflow_member_gets_a_home_duty_of_the_managing_organization(acting, make_member, world):
    with acting(CLERK):
        member = make_member(direction="outflow")
        duty = ContactObligation.objects.open().get(member=member)
        assert (duty.side, duty.organization) == ("home", world.organization("C111"))
        assert (duty.target_days, duty.limit_days) == (90, 120)


def test_inflow_member_gets_a_host_duty(acting, make_member):
    with acting(CLERK):
        member = make_member(direction="inflow")
        assert list(ContactObligation.objects.open().filter(member=member).values_list("side", flat=True)) == ["host"]


def test_side_outside_the_portal_stands_there_without_dates(acting, make_member, world):
    with acting(CLERK):
        member = make_member(direction="inflow")
        outside = obligation(member, "home")
        assert (outside.standing, outside.due_on, outside.limit_on) == ("outside", None, None)
        assert outside.organization == world.organization("C111")
        assert ContactObligation.objects.with_state(TODAY).get(pk=outside.pk).state == "outside"
        Movement.objects.filter(member=member).update(home_organization=world.organization("C121"))
        outside.refresh_from_db()
        assert (outside.standing, outside.organization) == ("active", world.organization("C121"))
        assert outside.due_on is not None


def test_member_without_a_movement_is_the_managing_organizations(acting, world):
    with acting(CLERK):
        member = Member(organization=world.organization("C111"), last_contact_on=TODAY - 10 * DAY)
        member.set_name("无流动")
        member.save(force_insert=True)
        assert not ContactObligation.objects.filter(member=member).exists()  # a movement may still come
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        duty = obligation(member)
        assert (duty.organization, duty.due_on) == (world.organization("C111"), TODAY + 80 * DAY)
        Movement.objects.create(member=member, direction="inflow", started_on="2026-01")
        sides = ContactObligation.objects.open().filter(member=member)
        assert list(sides.values_list("side", flat=True)) == ["host"]
        Movement.objects.filter(member=member).update(ended_on="2026-02")
        assert obligation(member).ended_on is None
        assert obligation(member, "host").ended_on == TODAY


@pytest.mark.django_db(transaction=True)
def test_new_members_are_accounted_for_at_the_commit(acting, world, owner):
    with acting(CLERK):
        members = [
            Member(organization=world.organization("C111"), name=f"丙{n}", name_pinyin="bing") for n in range(30)
        ]
        members[0].state = "left"
        Member.objects.bulk_create(members)
    with acting(CLERK):
        sides = ContactObligation.objects.filter(member__in=members)
        assert sorted(sides.values_list("side", flat=True)) == ["home"] * 29 + ["member"] * 29
        assert not sides.filter(member=members[0]).exists()
    assert owner.execute("select count(*) from contacts_newfiles").fetchone() == (0,)


def test_own_side_is_moved_by_what_comes_from_the_member(acting, make_member):
    with acting(CLERK):
        member = make_member(last=TODAY - 5 * DAY)
        own = obligation(member, "member")
        assert (own.target_days, own.limit_days, own.last_success_on) == (300, 365, None)
        assert own.due_on >= TODAY
        log(member, TODAY - 3 * DAY, direction="from_member", outcome="no_answer")
        assert obligation(member, "member").last_success_on is None
        log(member, TODAY - 2 * DAY, direction="from_member")
        own.refresh_from_db()
        assert (own.last_success_on, own.due_on) == (TODAY - 2 * DAY, TODAY + 298 * DAY)
        log(member, TODAY)
        own.refresh_from_db()
        assert own.last_success_on == TODAY - 2 * DAY
        assert not ContactObligation.objects.open().filter(pk=own.pk).exists()  # nobody's work but the member's


@pytest.mark.parametrize(
    ("start", "last", "days"),
    [
        ("2025-11-30", dt.date(2026, 2, 27), (30, 60)),
        ("2025-11-30", dt.date(2026, 2, 28), (90, 120)),
        ("2025-08-31", dt.date(2025, 11, 29), (30, 60)),
        ("2025-08-31", dt.date(2025, 11, 30), (90, 120)),
        ("2024-02-29", dt.date(2024, 5, 28), (30, 60)),
        ("2024-02-29", dt.date(2024, 5, 29), (90, 120)),
        ("2025-11", dt.date(2026, 2, 27), (30, 60)),
        ("2025-11", dt.date(2026, 2, 28), (90, 120)),
        ("2026", dt.date(2026, 1, 2), (90, 120)),
        ("", dt.date(2026, 1, 2), (90, 120)),
    ],
)
def test_incoming_member_is_called_more_often_for_three_months(acting, make_member, live_since, start, last, days):
    with acting(CLERK):
        live_since(dt.date(2024, 1, 1))
        member = make_member(direction="inflow")
        Movement.objects.filter(member=member).update(started_on=start)
        log(member, last, side="host")
        duty = obligation(member, "host")
        assert (duty.target_days, duty.limit_days) == days


@pytest.mark.parametrize(
    ("scope", "reason", "days"),
    [("境外", "学习", (150, 180)), ("境外", "务工", (90, 120)), ("跨省", "学习", (90, 120)), ("", "", (90, 120))],
)
def test_study_abroad_has_an_interval_of_its_own(acting, make_member, scope, reason, days):
    with acting(CLERK):
        member = make_member()
        Movement.objects.filter(member=member).update(scope=scope, reason=reason)
        duty = obligation(member)
        assert (duty.target_days, duty.limit_days) == days


def test_interval_of_a_kind_is_inherited_beside_the_one_for_all(acting, make_member, world):
    with acting(CLERK):
        member = make_member()
        Movement.objects.filter(member=member).update(scope="跨省")
        ContactPolicy.objects.create(
            organization=world.organization("S11"), target_days=60, limit_days=70, other_target=45, other_limit=50,
            member_target=100, member_limit=110,
        )  # fmt: skip
        assert (obligation(member).target_days, obligation(member).limit_days) == (45, 50)
        assert obligation(member, "member").target_days == 100
        own = ContactPolicy.objects.create(organization=world.organization("C111"), target_days=20, limit_days=30)
        assert obligation(member).target_days == 45  # the community said nothing about this kind
        own.other_target, own.other_limit = 15, 16
        own.save()
        assert (obligation(member).target_days, obligation(member).limit_days) == (15, 16)


def test_other_side_on_the_portal_gets_a_duty_of_its_own(acting, make_member, world):
    with acting(CLERK):
        member = make_member(direction="outflow", host=world.organization("C121"))
        sides = dict(ContactObligation.objects.open().filter(member=member).values_list("side", "organization__code"))
        assert sides == {"home": world.organization("C111").code, "host": world.organization("C121").code}
    with acting("community_clerk@C121"):
        assert ContactObligation.objects.open().filter(member=member).count() == 2


def test_interval_is_inherited_from_the_nearest_node(acting, make_member, live_since):
    with acting(CLERK):
        live_since(TODAY, "S11", 30, 60)
        first, second = make_member("C111"), make_member("C112", "张三丰")
        assert obligation(first).target_days == obligation(second).target_days == 30
        live_since(TODAY, "C112", 10, 20)
        assert (obligation(first).target_days, obligation(second).target_days) == (30, 10)
        ContactPolicy.objects.filter(organization__code=second.organization.code).delete()
        assert obligation(second).target_days == 30


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (dt.date(2025, 11, 30), dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), dt.date(2024, 5, 29)),
        (dt.date(2025, 12, 31), dt.date(2026, 3, 31)),
    ],
)
def test_due_date_is_days_after_the_last_success_across_month_ends(acting, make_member, live_since, last, due):
    with acting(CLERK):
        live_since(dt.date(2024, 1, 1))
        member = make_member()
        log(member, last)
        duty = obligation(member)
        assert (duty.last_success_on, duty.due_on, duty.limit_on) == (last, due, due + 30 * DAY)


def test_imported_last_contact_makes_one_contact_only(acting, make_member):
    with acting(CLERK):
        member = make_member(direction="inflow", last=TODAY - 10 * DAY)
        contact = ContactLog.objects.get(member=member)
        assert (contact.source, contact.side, contact.contacted_on) == ("ledger", "host", TODAY - 10 * DAY)
        assert obligation(member, "host").due_on == TODAY + 80 * DAY
        member.set_name("单田芳二")
        member.save()
        Movement.objects.filter(member=member).update(reason="务工")
        assert ContactLog.objects.filter(member=member).count() == 1


def test_imported_contact_in_the_future_is_no_contact(acting, make_member):
    with acting(CLERK):
        member = make_member(last=TODAY + DAY)
        assert not ContactLog.objects.filter(member=member).exists()


def test_unknown_contacts_are_spread_over_the_target_interval(acting, make_member, live_since):
    with acting(CLERK):
        live_since(TODAY + 5 * DAY, "S11", 30, 60)
        members = [make_member(name=f"甲{number}") for number in range(12)]
        dues = [obligation(member).due_on for member in members]
        assert len(set(dues)) > 4
        assert min(dues) >= TODAY + 5 * DAY
        assert max(dues) < TODAY + 35 * DAY
        with connection.cursor() as cursor:  # the same again when computed again
            cursor.execute("update members_movement set reason = 'x'")
        assert [obligation(member).due_on for member in members] == dues


@pytest.mark.parametrize("outcome", ["no_answer", "dead_number", "refused", "through_others"])
def test_attempt_without_success_does_not_move_the_clock(acting, make_member, outcome):
    with acting(CLERK):
        member = make_member(last=TODAY - 100 * DAY)
        log(member, TODAY, outcome=outcome)
        assert obligation(member).last_success_on == TODAY - 100 * DAY


def test_contact_of_one_side_leaves_the_other_side_alone(acting, make_member, world):
    with acting(CLERK):
        member = make_member(host=world.organization("C112"), last=TODAY - 50 * DAY)
        before = obligation(member, "host").due_on
        log(member, TODAY)
        assert obligation(member, "home").last_success_on == TODAY
        assert obligation(member, "host").due_on == before


@pytest.mark.parametrize("state", ["returned", "left", "transferred", "deceased", "archived"])
def test_duty_ends_with_the_state_and_comes_back_with_it(acting, make_member, state):
    with acting(CLERK):
        member = make_member(last=TODAY - 50 * DAY)
        first = obligation(member)
        Member.objects.filter(pk=member.pk).update(state=state)
        assert obligation(member).ended_on == TODAY
        assert not ContactObligation.objects.open().filter(member=member).exists()
        Member.objects.filter(pk=member.pk).update(state="floating")
        again = obligation(member)
        assert (again.pk, again.ended_on, again.due_on) == (first.pk, None, first.due_on)


def test_duty_of_the_other_side_ends_with_the_movement(acting, make_member, world):
    with acting(CLERK):
        member = make_member(host=world.organization("C112"))
        Movement.objects.filter(member=member).update(ended_on="2026-11")
        assert obligation(member, "host").ended_on == TODAY
        assert obligation(member).ended_on is None  # floating all the same: the managing organization keeps it


def test_duty_follows_the_managing_organization(acting, make_member, world):
    with acting(CLERK):
        member = make_member(last=TODAY - 5 * DAY)
        Member.objects.filter(pk=member.pk).update(organization=world.organization("C112"))
        assert obligation(member).organization == world.organization("C112")


@pytest.mark.django_db(transaction=True)
def test_moved_organization_takes_over_the_intervals_above_its_new_place(owner, world, acting, make_member, live_since):
    with acting(CLERK):
        live_since(TODAY, "S11", 30, 60)
        member = make_member("C111")
        assert obligation(member).target_days == 30
    owner.execute(
        "update portal_organization set parent_id = %s where id = %s",
        [world.organization("S21").pk, world.organization("C111").pk],
    )
    target = owner.execute("select target_days from contacts_contactobligation where member_id = %s", [member.pk])
    assert target.fetchone() == (90,)


def test_with_state_has_its_bounds_on_the_due_and_limit_days(acting, make_member):
    with acting(CLERK):
        member = make_member(last=TODAY - 10 * DAY)
        duty = obligation(member)

        def state(on):
            return ContactObligation.objects.with_state(on).get(pk=duty.pk).state

        assert state(duty.due_on - DAY) == "normal"
        assert state(duty.due_on) == state(duty.limit_on - DAY) == "due"
        assert state(duty.limit_on) == state(duty.limit_on + DAY) == "overdue"


def test_clerk_of_another_community_sees_no_duty_and_no_contact(acting, make_member, world):
    with acting(CLERK):
        member = make_member(last=TODAY - 10 * DAY)
        assert ContactObligation.objects.filter(member=member).count() == 3
    with acting("community_clerk@C112") as actor:
        assert not ContactObligation.objects.filter(member=member).exists()
        assert not ContactLog.objects.filter(member=member).exists()
        own = world.organization("C112").pk
        assert set(ContactObligation.objects.visible_to(actor).values_list("organization_id", flat=True)) == {own}
        assert set(ContactLog.objects.visible_to(actor).values_list("organization_id", flat=True)) == {own}


def test_app_role_writes_no_duty_and_calls_no_refresh(acting, make_member):
    with acting(CLERK):
        member = make_member()
        for statement in (
            "update contacts_contactobligation set due_on = '2030-01-01' where member_id = %s",
            "select portal.refresh_obligations(array[%s])",
            "select portal.log_ledger_contacts(array[%s])",
            "select * from portal.wanted_obligations(array[%s])",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [member.pk])


def test_bulk_insert_of_many_members_is_a_fixed_number_of_statements(acting, world, django_assert_num_queries):
    with acting(CLERK):
        members = [Member(organization=world.organization("C111"), name=f"乙{n}", name_pinyin="yi") for n in range(200)]
        with django_assert_num_queries(2):
            Member.objects.bulk_create(members)
            Movement.objects.bulk_create(Movement(member=member, direction="inflow") for member in members)
        assert ContactObligation.objects.filter(member__in=members, side="host").count() == 200


@pytest.mark.django_db(transaction=True)
def test_older_contact_committed_last_does_not_win(world, acting, make_member):
    from concurrent.futures import ThreadPoolExecutor

    with acting(CLERK):
        member = make_member(last=TODAY - 100 * DAY)

    def contact(days):
        with access.acting_as(access.user_actor(world.user(CLERK))):
            log(Member.objects.get(pk=member.pk), TODAY - days * DAY)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(contact, range(8)))
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY
