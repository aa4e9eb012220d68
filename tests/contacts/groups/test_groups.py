"""Chat groups: who is in, since when; who is in none; nothing else."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.groups.models import GroupMembership, WechatGroup
from contacts.groups.services import access_group, change_group, in_no_group
from members.models import Member
from tests.world import canary

CLERK = "community_clerk@C111"
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def group(acting, world):
    with acting(CLERK):
        return WechatGroup.objects.create(organization=world.organization("C111"), name="林店学习群", opened_on=TODAY)


def test_members_join_and_leave_with_dates(acting, group, make_member):
    with acting(CLERK) as by:
        first, second = make_member(name="甲一"), make_member(name="乙二")
        given = {"group": group, "by": by}
        assert change_group(joined={first.pk, second.pk}, left=set(), on=TODAY - DAY, **given) == (2, 0)
        assert change_group(joined={first.pk}, left=set(), on=TODAY, **given) == (0, 0)  # is in already
        assert change_group(joined=set(), left={first.pk}, on=TODAY, **given) == (0, 1)
        assert change_group(joined={first.pk}, left=set(), on=TODAY, **given) == (1, 0)  # came back
        rows = GroupMembership.objects.filter(group=group, member=first).order_by("left_on")
        assert list(rows.values_list("joined_on", "left_on")) == [(TODAY - DAY, TODAY), (TODAY, None)]


@pytest.mark.parametrize("who", ["liaison@C111", "branch_secretary@B111", "district_admin@D1", "community_clerk@C112"])
def test_group_is_changed_with_the_right_only(acting, group, world, who):
    with acting(CLERK):
        member = world.member("C111")
    with acting(who) as by, pytest.raises(PermissionDenied):
        change_group(group=group, joined={member.pk}, left=set(), on=TODAY, by=by)


def test_nobody_out_of_reach_is_put_in(acting, group, owner, world):
    foreign = owner.execute("select id from members_member where organization_id = %s",
                            [world.organization("C112").pk]).fetchone()[0]  # fmt: skip
    with acting(CLERK) as by:
        for pk in (foreign, uuid.uuid4()):
            with pytest.raises(Http404):
                change_group(group=group, joined={pk}, left=set(), on=TODAY, by=by)
    with acting("community_clerk@C112") as by, pytest.raises(Http404):
        access_group(by, group.pk)


def test_days_that_cannot_be_are_refused(acting, group, make_member):
    with acting(CLERK) as by:
        member = make_member()
        with pytest.raises(ValidationError):
            change_group(group=group, joined={member.pk}, left=set(), on=TODAY + DAY, by=by)
        change_group(group=group, joined={member.pk}, left=set(), on=TODAY, by=by)
        with pytest.raises(ValidationError):
            change_group(group=group, joined=set(), left={member.pk}, on=TODAY - DAY, by=by)


def test_list_of_those_in_no_group_is_right(acting, group, make_member, login):
    with acting(CLERK) as by:
        inside, outside, left, closed = (make_member(name=name) for name in ("在群", "不在", "退群", "旧群"))
        old = WechatGroup.objects.create(organization=group.organization, name="旧群", opened_on=TODAY)
        change_group(group=group, joined={inside.pk, left.pk}, left=set(), on=TODAY, by=by)
        change_group(group=group, joined=set(), left={left.pk}, on=TODAY, by=by)
        change_group(group=old, joined={closed.pk}, left=set(), on=TODAY, by=by)
        WechatGroup.objects.filter(pk=old.pk).update(closed_on=TODAY)
        gone = make_member(name="走了")
        Member.objects.filter(pk=gone.pk).update(state="left")
        found = set(in_no_group().values_list("pk", flat=True))
    assert {outside.pk, left.pk, closed.pk} <= found
    assert found.isdisjoint({inside.pk, gone.pk})
    page = login(CLERK).get(reverse("admin:members_member_changelist") + "?group=none")
    assert page.context["cl"].result_count == len(found)


def test_page_ticks_and_costs_the_same_for_many(login, group, make_member, acting):
    client, url = login(CLERK), reverse("contacts:group", args=[group.pk])
    with acting(CLERK):
        people = [make_member(name=f"群友{number}") for number in range(4)]
    assert client.post(url, {"joined": [people[0].pk], "on": TODAY.isoformat()}).status_code == 302

    def count():
        with CaptureQueriesContext(connection) as found:
            page = client.get(url)
        assert canary("C112") not in page.content.decode()
        return len(found)

    count()
    before = count()
    assert client.post(url, {"joined": [one.pk for one in people[1:]], "on": TODAY.isoformat()}).status_code == 302
    assert count() == before
    with acting(CLERK):
        assert GroupMembership.objects.filter(group=group, left_on=None).count() == 4
    for odd in ({"joined": "x"}, {"joined": [uuid.uuid4()], "on": TODAY.isoformat()}):
        assert client.post(url, odd | {"on": TODAY.isoformat()}).status_code == 404
    client.post(url, {"left": [people[0].pk]})  # no day: nothing is saved
    with acting(CLERK):
        assert GroupMembership.objects.filter(group=group, left_on=None).count() == 4


def test_second_saver_of_a_group_is_told(login, group):
    client = login(CLERK)
    url = reverse("admin:contacts_wechatgroup_change", args=[group.pk])
    form = client.get(url).context["adminform"].form
    sent = {"organization": str(group.organization_id), "name": "新名", "opened_on": TODAY.isoformat(),
            "shown_version": form["shown_version"].value()}  # fmt: skip
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent | {"name": "别名"}).status_code == 200


def test_registry_has_no_text_beyond_names():
    texts = {field.name for model in (WechatGroup, GroupMembership) for field in model._meta.concrete_fields
             if field.get_internal_type() in ("CharField", "TextField", "BinaryField")}  # fmt: skip
    assert texts == {"name"}
