"""Two files of one person in one reach become one: values by choice, nothing lost, nothing across the reach."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from members import merging, services
from members.models import Member
from portal.models import AuditEntry

NEW = "13900139000"


def double(world, by, **values):
    values = {"name": "秘C111秘", "mobile": NEW, "occupation": "新职业", "wechat_id": "wx-2"} | values
    movement = {"direction": "outflow", "destination": "苏州", "host_text": "外地支部", "started_on": "2026-01"}
    return services.create_member(
        organization=world.organization("C111"), values=values, by=by, movement=movement
    )  # fmt: skip


def address(one, other):
    return reverse("admin:members_member_merge", args=[one.pk, other.pk])


def test_choice_by_field_decides_and_nothing_is_lost(acting, world):
    with acting("street_clerk@S11") as actor:
        kept = world.member("C111")
        other, former = double(world, actor), kept.mobile
        choices = {"mobile": "other", "occupation": "kept", "wechat_id": "other"}
        occupation = kept.occupation
        merging.merge_members(kept=kept, other=other, choices=choices, by=actor)
        stored = Member.objects.get(pk=kept.pk)
        assert (stored.mobile, stored.occupation, stored.wechat_id) == (NEW, occupation, "wx-2")
        assert former in {phone.number for phone in stored.phones.all()}
        assert {movement.direction for movement in stored.movements.all()} == {"inflow", "outflow"}
        assert stored.movements.get(direction="outflow").destination == "苏州"
        folded = Member.objects.get(pk=other.pk)
        assert (folded.same_as_id, folded.mobile) == (kept.pk, NEW)
        assert not folded.placements.exists()
        assert list(Member.objects.with_number(NEW).filter(same_as=None)) == [stored]
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="merge_files").count() == 2


def test_empty_value_of_the_kept_file_gives_way(acting, world):
    with acting("street_clerk@S11") as actor:
        kept = services.create_member(organization=world.organization("C111"), values={"name": "秘示例"}, by=actor)
        other = double(world, actor, id_number="11010519491231002X")
        merging.merge_members(kept=kept, other=other, choices={}, by=actor)
        stored = Member.objects.get(pk=kept.pk)
        assert (stored.name, stored.id_number, stored.occupation) == ("秘示例", "11010519491231002X", "新职业")
        assert services.find_duplicate(stored) is None


@pytest.mark.parametrize("key", ["C112", "C121"])
def test_file_out_of_reach_is_not_merged(acting, world, key):
    with acting("street_clerk@S11" if key == "C112" else "street_clerk@S12"):
        foreign = world.member(key)
    with acting("community_clerk@C111") as actor:
        with pytest.raises(PermissionDenied):
            merging.merge_members(kept=world.member("C111"), other=foreign, choices={}, by=actor)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select portal.fold_file(%s, %s)", [world.member("C111").pk, foreign.pk])


def test_file_that_was_merged_is_not_merged_again(acting, world):
    with acting("street_clerk@S11") as actor:
        kept, other = world.member("C111"), double(world, actor)
        merging.merge_members(kept=kept, other=other, choices={}, by=actor)
        with pytest.raises(services.MemberRefused):
            merging.merge_members(kept=kept, other=Member.objects.get(pk=other.pk), choices={}, by=actor)


def test_page_shows_masks_and_refuses_a_stale_version(login, acting, world):
    with acting("street_clerk@S11") as actor:
        kept = world.member("C111")
        other = double(world, actor)
    client = login("street_clerk@S11")
    page = client.get(address(kept, other))
    text = page.content.decode()
    assert NEW not in text
    assert "139****9000" in text
    with acting("street_clerk@S11") as actor:
        services.change_member(member=other, values={"occupation": "又改"}, by=actor)
    version = {"version": page.context["version"]}
    assert client.post(address(kept, other), version | {"choose-mobile": "other"}).status_code == 200
    with acting("street_clerk@S11"):
        assert Member.objects.get(pk=other.pk).same_as_id is None
    version = {"version": client.get(address(kept, other)).context["version"]}
    assert client.post(address(kept, other), version | {"choose-mobile": "other"}).status_code == 302
    with acting("street_clerk@S11"):
        assert Member.objects.get(pk=kept.pk).mobile == NEW


def test_two_id_numbers_are_two_people_unless_somebody_is_sure(login, acting, world):
    with acting("street_clerk@S11") as actor:
        kept = world.member("C111")
        other = double(world, actor, id_number="11010519491231002X")
        with pytest.raises(services.MemberRefused):
            merging.merge_members(kept=kept, other=other, choices={}, by=actor)
    client = login("street_clerk@S11")
    page = client.get(address(kept, other))
    assert 'name="is_sure" required' in page.content.decode()
    version = {"version": page.context["version"]}
    refused = client.post(address(kept, other), version)
    assert "身份证号不同。请勾选" in refused.content.decode()
    with acting("street_clerk@S11"):
        assert Member.objects.get(pk=other.pk).same_as_id is None
    assert client.post(address(kept, other), version | {"is_sure": "on"}).status_code == 302
    with acting("street_clerk@S11"):
        assert Member.objects.get(pk=other.pk).same_as_id == kept.pk


@pytest.mark.parametrize("who", ["community_clerk@C112", "district_admin@D1", "branch_secretary@B111"])
def test_page_is_absent_without_both_files(login, acting, world, who):
    with acting("street_clerk@S11") as actor:
        kept, other = world.member("C111"), double(world, actor)
    assert login(who).get(address(kept, other)).status_code == 404
