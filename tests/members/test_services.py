"""Writing a member's file: who may, what is refused, and that hidden files are not told."""

import pytest
from django.core.exceptions import PermissionDenied

from members import services
from members.models import Member, MemberEvent, Movement, Placement
from portal import access
from tests.world import id_number

VALUES = {
    "name": "曾示例",
    "gender": "female",
    "birth_date": "1990-01",
    "mobile": "13800138001",
    "employer": "示例公司",
}
AWAY = {"direction": "outflow", "started_on": "2026-01", "destination": "苏州", "host_text": "外地支部"}


def make(world, key="C111", **values):
    return services.create_member(
        organization=world.organization(key), values=VALUES | values, by=access.current(), movement=dict(AWAY)
    )


def test_create_member_stores_sealed_values_keys_and_history(acting, world):
    with acting("community_clerk@C111") as actor:
        made = make(world, id_number="11010519491231002x")
        stored = Member.objects.get(pk=made.pk)
        assert (stored.id_number, stored.mobile, stored.employer) == ("11010519491231002X", "13800138001", "示例公司")
        assert stored.name_pinyin == "zengshili"
        assert Placement.objects.filter(member=stored, organization=world.organization("C111")).exists()
        event = MemberEvent.objects.get(pgh_obj=stored)
        assert event.pgh_actor == str(actor)
        assert stored.movements.get().destination == "苏州"


@pytest.mark.parametrize("key", ["C112", "C121", "C211", "S11"])
def test_create_member_elsewhere_is_refused(acting, world, key):
    with acting("community_clerk@C111"), pytest.raises(PermissionDenied):
        make(world, key)


def test_create_member_for_another_actor_is_an_error(acting, world):
    other = access.user_actor(world.user("street_clerk@S12"))
    with acting("street_clerk@S11"), pytest.raises(access.NoActor):
        services.create_member(organization=world.organization("C121"), values=VALUES, by=other)


def test_duplicate_inside_the_reach_is_named(acting, world):
    with acting("street_clerk@S11"), pytest.raises(services.MemberRefused, match="秘C112秘.*样例C112"):
        make(world, "C111", id_number=id_number("C112"))


@pytest.mark.parametrize("hidden", ["C112", "C121", "C211"])
def test_number_of_a_hidden_file_is_saved_like_any_other(acting, world, hidden):
    with acting("community_clerk@C111"):
        made = make(world, id_number=id_number(hidden))
        assert services.find_duplicate(made) is None
        services.change_member(member=made, values={"id_number": ""}, by=access.current())
        services.change_member(member=made, values={"id_number": id_number(hidden)}, by=access.current())


def test_failed_movement_leaves_no_member(acting, world):
    with acting("community_clerk@C111"):
        before = Member.objects.count()
        for movement in ({"direction": "sideways"}, AWAY | {"ended_on": "2025-12-31"}):
            with pytest.raises(services.MemberRefused):
                services.create_member(
                    organization=world.organization("C111"), values=VALUES, by=access.current(), movement=movement
                )
        assert Member.objects.count() == before


@pytest.mark.parametrize("values", [{"name": ""}, {"gender": "x"}, {"join_date": "1980"}, {"birth_date": "1990-13"}])
def test_wrong_values_are_refused(acting, world, values):
    with acting("community_clerk@C111"), pytest.raises(services.MemberRefused):
        make(world, **values)


def test_change_without_a_change_writes_no_history(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        before = MemberEvent.objects.filter(pgh_obj=member).count()
        same = {"id_number": member.id_number, "mobile": member.mobile, "remark": member.remark, "name": member.name}
        services.change_member(member=member, values=same, by=actor)
        assert MemberEvent.objects.filter(pgh_obj=member).count() == before
        services.change_member(member=member, values={"mobile": "13900139000"}, by=actor)
        assert MemberEvent.objects.filter(pgh_obj=member).count() == before + 1


def test_change_member_of_a_visible_row_needs_the_right(acting, world):
    with acting("district_admin@D1") as actor, pytest.raises(PermissionDenied):
        services.change_member(member=world.member("C111"), values={"remark": "x"}, by=actor)


def test_move_member_needs_the_right_on_both_ends(acting, world):
    with acting("community_clerk@C111") as actor, pytest.raises(PermissionDenied):
        services.move_member(member=world.member("C111"), organization=world.organization("C112"), by=actor)
    with acting("street_clerk@S11") as actor:
        member = world.member("C111")
        services.move_member(member=member, organization=world.organization("C112"), by=actor)
        assert Member.objects.get(pk=member.pk).organization == world.organization("C112")
        with pytest.raises(PermissionDenied):
            services.move_member(member=member, organization=world.organization("C121"), by=actor)


def test_move_member_onto_a_taken_number_is_refused(acting, world, owner):
    with acting("street_clerk@S11") as actor:
        member = world.member("C111")
        twin = services.create_member(organization=world.organization("C112"), values=VALUES, by=actor)
        Member.objects.filter(pk=twin.pk).update(id_number_digest=member.id_number_digest)
        with pytest.raises(services.MemberRefused, match="could not be saved|无法保存"):
            services.move_member(member=member, organization=world.organization("C112"), by=actor)


def test_second_open_movement_of_a_direction_is_refused(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        with pytest.raises(services.MemberRefused):
            services.start_movement(member=member, values={"direction": "inflow"}, by=actor)
        services.end_movement(movement=member.movements.get(), ended_on="2026-03", by=actor)
        services.start_movement(member=member, values={"direction": "inflow", "started_on": "2026-04"}, by=actor)
        assert member.movements.filter(ended_on="").count() == 1


def test_side_outside_the_reach_is_refused(acting, world):
    with acting("community_clerk@C111") as actor:
        values = {"direction": "outflow", "host_organization": world.organization("C121")}
        with pytest.raises(services.MemberRefused):
            services.start_movement(member=world.member("C111"), values=values, by=actor)
    with acting("community_clerk@C121"):
        assert not Movement.objects.filter(host_organization=world.organization("C121"), direction="outflow").exists()


def test_state_that_ends_being_away_needs_a_date(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        with pytest.raises(services.MemberRefused):
            services.set_state(member=member, state="returned", by=actor)
        services.set_state(member=member, state="returned", by=actor, ended_on="2026-05-01")
        assert member.movements.get().ended_on == "2026-05-01"
        assert Member.objects.get(pk=member.pk).state == "returned"
