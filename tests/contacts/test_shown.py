"""What a member sees of the liaison."""

import pytest

from contacts.forms import LiaisonForm
from contacts.models import Liaison
from contacts.services import assign_liaison, create_liaison
from contacts.shown import ShownLiaison, liaison_shown_to

pytestmark = pytest.mark.django_db
CLERK = "street_clerk@S11"


@pytest.fixture
def looked_after(acting, world, make_member):
    """A member of C111 with the liaison 石评梅, as the street's clerk."""
    with acting(CLERK) as actor:
        member = make_member()
        liaison = create_liaison(organization=world.organization("C111"), name="石评梅", by=actor, mobile="13800009911")
        assign_liaison(member=member, liaison=liaison, by=actor)
        yield member, liaison


def test_member_sees_name_and_office_phone_of_the_liaison(looked_after):
    member, liaison = looked_after
    Liaison.objects.filter(pk=liaison.pk).update(office_phone="0551-62345678")
    assert liaison_shown_to(member) == ShownLiaison("石评梅", "0551-62345678")


def test_own_mobile_number_is_never_shown(looked_after):
    member, _liaison = looked_after
    assert liaison_shown_to(member) == ShownLiaison("石评梅", "")


def test_liaison_who_has_stopped_is_not_shown(looked_after):
    member, liaison = looked_after
    Liaison.objects.filter(pk=liaison.pk).update(is_active=False)
    assert liaison_shown_to(member) is None


def typed(liaison, **given):
    values = {"organization": liaison.organization_id, "name": liaison.name, "kind": liaison.kind, "is_active": "on"}
    form = LiaisonForm(values | given, instance=liaison)
    form.is_valid()
    return form


@pytest.mark.parametrize("number", ["0551-62345678", "０５５１-62345678-801", "62345678", "12345"])
def test_office_phone_is_a_number_to_dial(looked_after, number):
    assert "office_phone" not in typed(looked_after[1], office_phone=number).errors


@pytest.mark.parametrize("number", ["党办", "0551 转 党办", "1-", "13800009911"])
def test_office_phone_is_not_text_and_not_the_own_number(looked_after, number):
    assert "office_phone" in typed(looked_after[1], office_phone=number).errors
