import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone

from contacts.enums import Outcome, Source
from contacts.models import ContactLog, Liaison, LiaisonAssignment
from contacts.services import (
    access_liaison,
    access_obligation,
    assign_liaison,
    assign_many,
    create_liaison,
    log_contact,
    may_log,
    next_due,
)
from members.models import Member
from portal import access
from tests.contacts.conftest import obligation

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "community_clerk@C111"


def test_create_liaison_needs_the_right_on_the_organization(acting, world):
    with acting(CLERK) as actor:
        liaison = create_liaison(
            organization=world.organization("C111"), name=" 石评梅 ", by=actor, mobile="13900000001"
        )
        assert (liaison.name, Liaison.objects.get(pk=liaison.pk).mobile) == ("石评梅", "13900000001")
        with pytest.raises(PermissionDenied):
            create_liaison(organization=world.organization("C112"), name="石评梅", by=actor)
    with acting("branch_secretary@B111") as actor, pytest.raises(PermissionDenied):
        create_liaison(organization=world.organization("B111"), name="石评梅", by=actor)


def test_assign_liaison_ends_the_former_primary(acting, world, make_member):
    with acting(CLERK) as actor:
        member = make_member()
        first, second = (create_liaison(organization=world.organization("C111"), name=n, by=actor) for n in "甲乙")
        assign_liaison(member=member, liaison=first, by=actor)
        assignment = assign_liaison(member=member, liaison=second, by=actor)
        assert assignment.liaison == second
        assert list(LiaisonAssignment.objects.open().filter(member=member)) == [assignment]
        assert LiaisonAssignment.objects.get(member=member, liaison=first).ended_on == TODAY
        assert assign_many(members=[member], liaison=second, by=actor) == 0


def test_assign_many_is_a_fixed_number_of_statements(acting, world, make_member, django_assert_max_num_queries):
    with acting(CLERK) as actor:
        members = [make_member(name=f"丙{number}") for number in range(6)]
        liaison = create_liaison(organization=world.organization("C111"), name="甲", by=actor)
        counts = []
        for batch in (members[:1], members[1:]):
            with django_assert_max_num_queries(12) as queries:
                assert assign_many(members=batch, liaison=liaison, by=actor) == len(batch)
            counts.append(len(queries))
        assert counts[1] <= counts[0]
        assert LiaisonAssignment.objects.open().filter(liaison=liaison).count() == 6


def test_assign_refuses_members_and_liaisons_out_of_reach(acting, world, make_member):
    with acting("street_clerk@S11"):
        foreign = make_member("C112", host=world.organization("C111"))
        hidden = make_member("C112", "张三丰")
        other = Liaison.objects.get(organization=world.organization("C112"))
    with acting(CLERK) as actor:
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        with pytest.raises(PermissionDenied):  # visible as the host side, but managed by another community
            assign_liaison(member=foreign, liaison=liaison, by=actor)
        with pytest.raises(Http404):
            assign_liaison(member=hidden, liaison=liaison, by=actor)
        with pytest.raises(PermissionDenied):
            assign_liaison(member=world.member("C111"), liaison=other, by=actor)
    with acting("street_clerk@S11"):
        assert not LiaisonAssignment.objects.filter(member__in=[foreign, hidden]).exists()


def test_assign_refuses_a_liaison_who_has_stopped(acting, world, make_member):
    with acting(CLERK) as actor:
        liaison = create_liaison(organization=world.organization("C111"), name="甲", by=actor)
        Liaison.objects.filter(pk=liaison.pk).update(is_active=False)
        liaison.refresh_from_db()
        with pytest.raises(ValidationError):
            assign_liaison(member=make_member(), liaison=liaison, by=actor)


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once_leave_one_open_primary(acting, world, make_member):
    with acting(CLERK) as actor:
        members = [make_member(name=f"丁{number}") for number in range(5)]
        liaisons = [create_liaison(organization=world.organization("C111"), name=n, by=actor) for n in "甲乙丙丁"]
    together = Barrier(len(liaisons))

    def hand_over(liaison):
        try:
            with access.acting_as(access.user_actor(world.user(CLERK))) as actor:
                together.wait(10)
                return assign_many(members=members, liaison=liaison, by=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(liaisons)) as pool:
        assert list(pool.map(hand_over, liaisons)) == [5, 5, 5, 5]
    with acting(CLERK):
        assert LiaisonAssignment.objects.filter(member__in=members).count() == 20
        assert LiaisonAssignment.objects.open().filter(member__in=members, is_primary=True).count() == 5


