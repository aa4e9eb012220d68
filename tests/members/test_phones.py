"""Further and former numbers: noted, found, shared, and read by the side that manages the file."""

import pytest
from django.core.exceptions import PermissionDenied

from members import services
from members.models import Member, Phone, PhoneEvent
from portal import access
from tests.world import family_mobile, mobile

NEW = "13900139000"


def test_replaced_number_stays_known_and_still_finds_the_person(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        services.change_member(member=member, values={"mobile": NEW}, by=actor)
        former = member.phones.get(use="own")
        assert (former.number, len(former.until_on)) == (mobile("C111"), 10)
        assert list(Member.objects.with_number(mobile("C111"))) == [member]
        assert list(Member.objects.with_number(NEW)) == [member]
        services.change_member(member=member, values={"mobile": mobile("C111")}, by=actor)
        services.change_member(member=member, values={"mobile": NEW}, by=actor)
        assert member.phones.filter(use="own").count() == 2


def test_couple_shares_a_number(acting, world):
    with acting("street_clerk@S11") as actor:
        one, other = world.member("C111"), world.member("C112")
        for member in (one, other):
            services.add_phone(member=member, values={"number": NEW, "use": "family"}, by=actor)
        assert set(Member.objects.with_number(NEW)) == {one, other}


@pytest.mark.parametrize(
    "values",
    [
        {"number": ""},
        {"number": "12"},
        {"number": NEW, "use": "fax"},
        {"number": NEW, "from_on": "2026", "until_on": "2025"},
    ],
)
def test_number_that_cannot_be_is_refused(acting, world, values):
    with acting("community_clerk@C111") as actor, pytest.raises(services.MemberRefused):
        services.add_phone(member=world.member("C111"), values=values, by=actor)


def test_phone_of_another_office_is_not_changed(acting, world):
    with acting("street_clerk@S11"):
        phone = world.member("C111").phones.select_related("member__organization").get()
    with acting("community_clerk@C112") as actor, pytest.raises(PermissionDenied):
        services.change_phone(phone=phone, values={"until_on": "2026"}, by=actor)


@pytest.mark.parametrize("other", ["community_clerk@C112", "street_clerk@S12", "district_admin@D2"])
def test_numbers_out_of_reach_do_not_exist(acting, world, owner, other):
    pk = owner.execute("select member_id from members_phone p join members_member m on m.id = p.member_id"
                       " where m.name = '秘C111秘'").fetchone()[0]  # fmt: skip
    assert owner.execute("select count(*) from members_phoneevent where member_id = %s", [pk]).fetchone()[0] == 1
    with acting(other):
        assert not Phone.objects.filter(number_digest=Phone.number.digest(family_mobile("C111"))).exists()
        assert not Member.objects.with_number(family_mobile("C111")).exists()
        assert not PhoneEvent.objects.filter(member=pk).exists()


def test_other_side_reads_own_numbers_and_not_the_familys(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        services.add_phone(member=member, values={"number": NEW, "use": "own"}, by=actor)
        side = {"home_organization": world.organization("C121")}
        movement = member.movements.get()
        type(movement).objects.filter(pk=movement.pk).update(home_organization=side["home_organization"], home_text="")
        with acting("community_clerk@C121"):
            assert [phone.use for phone in Phone.objects.filter(member=member)] == ["own"]
            with pytest.raises(PermissionDenied):
                services.add_phone(member=member, values={"number": NEW}, by=access.current())
