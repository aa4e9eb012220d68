"""A parcel on the way: the own page tells of it, and the member says there that it arrived."""

import uuid

import pytest
from django.utils import timezone

from activities.models import Parcel
from contacts.models import ContactLog
from tests.checkin.own_page.conftest import CLERK, field
from tests.world import canary

pytestmark = pytest.mark.django_db
BUTTON = '<button name="arrived"'


def press(phone, address, parcel):
    mark = field(phone.get(address), "mark")
    return phone.post(address, {"mark": mark, "arrived": str(parcel)})


@pytest.fixture
def parcel(world, acting):
    """The world's parcel to the member of C111."""
    with acting(CLERK):
        return Parcel.objects.get(member=world.member("C111")).pk


def test_parcel_is_confirmed_once_and_counts_as_a_contact(phone, address, parcel, acting, world):
    shown = phone.get(address).content.decode()
    assert f"寄{canary('C111')}" in shown
    assert shown.count(BUTTON) == 1
    for _twice in range(2):
        assert press(phone, address, parcel).status_code == 303
    assert BUTTON not in phone.get(address).content.decode()
    with acting(CLERK):
        row = Parcel.objects.get(pk=parcel)
        assert (row.state, row.closed_on, row.closed_by) == ("received", timezone.localdate(), None)
        (contact,) = ContactLog.objects.filter(member=world.member("C111"), source="parcel")
        assert (contact.side, contact.source_key) == ("host", parcel)  # an inflow


@pytest.mark.parametrize("wrong", ["C112", "both", "nobody", "words", "mark"])
def test_others_parcels_are_not_confirmed(phone, address, parcel, owner, world, wrong):
    keys = dict(owner.execute("select o.short_name, p.id from activities_parcel p"
                              " join portal_organization o on o.id = p.organization_id"))  # fmt: skip
    key = {"C112": keys["样例C112"], "nobody": uuid.uuid4(), "words": "x", "mark": parcel}.get(wrong, keys["样例C121"])
    if wrong == "mark":
        assert phone.post(address, {"mark": "forged", "arrived": str(key)}).status_code == 303
    else:
        assert press(phone, address, key).status_code == 303
    assert phone.get(address).content.decode().count(BUTTON) == 1
    assert owner.execute("select count(*) from activities_parcel where state <> 'sent'").fetchone() == (0,)