def test_log_contact_by_the_clerk_moves_the_own_side(acting, make_member):
    with acting(CLERK) as actor:
        member = make_member(last=TODAY - 100 * DAY)
        log = log_contact(member=member, by=actor, note="一切都好", next_step="月底再打")
        assert (log.side, log.organization, log.source, log.liaison) == ("home", member.organization, "logged", None)
        stored = ContactLog.objects.get(pk=log.pk)
        assert (stored.note, stored.next_step, stored.recorded_by) == ("一切都好", "月底再打", log.recorded_by)
        assert obligation(member).last_success_on == TODAY
        assert next_due(member) == TODAY + 90 * DAY


def test_log_contact_of_the_other_side_is_for_that_side(acting, make_member, world):
    with acting("street_clerk@S11"):
        member = make_member("C112", host=world.organization("C111"), last=TODAY - 100 * DAY)
    with acting(CLERK) as actor:
        assert log_contact(member=Member.objects.get(pk=member.pk), by=actor).side == "host"
        assert obligation(member, "home").last_success_on == TODAY - 100 * DAY
        assert obligation(member, "host").last_success_on == TODAY


def test_log_contact_for_a_liaison_is_on_behalf(acting, world):
    with acting(CLERK) as actor:
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        log = log_contact(member=world.member("C111"), by=actor, liaison=liaison)
        assert (log.source, log.liaison) == (Source.ON_BEHALF, liaison)


def test_liaison_logs_for_own_members_only(acting, world, make_member):
    with acting(CLERK):
        other = make_member()
    with acting("liaison@C111") as actor:
        member = world.member("C111")
        log = log_contact(member=member, by=actor, outcome=Outcome.NO_ANSWER)
        assert (log.side, log.source, log.liaison.user_id) == ("host", "logged", actor.user_id)
        assert may_log(member, actor)
        assert not may_log(other, actor)
        with pytest.raises(Http404):
            log_contact(member=other, by=actor)


def test_branch_secretary_logs_for_members_of_the_branch(acting, world, make_member):
    with acting(CLERK):
        member = make_member(home=world.organization("B111"), last=TODAY - 9 * DAY)
    with acting("branch_secretary@B111") as actor:
        log = log_contact(member=Member.objects.get(pk=member.pk), by=actor)
        assert (log.side, log.organization) == ("home", world.organization("B111"))
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY


@pytest.mark.parametrize(
    ("name", "error"), [("district_admin@D1", PermissionDenied), ("community_clerk@C112", Http404)]
)
def test_log_contact_without_the_right_is_refused(acting, make_member, name, error):
    with acting(CLERK):
        member = make_member()
    with acting(name) as actor, pytest.raises(error):
        log_contact(member=member, by=actor)
    with acting(CLERK):
        assert not ContactLog.objects.filter(member=member).exists()


def test_log_contact_refuses_a_day_to_come_and_unknown_choices(acting, make_member):
    with acting(CLERK) as actor:
        member = make_member()
        for values in ({"contacted_on": TODAY + DAY}, {"method": "pigeon"}, {"outcome": "perhaps"}):
            with pytest.raises(ValidationError):
                log_contact(member=member, by=actor, **values)
        assert log_contact(member=member, by=actor, contacted_on=TODAY).pk


def test_services_need_the_actor_who_acts(acting, world, make_member):
    with acting(CLERK):
        member = make_member()
        with pytest.raises(access.NoActor):
            log_contact(member=member, by=access.user_actor(world.user("street_clerk@S11")))


def test_contact_records_are_never_changed(acting, make_member):
    from django.db import ProgrammingError, transaction

    with acting(CLERK) as actor:
        log = log_contact(member=make_member(), by=actor)
        for change in (lambda: ContactLog.objects.filter(pk=log.pk).update(outcome="refused"), log.delete):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


def test_accessors_answer_alike_for_absent_and_out_of_scope(acting, world, make_member):
    import uuid

    with acting("street_clerk@S11") as actor:
        duty = obligation(make_member("C112"))
        liaison = Liaison.objects.get(organization=world.organization("C112"))
        assert access_obligation(actor, duty.pk) == duty
        assert access_liaison(actor, liaison.pk) == liaison
    with acting(CLERK) as actor:
        for find, pk in ((access_obligation, duty.pk), (access_liaison, liaison.pk)):
            for wanted in (pk, uuid.uuid4(), "nonsense"):
                with pytest.raises(Http404):
                    find(actor, wanted)
    with acting("liaison@C111") as actor:
        own = obligation(world.member("C111"), "host")
        assert access_obligation(actor, own.pk) == own
