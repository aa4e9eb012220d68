"""Constraints and scopes of members and movements in the database."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404

from members.admin.pages import IdPaginator
from members.models import Member, Movement, Placement, access_member
from portal import access
from tests.world import id_number, mobile


@pytest.mark.parametrize("change", [{"state": "gone"}, {"name": ""}])
def test_member_constraints_hold_under_raw_updates(acting, world, change):
    with acting("community_clerk@C111"), pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.update(**change)


def test_number_is_unique_inside_one_organization_only(acting, world):
    with acting("street_clerk@S11"):
        twin = Member(organization=world.organization("C112"))
        twin.set_name("同号示例")
        twin.id_number = id_number("C111")
        twin.save(force_insert=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=twin.pk).update(organization=world.organization("C111"))


def test_one_open_movement_of_a_direction(acting, world):
    with acting("community_clerk@C111"):
        member = world.member("C111")
        with pytest.raises(IntegrityError), transaction.atomic():
            Movement(member=member, direction="inflow").save(force_insert=True)
        Movement(member=member, direction="inflow", ended_on="2024-01").save(force_insert=True)
        Movement(member=member, direction="outflow").save(force_insert=True)


def test_delete_is_refused(acting, world):
    with acting("street_admin@S11"):
        for rows in (Movement.objects.all(), Member.objects.all()):
            assert rows.exists()
            with pytest.raises(DatabaseError), transaction.atomic():
                rows._raw_delete(rows.db)


def test_access_member_answers_alike_for_hidden_absent_and_odd(acting, world):
    with acting("community_clerk@C112"):
        hidden = world.member("C112").pk
    with acting("community_clerk@C111") as actor:
        assert access_member(actor, world.member("C111").pk)
        for key in (hidden, "00000000-0000-4000-8000-000000000000", "x", "", None):
            with pytest.raises(Http404):
                access_member(actor, key)


def test_querysets_ask_for_the_acting_person(acting, world):
    other = access.user_actor(world.user("street_clerk@S12"))
    with acting("street_clerk@S11") as actor:
        assert Member.objects.visible_to(actor).count() == Member.objects.managed_by(actor).count() == 2
        for ask in (Member.objects.visible_to, Member.objects.managed_by):
            with pytest.raises(access.NoActor):
                ask(other)


def test_with_number_finds_exact_numbers_only(acting, world):
    with acting("street_clerk@S11"):
        assert Member.objects.with_number(f" {mobile('C111')} ").get().name == "秘C111秘"
        assert Member.objects.with_number(id_number("C111").lower()).get().name == "秘C111秘"
        assert not Member.objects.with_number(mobile("C111")[:-1]).exists()
        assert not Member.objects.with_number(mobile("C121")).exists()


def test_ended_movement_takes_the_placement_away(acting, world, owner):
    with acting("street_clerk@S11"):
        member = world.member("C111")
        Movement(member=member, direction="outflow", home_organization=world.organization("C112")).save()
        with acting("community_clerk@C112"):
            assert Member.objects.filter(pk=member.pk).exists()
        Movement.objects.filter(member=member, direction="outflow").update(ended_on="2026-01")
        with acting("community_clerk@C112"):
            assert not Member.objects.filter(pk=member.pk).exists()


def test_placements_of_a_granted_node_are_found_without_the_nodes_below_it(acting, world):
    """The first half of the policy suffices there: a city would else work out 1,000 ids for every statement."""
    with acting("street_clerk@S11"):
        placed = Placement.objects.filter(organization=world.organization("S11"))
        assert placed.values_list("member_id").explain(analyze=True).count("never executed") >= 1
        assert placed.count() == 2
        assert Placement.objects.filter(organization=world.organization("C111")).count() == 1
        for foreign in ("S12", "C121", "D1"):
            assert not Placement.objects.filter(organization=world.organization(foreign)).exists()


def test_wall_judges_each_member_that_is_read_and_gathers_no_others(acting, world):
    with acting("street_clerk@S11"):
        plan = Member.objects.filter(pk=world.member("C111").pk).explain()
    assert "EXISTS(SubPlan" in plan
    assert "hashed SubPlan" not in plan.split("EXISTS(SubPlan")[0]


def test_first_page_is_one_statement(acting, world, django_assert_num_queries):
    with acting("street_clerk@S11") as actor:
        placed = Placement.objects.filter(organization=world.organization("S11")).order_by("name_pinyin", "member_id")
        rows = Member.objects.visible_to(actor).order_by("name_pinyin", "id")
        pages = IdPaginator(rows, 50, placed.values_list("member_id", flat=True))
        with django_assert_num_queries(1):
            assert len([(member.name, str(member.organization)) for member in pages.page(1).object_list]) == 2
