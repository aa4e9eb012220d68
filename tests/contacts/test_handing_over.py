"""A liaison who leaves orphans nobody."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.handing_over import hand_over, propose, successors, waiting_members
from contacts.models import Liaison, LiaisonAssignment
from contacts.services import assign_many, create_liaison
from members.models import Member

CLERK = "street_clerk@S11"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(acting, make_member, world):
    """Liaisons 甲 and 乙 of C111 and 丙 of C112; six members of C111 and two of C112, all with 甲."""
    with acting(CLERK) as actor:
        one, two = (create_liaison(organization=world.organization("C111"), name=name, by=actor) for name in "甲乙")
        three = create_liaison(organization=world.organization("C112"), name="丙", by=actor)
        members = [make_member(name=f"人{number}") for number in range(6)]
        members += [make_member("C112", name=f"邻{number}") for number in range(2)]
        assign_many(members=members, liaison=one, by=actor)
    return one, two, three, members


def primary():
    rows = LiaisonAssignment.objects.open().filter(is_primary=True, member__name__regex="^[人邻]")
    return dict(rows.values_list("member__name", "liaison__name"))


def test_proposal_stays_in_the_community_and_takes_whoever_has_the_fewest(office, acting):
    one, two, three, members = office
    with acting(CLERK) as actor:
        assign_many(members=members[:1], liaison=two, by=actor)
        loads = successors(actor, one)
        assert one not in [load.liaison for load in loads]
        before = {load.liaison.name: load.now for load in loads}
        proposed = propose(list(waiting_members(one)), loads)
        after = {load.liaison.name: load.then for load in loads}
    assert len(proposed) == 7
    assert {liaison.organization.code[:9] for liaison in proposed.values()} == {"990101001"}
    for member in members[1:]:
        assert proposed[member.pk].organization_id == member.organization_id
    of_c111 = [load.then for load in loads if load.liaison.organization_id == members[0].organization_id]
    assert len(of_c111) > 1
    assert max(of_c111) - min(of_c111) <= 1
    assert sum(after.values()) - sum(before.values()) == 7


def test_whole_work_is_handed_over_in_one_save(office, acting, login):
    one, two, three, members = office
    page = login(CLERK).get(f"/admin/contacts/liaison/{one.pk}/hand-over/?ends=1")
    assert {member.name for member, _successor in page.context["lines"]} == {member.name for member in members}
    sent = {"row": [str(member.pk) for member in members], "ends": "on"}
    sent |= {f"to-{member.pk}": str(two.pk) for member in members[:6]} | {
        f"to-{m.pk}": str(three.pk) for m in members[6:]
    }
    assert login(CLERK).post(f"/admin/contacts/liaison/{one.pk}/hand-over/", sent).status_code == 302
    with acting(CLERK):
        assert set(primary().values()) == {"乙", "丙"}
        assert len(primary()) == 8
        one.refresh_from_db()
        assert not one.is_active


def test_work_does_not_end_while_somebody_is_left(office, acting):
    one, two, _three, members = office
    with acting(CLERK) as actor:
        with pytest.raises(ValidationError):
            hand_over({members[0].pk: two.pk}, by=actor, leaving=one, ends_work=True)
        assert set(primary().values()) == {"甲"}  # all or nothing
        assert Liaison.objects.get(pk=one.pk).is_active
        assert hand_over({members[0].pk: two.pk}, by=actor, leaving=one) == {"乙": 1}
        assert primary()["人0"] == "乙"


def test_page_that_is_out_of_date_changes_nothing(office, acting):
    one, two, _three, members = office
    with acting(CLERK) as actor:
        assign_many(members=members[:1], liaison=two, by=actor)  # somebody else was quicker
        with pytest.raises(ValidationError):
            hand_over({member.pk: two.pk for member in members[:3]}, by=actor, leaving=one)
        assert primary()["人1"] == "甲"


@pytest.mark.parametrize("key", ["C121", "C211"])
def test_member_or_successor_of_another_street_is_refused(office, acting, owner, world, key):
    one, two, _three, members = office
    of_node = "select id from {} where organization_id = %s limit 1"
    foreign = [
        owner.execute(of_node.format(table), [world.organization(key).pk]).fetchone()[0]
        for table in ("members_member", "contacts_liaison")
    ]
    with acting(CLERK) as actor:
        for chosen in ({foreign[0]: two.pk}, {members[0].pk: foreign[1]}, {members[0].pk: uuid.uuid4()}):
            with pytest.raises(ValidationError):
                hand_over(chosen, by=actor, leaving=one)
        assert set(primary().values()) == {"甲"}


def test_clerk_of_another_community_hands_nothing_over(office, acting, login):
    one, two, _three, members = office
    assert login("community_clerk@C112").get(f"/admin/contacts/liaison/{one.pk}/hand-over/").status_code == 404
    with acting("community_clerk@C112") as actor, pytest.raises((PermissionDenied, ValidationError)):
        hand_over({members[0].pk: two.pk}, by=actor, leaving=None)
    with acting(CLERK):
        assert set(primary().values()) == {"甲"}


def test_members_without_a_liaison_get_one_each(office, acting, login):
    one, _two, _three, members = office
    with acting(CLERK):
        LiaisonAssignment.objects.open().filter(liaison=one).update(ended_on="2026-11-01")
    client = login(CLERK)
    page = client.get("/admin/contacts/hand-over/")
    lines = {member.name: successor for member, successor in page.context["lines"]}
    assert {member.name for member in members} <= lines.keys()
    assert all(lines[member.name] is not None for member in members)
    sent = {"row": [str(member.pk) for member, _ in page.context["lines"]]}
    sent |= {f"to-{member.pk}": str(successor.pk) for member, successor in page.context["lines"] if successor}
    client.post("/admin/contacts/hand-over/", sent)
    with acting(CLERK):
        assert len(primary()) == 8
        assert {member.name for member in Member.objects.filter(name__regex="^人")} <= primary().keys()


def test_page_costs_the_same_however_many_members(office, acting, login):
    one, two, _three, members = office
    client, counts = login(CLERK), []
    for liaison in (one, two):
        client.get(f"/admin/contacts/liaison/{liaison.pk}/hand-over/")
        with acting(CLERK) as actor:
            if liaison == two:
                assign_many(members=members[:1], liaison=two, by=actor)
        with CaptureQueriesContext(connection) as sent:
            client.get(f"/admin/contacts/liaison/{liaison.pk}/hand-over/")
        counts.append(len(sent))
    assert counts[0] == counts[1]
