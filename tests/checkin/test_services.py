"""Decisions on report-ins: one file, one movement, once, by those who may."""

import uuid
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from checkin import services
from checkin.matching import suggest_members
from checkin.models import CheckinPoint, ReportIn
from checkin.submissions import Door, submit_report_in
from contacts.models import ContactLog, ContactPolicy
from members.models import Member, Movement
from portal import access
from portal.models import AuditEntry
from portal.roles import Purpose
from tests.world import World, canary, mobile

CLERK, NEIGHBOUR, STREET = "community_clerk@C111", "community_clerk@C112", "street_clerk@S11"


def _waiting(world: World, key: str = "C111") -> ReportIn:
    return ReportIn.objects.waiting().select_related("organization").get(organization=world.organization(key))


def _submitted(world: World, name: str, phone: str, key: str = "C111", **more: str) -> ReportIn:
    """One more submission at the community's point, as the public page makes it."""
    point = CheckinPoint.objects.get(organization=world.organization(key))
    known = set(ReportIn.objects.values_list("pk", flat=True))
    given = {"name": name, "mobile": phone, **more}
    submit_report_in(door=Door(point.code_in_force.pk), client_key=uuid.uuid4(), given=given)
    return ReportIn.objects.select_related("organization").exclude(pk__in=known).get()


def test_confirmed_report_in_is_one_file_with_one_open_inflow(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        files, report_in = Member.objects.count(), _waiting(world)
        member = services.confirm_report_in(report_in=report_in, proof="home_branch", by=by)
        assert Member.objects.count() == files + 1
        assert (member.name, member.mobile) == (report_in.name, report_in.mobile)
        assert member.organization == report_in.organization
        (movement,) = Movement.objects.filter(member=member)
        assert (movement.direction, movement.ended_on) == ("inflow", "")
        assert movement.host_organization == report_in.organization
        report_in.refresh_from_db()
        assert (report_in.state, report_in.member, report_in.proof) == ("confirmed", member, "home_branch")
        assert report_in.decided_by == world.user(CLERK)
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="report_in_confirmed", object_id=report_in.pk).count() == 1


