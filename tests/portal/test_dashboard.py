"""Each number of the front page is the count of the list that it opens, for everybody."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.own_page.deciding import decline, requests_of
from contacts.models import ContactPolicy
from members.models import Member, Movement
from tests.world import canary

USERS = ("street_admin@S11", "community_clerk@C111", "district_admin@D1", "branch_secretary@B111", "liaison@C111")


def _tiles(client):
    response = client.get("/admin/")
    assert response.status_code == 200
    return response.context["tiles"]


@pytest.mark.parametrize("name", USERS)
def test_number_is_the_count_of_the_list(world, login, name):
    client = login(name)
    tiles = _tiles(client)
    assert tiles
    for tile in tiles:
        shown = client.get(tile["link"]).context
        if "cl" in shown:
            assert tile["count"] == shown["cl"].result_count == len(shown["cl"].result_list), tile["link"]
        else:
            assert tile["count"] == len(shown["page"].object_list), tile["link"]


def test_tile_tells_what_members_sent_in_and_wait_for(world, login, acting):
    def waiting(name):
        return {str(tile["title"]): tile["count"] for tile in _tiles(login(name))}.get("本人提交")

    found = [waiting(f"{name}") for name in ("community_clerk@C111", "street_clerk@S11", "district_admin@D1")]
    assert found == [1, 2, None]
    with acting("community_clerk@C111") as by:
        (row,) = requests_of(by, waiting=True)
        decline(request=row, by=by)
    assert [waiting(name) for name in ("community_clerk@C111", "street_clerk@S11")] == [None, 1]


def test_numbers_follow_the_scope(world, login):
    def members(name):
        return {str(tile["title"]): tile["count"] for tile in _tiles(login(name))}["流动党员"]

    assert (members("community_clerk@C111"), members("street_clerk@S11"), members("district_admin@D1")) == (1, 2, 4)


def test_liaison_sees_only_the_own_due_members(world, login, acting):
    with acting("street_clerk@S11"):  # in use for a year: nothing is overdue before
        ContactPolicy.objects.create(
            organization=world.organization("S11"), go_live_on=timezone.localdate() - dt.timedelta(days=365)
        )
    tiles = {str(tile["title"]): tile["count"] for tile in _tiles(login("liaison@C111"))}
    assert (tiles["联系任务"], tiles["联系逾期"]) == (1, 1)
    assert "流动党员" not in tiles or tiles["流动党员"] == 1
    assert "待核实报到" not in tiles


def test_daily_actions_follow_the_rights(world, login):
    def offered(name):
        return [str(action["title"]) for action in login(name).get("/admin/").context["quick_actions"]]

    assert offered("street_clerk@S11") == ["台账导入", "登记联系", "打印报到海报", "登记活动"]
    assert offered("liaison@C111") == ["登记联系"]
    assert offered("district_admin@D1") == []


@pytest.mark.parametrize("name", ["city_viewer@X", "operator@X", "auditor@S11"])
def test_front_page_without_lists_says_so(world, login, name):
    response = login(name).get("/admin/")
    assert response.status_code == 200
    assert response.context["tiles"] == []
    assert "可以使用的功能见左侧菜单" in response.content.decode()


def test_front_page_shows_nothing_from_elsewhere(world, login):
    page = login("community_clerk@C111").get("/admin/").content.decode()
    for key in ("C112", "C121", "C211"):
        assert canary(key) not in page


def test_front_page_costs_the_same_for_more_members(world, login, acting):
    client = login("street_clerk@S11")
    client.get("/admin/")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/admin/")
        return len(seen)

    before = queries()
    community = world.organization("C111")
    with acting("street_clerk@S11"):
        for number in range(3):
            member = Member(organization=community, is_synthetic=True)
            member.set_name(f"样本{number}")
            member.save(force_insert=True)
            Movement(member=member, direction="inflow", host_organization=community).save(force_insert=True)
    assert queries() == before
    assert before <= 50
