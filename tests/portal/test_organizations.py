"""The tree: paths kept by triggers, and the loader of divisions."""

import pytest
from django.db import DatabaseError, transaction

from portal.models import Organization
from portal.organizations import FileRefused, load_organizations, short_name

STREET = """code,name,kind,parent_code
77,样省,province,
7701,样市,city,77
770101,样区,district,7701
770101001,样街道,street,770101
770101001001,样一社区居委会,community,770101001
"""

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def load(text):
    loaded = load_organizations(text.splitlines())
    return loaded.created, loaded.changed, loaded.unchanged


def test_loading_twice_changes_nothing():
    assert load(STREET) == (5, 0, 0)
    assert load(STREET) == (0, 0, 5)
    node = Organization.objects.using("owner").get(code="770101001001")
    assert (node.short_name, node.party_name) == ("样一社区", "样一社区党委")
    assert str(node.path).count(".") == 4


def test_loading_in_any_order_and_renaming():
    lines = STREET.splitlines()
    assert load("\n".join([lines[0], *reversed(lines[1:])])) == (5, 0, 0)
    assert load(STREET.replace("样街道", "新街道")) == (0, 1, 4)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("770101001002,样二社区,community,999", "7"),
        ("770101001001,重复,community,770101001", "7"),
        ("770101001003,无类,planet,770101001", "planet"),
        (",无码,community,770101001", "7"),
        ("7701010010,自己,community,7701010010", "7"),
    ],
)
def test_bad_line_refuses_the_whole_file(line, says):
    with pytest.raises(FileRefused) as refused:
        load(STREET + line + "\n")
    assert says in str(refused.value)
    assert not Organization.objects.using("owner").filter(code="77").exists()


def test_circle_and_wrong_header_are_refused():
    with pytest.raises(FileRefused):
        load("code,name,kind,parent_code\n81,甲,street,82\n82,乙,street,81\n")
    with pytest.raises(FileRefused):
        load("编码,名称\n1,甲\n")


def test_moving_a_node_moves_what_is_below():
    load(STREET)
    nodes = Organization.objects.using("owner")
    other = Organization(code="770101002", name="他街道", kind="street", parent=nodes.get(code="770101"))
    other.save(using="owner")
    community = nodes.get(code="770101001001")
    community.parent = other
    community.save(using="owner")
    moved, street = nodes.get(code="770101001001"), nodes.get(code="770101002")
    assert str(moved.path) == f"{street.path}.{moved.pk.hex}"


def test_circle_in_the_tree_is_refused():
    load(STREET)
    nodes = Organization.objects.using("owner")
    with pytest.raises(DatabaseError, match="organization_cycle"), transaction.atomic(using="owner"):
        nodes.filter(code="770101").update(parent=nodes.get(code="770101001001"))


def test_app_role_cannot_add_nodes_outside_its_reach(acting, world):
    with acting("street_admin@S11"):
        Organization(code="B-1", name="支部", kind="branch", parent=world.organization("C111")).save(force_insert=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            Organization(code="B-2", name="支部", kind="branch", parent=world.organization("C121")).save(
                force_insert=True
            )
        assert Organization.objects.filter(code=world.organization("S12").code).update(name="改") == 0


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("林店社区居委会", "林店社区"),
        ("桃花村村委会", "桃花村"),
        ("某某居委会", "某某居委会"),
        ("杏花村街道", "杏花村街道"),
    ],
)
def test_short_name_drops_the_ending_only(name, short):
    assert short_name(name) == short
