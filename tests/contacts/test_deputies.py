"""Deputies take over, nobody is orphaned in silence; how many members one liaison carries."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from contacts.assigning import set_deputies
from contacts.handing_over import propose, successors, waiting_members
from contacts.models import ContactPolicy, Liaison, LiaisonAssignment
from contacts.services import assign_liaison, assign_many, create_liaison
from portal.models import AuditEntry

CLERK = "community_clerk@C111"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(acting, make_member, world):
    """Liaisons 甲, 乙, 丙 of C111; three members, all with 甲; 乙 is the deputy for the first."""
    with acting(CLERK) as actor:
        people = [create_liaison(organization=world.organization("C111"), name=name, by=actor) for name in "甲乙丙"]
        members = [make_member(name=f"人{number}") for number in range(3)]
        assign_many(members=members, liaison=people[0], by=actor)
        set_deputies(member=members[0], deputies=[people[1]], by=actor)
    return people, members


def held(member, *, primary=True):
    rows = LiaisonAssignment.objects.open().filter(member=member, is_primary=primary)
    return list(rows.order_by("liaison__name").values_list("liaison__name", flat=True))


def test_deputy_takes_over_when_the_liaison_stops(office, acting):
    (one, _two, _three), members = office
    with acting(CLERK):
        one.is_active = False
        one.save(update_fields=["is_active"])
        assert [held(member) for member in members] == [["乙"], [], []]
        assert held(members[0], primary=False) == []


def test_deputy_who_has_stopped_takes_nothing_over(office, acting):
    (one, two, _three), members = office
    with acting(CLERK):
        two.is_active = False
        two.save(update_fields=["is_active"])
        one.is_active = False
        one.save(update_fields=["is_active"])
        assert held(members[0]) == []


def test_account_that_leaves_gives_members_to_the_deputy(office, acting, owner, world):
    (one, _two, _three), members = office
    person = world.user("liaison@C111").pk
    owner.execute("update contacts_liaison set user_id = null where user_id = %s", [person])
    owner.execute("update contacts_liaison set user_id = %s where id = %s", [person, one.pk])
    with acting("street_admin@S11"):
        with connection.cursor() as cursor:
            cursor.execute("select portal.end_staff(%s)", [person])
        assert [held(member) for member in members] == [["乙"], [], []]
        # two are left without a liaison, the third has the deputy
        assert AuditEntry.objects.get(action="person_left").detail["assignments"] == 2


def test_hand_over_proposes_the_deputy_first(office, acting):
    (one, two, _three), members = office
    with acting(CLERK) as actor:
        assign_many(members=members[2:], liaison=two, by=actor)  # 乙 carries one, 丙 none
        proposed = propose(list(waiting_members(one)), successors(actor, one))
        assert proposed[members[0].pk] == two
        assert proposed[members[1].pk] != two


def test_proposal_keeps_to_the_limit_while_somebody_has_room(office, acting, make_member, world):
    (one, two, three), _members = office
    with acting(CLERK) as actor:
        ContactPolicy.objects.create(organization=world.organization("C111"), capacity=2)
        more = [make_member(name=f"新{number}") for number in range(6)]
        loads = [load for load in successors(actor, one) if load.liaison in (two, three)]
        propose(more[:4], loads)
        assert sorted(load.then for load in loads) == [2, 2]
        assert not any(load.is_over for load in loads)
        propose(more[4:5], loads)
        assert any(load.is_over for load in loads)  # all are full: nobody stays without


def test_deputy_becomes_the_liaison_and_is_listed_once(office, acting):
    (_one, two, _three), members = office
    with acting(CLERK) as actor:
        assign_liaison(member=members[0], liaison=two, by=actor)
        assert (held(members[0]), held(members[0], primary=False)) == (["乙"], [])


def test_deputies_are_chosen_on_the_assign_page_and_shown_on_the_card(office, acting, login):
    (one, two, three), members = office
    client, url = login(CLERK), f"/admin/contacts/assign/{members[1].pk}/"
    assert client.post(url, {"liaison": one.pk, "deputies": [two.pk, three.pk]}).status_code == 302
    with acting(CLERK):
        assert set(held(members[1], primary=False)) == {"乙", "丙"}
    assert "乙" in client.get(f"/admin/members/member/{members[1].pk}/card/").content.decode()
    assert client.post(url, {"liaison": one.pk, "deputies": [three.pk]}).status_code == 302
    with acting(CLERK):
        assert held(members[1], primary=False) == ["丙"]
    refused = client.post(url, {"liaison": one.pk, "deputies": [one.pk]})
    assert refused.status_code == 200
    assert refused.context["form"].errors["deputies"]


def test_deputy_of_another_community_is_refused(office, acting, owner, world):
    _people, members = office
    (foreign,) = owner.execute(
        "select id from contacts_liaison where organization_id = %s limit 1", [world.organization("C112").pk]
    ).fetchone()
    stranger = Liaison(pk=foreign, organization=world.organization("C112"))
    with acting(CLERK) as actor, pytest.raises((PermissionDenied, ValidationError)):
        set_deputies(member=members[1], deputies=[stranger], by=actor)
    with acting(CLERK):
        assert held(members[1], primary=False) == []


def test_promotion_is_not_for_the_app_role(office, acting):
    _people, members = office
    with acting(CLERK):
        for call in ("promote_deputies", "end_assignments"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"select portal.{call}(%s)", [[members[0].pk]])


def test_list_of_liaisons_shows_and_finds_who_has_too_many(office, acting, login, make_member, world):
    (one, _two, _three), _members = office
    with acting(CLERK):
        ContactPolicy.objects.create(organization=world.organization("C111"), capacity=2)
    client = login(CLERK)
    assert "3 / 2" in client.get("/admin/contacts/liaison/").content.decode()
    over = client.get("/admin/contacts/liaison/", {"load": "over"}).context["cl"].result_list
    assert [row.name for row in over] == ["甲"]
    with acting(CLERK):
        fourth = make_member(name="第四")
    page = client.post(f"/admin/contacts/assign/{fourth.pk}/", {"liaison": one.pk}, follow=True)
    assert "4/2" in page.content.decode()


def test_list_of_members_without_a_liaison_names_the_former_one(office, acting, login):
    (one, _two, _three), _members = office
    with acting(CLERK):
        one.is_active = False
        one.save(update_fields=["is_active"])
        today = LiaisonAssignment.objects.filter(liaison=one).first().ended_on
    page = login(CLERK).get("/admin/members/member/", {"liaison": "none"}).content.decode()
    assert page.count("甲") >= 2
    assert today.isoformat() in page
