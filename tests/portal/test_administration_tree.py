"""The tree on the staff pages: the own subtree only, names, branches, moves between own nodes, out of use."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from members.models import Member
from portal.administration import services
from portal.models import AuditEntry, Organization

DISTRICT, STREET = "district_admin@D1", "street_admin@S11"
PAGES = ("node", "children", "rename", "branch", "choose_target", "in_use", "give")


def address(name, *args):
    return reverse(f"administration:{name}", args=args)


def node(key, world):
    return Organization.objects.get(pk=world.organization(key).pk)


def test_tree_shows_the_own_subtree_lazily(login, world, django_assert_max_num_queries):
    district = login(DISTRICT)
    with django_assert_max_num_queries(15):
        text = district.get(address("tree")).content.decode()
    assert "样例S11" in text
    assert "样例C111" not in text  # loaded when the street is opened
    below = district.get(address("children", world.organization("S11").pk)).content.decode()
    assert "样例C111" in below
    assert "<html" not in below
    for foreign in ("样例D2", "样例S21", "样例X"):
        assert foreign not in text


@pytest.mark.parametrize(
    ("term", "found"), [("C112", True), ("990101001002", True), ("C211", False), ("990102", False)]
)
def test_search_by_name_and_code_stays_inside(login, term, found):
    text = login(DISTRICT).get(address("tree"), {"q": term}).content.decode()
    assert ("样例C112" in text) is found
    assert "样例C211" not in text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("key", ["S12", "C121", "S21", "D1", "X"])
def test_nodes_outside_are_absent(login, world, page, key):
    street = login(STREET)
    for answer in (street.get, street.post):
        assert answer(address(page, world.organization(key).pk)).status_code == 404
    assert street.get(address(page, uuid.uuid4())).status_code == 404


@pytest.mark.parametrize(
    "actor", ["street_clerk@S11", "community_clerk@C111", "city_viewer@X", "auditor@S11", "operator@X"]
)
def test_pages_are_for_administrators(login, world, actor):
    own = world.organization("C111").pk
    client = login(actor)
    for path in (address("tree"), address("accounts"), address("reports"), *(address(page, own) for page in PAGES)):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert "/admin/staff/" not in client.get("/admin/").content.decode()


def test_node_shows_inherited_roles_of_the_own_subtree_only(login, world):
    text = login(STREET).get(address("node", world.organization("C111").pk)).content.decode()
    assert "账号S11street_clerk" in text
    assert "账号C111community_clerk" in text
    for foreign in ("账号D1", "账号X", "账号C112"):
        assert foreign not in text


def test_names_are_changed_and_the_code_is_not(login, world):
    place = world.organization("C111")
    form = {"short_name": "新简称", "party_name": "新党委", "code": "1", "name": "x"}
    street, page = login(STREET), address("rename", place.pk)
    form["shown_version"] = street.get(page).context["form"]["shown_version"].value()
    assert street.post(page, form).status_code == 302
    now = node("C111", world)
    assert (now.short_name, now.party_name, now.code, now.name) == ("新简称", "新党委", place.code, place.name)


def test_branch_sent_twice_is_made_once(login, world):
    street, above = login(STREET), world.organization("C111")
    form = {"pk": str(uuid.uuid4()), "name": "第二支部", "party_name": ""}
    answers = {street.post(address("branch", above.pk), form)["Location"] for _twice in range(2)}
    assert len(answers) == 1
    made = Organization.objects.get(name="第二支部")
    assert (made.code, made.parent_id, made.kind) == (f"B-{above.code}-2", above.pk, "branch")
    refused = street.post(address("branch", made.pk), {"pk": str(uuid.uuid4()), "name": "第三支部"})
    assert refused.status_code == 200
    assert not Organization.objects.filter(name="第三支部").exists()


# --- moves -----------------------------------------------------------------------------------------------------------


def test_move_names_both_ends_counts_people_and_carries_all_along(login, world, acting):
    district, moved, target = login(DISTRICT), world.organization("C111"), world.organization("S12")
    page = address("move", moved.pk, target.pk)
    text = district.get(page).content.decode()
    for needed in ("样例C111", "样例S11", "样例S12"):
        assert needed in text
    with acting(DISTRICT):
        assert services.people_below(node("C111", world)) == (1, 4)  # the clerk, liaison, visitor and the secretary
    for _twice in range(2):
        assert district.post(page).status_code == 302
    assert node("B111", world).path.startswith(node("S12", world).path)
    with acting("street_clerk@S12"):
        assert Member.objects.count() == 3
    with acting("street_clerk@S11"):
        assert Member.objects.count() == 1
    with acting("community_clerk@C111"):
        assert Member.objects.count() == 1
    with acting("auditor@S12"):
        assert AuditEntry.objects.filter(action="move_organization").count() == 1


def test_search_for_the_new_place_offers_own_higher_nodes_only(login, world):
    page = address("choose_target", world.organization("C111").pk)
    text = login(DISTRICT).get(page).content.decode()
    assert address("move", world.organization("C111").pk, world.organization("S12").pk) in text
    for foreign in ("样例S21", "样例D2", "样例C112", "样例C121"):
        assert foreign not in text


@pytest.mark.parametrize(("key", "target"), [("C111", "S21"), ("C111", "D2"), ("C211", "S11"), ("S21", "D1")])
def test_move_over_the_edge_is_absent(login, world, key, target):
    page = address("move", world.organization(key).pk, world.organization(target).pk)
    district = login(DISTRICT)
    assert district.get(page).status_code == 404
    assert district.post(page).status_code == 404
    assert node(key, world).parent_id == world.organization(key).parent_id


@pytest.mark.parametrize(("key", "target"), [("S11", "C111"), ("S11", "S11"), ("C111", "C112"), ("C111", "B111")])
def test_circle_and_wrong_level_are_refused_in_words(login, world, key, target):
    page = address("move", world.organization(key).pk, world.organization(target).pk)
    district = login(DISTRICT)
    assert "office-refusal" in district.get(page).content.decode()
    assert district.post(page).status_code == 302
    assert node(key, world).parent_id == world.organization(key).parent_id


def test_own_top_is_not_moved_or_closed_by_its_administrator(login, world, acting):
    street, top = login(STREET), world.organization("S11")
    assert "office-refusal" in street.get(address("choose_target", top.pk)).content.decode()
    street.post(address("in_use", top.pk), {"wanted": "no"})
    assert node("S11", world).is_active
    with acting(STREET), pytest.raises((PermissionDenied, ValidationError)):
        services.move(top, world.organization("C111"))


def test_database_refuses_moves_that_a_screen_forgets(acting, world):
    top, own, foreign = (world.organization(key).pk for key in ("S11", "C111", "S12"))
    calls = [
        ("select portal.move_organization(%s, %s)", [own, foreign]),
        ("select portal.move_organization(%s, %s)", [top, own]),
        ("select portal.move_organization(%s, %s)", [world.organization("C121").pk, top]),
        ("update portal_organization set parent_id = %s where id = %s", [foreign, own]),
        ("update portal_organization set parent_id = %s where id = %s", [own, top]),
    ]
    with acting(STREET), connection.cursor() as cursor:
        for statement, values in calls:
            with pytest.raises(DatabaseError, match="organization_refused"), transaction.atomic():
                cursor.execute(statement, values)


# --- out of use ------------------------------------------------------------------------------------------------------


def test_only_an_empty_node_goes_out_of_use(login, world):
    street = login(STREET)
    for key, stays in (("C111", True), ("C112", True), ("B111", False)):
        page = address("in_use", world.organization(key).pk)
        assert ("office-refusal" in street.get(page).content.decode()) is stays
        assert street.post(page, {"wanted": "no"}).status_code == 302
        assert node(key, world).is_active is stays
    street.post(address("in_use", world.organization("B111").pk), {"wanted": "yes"})
    assert node("B111", world).is_active