def test_report_in_is_decided_once(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        report_in = _waiting(world)
        services.confirm_report_in(report_in=report_in, proof="letter", by=by)
        files = Member.objects.count()
        for decide in (services.return_report_in, services.mark_duplicate, services.close_mistaken):
            with pytest.raises(ValidationError):
                decide(report_in=report_in, by=by)
        with pytest.raises(ValidationError):
            services.confirm_report_in(report_in=report_in, proof="letter", by=by)
        assert Member.objects.count() == files


@pytest.mark.parametrize("proof", ["", "heard it somewhere"])
def test_confirmation_wants_a_proof(proof: str, world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        files = Member.objects.count()
        with pytest.raises(ValidationError):
            services.confirm_report_in(report_in=_waiting(world), proof=proof, by=by)
        with pytest.raises(ValidationError):
            services.link_report_in(report_in=_waiting(world), member=world.member("C111"), proof=proof, by=by)
        assert Member.objects.count() == files


def test_linked_report_in_keeps_one_file_and_one_open_inflow(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        files, member = Member.objects.count(), world.member("C111")
        services.link_report_in(report_in=_waiting(world), member=member, proof="certificate", by=by)
        assert Member.objects.count() == files
        assert member.movements.filter(direction="inflow", ended_on="").count() == 1


def test_linked_member_without_open_inflow_gets_one(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        member = world.member("C111")
        member.movements.update(ended_on="2026-01")
        services.link_report_in(report_in=_waiting(world), member=member, proof="certificate", by=by)
        movement = member.movements.get(direction="inflow", ended_on="")
        assert movement.host_organization == world.organization("C111")


def test_same_name_and_mobile_is_to_be_linked_not_doubled(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        report_in = _submitted(world, world.member("C111").name, mobile("C111"))
        files = Member.objects.count()
        with pytest.raises(ValidationError):
            services.confirm_report_in(report_in=report_in, proof="letter", by=by)
        assert Member.objects.count() == files


def test_report_in_of_another_community_cannot_be_decided(world: World, acting: Callable) -> None:
    with acting(STREET):
        foreign = _waiting(world)
    with acting(NEIGHBOUR) as by:
        files = Member.objects.count()
        for decide in (services.return_report_in, services.mark_duplicate, services.close_mistaken):
            with pytest.raises(PermissionDenied):
                decide(report_in=foreign, by=by)
        with pytest.raises(PermissionDenied):
            services.confirm_report_in(report_in=foreign, proof="letter", by=by)
        with pytest.raises(PermissionDenied):
            services.refer_report_in(report_in=foreign, organization=world.organization("C112"), by=by)
        assert Member.objects.count() == files
    with acting(CLERK):
        assert _waiting(world).is_open


def test_referred_report_in_waits_in_the_other_queue_only(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        report_in = _waiting(world)
        services.refer_report_in(report_in=report_in, organization=world.organization("C221"), by=by)
        assert not ReportIn.objects.filter(pk=report_in.pk).exists()
    with access.acting_as(access.system_actor(Purpose.CHECKIN, world.organization("C221"))):
        moved = ReportIn.objects.get(pk=report_in.pk)
        assert moved.is_open
        assert moved.referred_from == world.organization("C111")
        assert canary("C111") in moved.name


@pytest.mark.parametrize("target", ["C111", "D1", "B111"])
def test_report_in_is_referred_to_other_streets_and_communities_only(
    target: str, world: World, acting: Callable
) -> None:
    with acting(CLERK) as by, pytest.raises(ValidationError):
        services.refer_report_in(report_in=_waiting(world), organization=world.organization(target), by=by)


def test_refer_function_called_without_the_right_is_refused(world: World, acting: Callable) -> None:
    with acting(STREET):
        foreign = _waiting(world)
    for name in (NEIGHBOUR, "district_admin@D1", "stranger"):
        refused = pytest.raises(DatabaseError, match="refer_refused")
        with acting(name), refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select portal.refer_report_in(%s, %s)", [foreign.pk, world.organization("C112").pk])
    with acting(CLERK):
        assert _waiting(world).pk == foreign.pk


def test_suggestion_finds_mobile_and_name_within_reach_only(world: World, acting: Callable) -> None:
    with acting(STREET) as by:
        neighbour = world.member("C112")
        same_mobile = _submitted(world, "赵不同", mobile("C112"))
    with acting(STREET) as by:
        (match,) = suggest_members([same_mobile], by)[same_mobile.pk]
        assert (match.member, match.has_mobile, match.has_name) == (neighbour, True, False)
    with acting(CLERK) as by:
        assert suggest_members([same_mobile], by)[same_mobile.pk] == []


def test_suggestion_asks_three_questions_for_any_number_of_rows(
    world: World, acting: Callable, django_assert_num_queries: Callable
) -> None:
    with acting(STREET) as by:
        rows = list(ReportIn.objects.visible_to(by))
        access.granted_nodes("view_members")
        for count in (1, len(rows)):
            with django_assert_num_queries(3):
                suggest_members(rows[:count], by)


def test_point_is_made_with_a_code_in_force_where_the_right_is_held(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        point = services.create_point(
            organization=world.organization("C111"), name="歇脚角", by=by, address="样例路1号", kind="station"
        )
        assert point.code_in_force is not None
        with pytest.raises(PermissionDenied):
            services.create_point(organization=world.organization("C112"), name="歇脚角", by=by, address="样例路1号")


def test_codes_of_another_community_cannot_be_changed(world: World, acting: Callable) -> None:
    with acting(STREET):
        point = CheckinPoint.objects.get(organization=world.organization("C112"))
        code = point.code_in_force
    with acting(CLERK) as by:
        with pytest.raises(PermissionDenied):
            services.renew_code(point=point, by=by)
        with pytest.raises(PermissionDenied):
            services.revoke_code(code=code, by=by)
    with acting(STREET):
        assert CheckinPoint.objects.get(pk=point.pk).code_in_force == code


def test_number_to_call_is_shown_on_record(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        report_in = _waiting(world)
        assert services.reveal_mobile(report_in=report_in, by=by) == report_in.mobile
    with acting("street_admin@S11"):
        entry = AuditEntry.objects.get(object_id=report_in.pk)
        assert entry.action == "report_in_mobile_shown"
        assert report_in.mobile not in str(entry.detail)


def test_confirmed_report_in_counts_as_contact_of_the_host_side(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        report_in, known = _waiting(world), world.member("C111")
        made = services.confirm_report_in(report_in=report_in, proof="letter", by=by)
        services.link_report_in(
            report_in=_submitted(world, known.name, mobile("C111")), member=known, proof="letter", by=by
        )
        for member in (made, known):
            (contact,) = ContactLog.objects.filter(member=member, source="report_in")
            assert (contact.side, contact.outcome, contact.direction) == ("host", "reached", "from_member")
            assert contact.contacted_on == timezone.localdate()


def test_report_in_is_no_contact_where_the_policy_says_so(world: World, acting: Callable) -> None:
    with acting(CLERK) as by:
        ContactPolicy.objects.create(organization=world.organization("C111"), counts_report_ins=False)
        made = services.confirm_report_in(report_in=_waiting(world), proof="letter", by=by)
        assert not ContactLog.objects.filter(member=made).exists()
