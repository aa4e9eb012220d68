from django.test import RequestFactory

from portal import navigation


def _menu(world, acting, name, path="/admin/", query=""):
    request = RequestFactory().get(f"{path}?{query}")
    request.user = world.user(name)
    with acting(name):
        return navigation.groups(request)


def _titles(groups):
    return [str(item["title"]) for group in groups for item in group["items"]]


def test_clerk_sees_all_daily_work(world, acting):
    titles = _titles(_menu(world, acting, "community_clerk@C111"))
    daily = ["首页", "流动党员名册", "台账导入", "联系任务", "专属联系人", "报到登记", "报到点", "活动记录"]
    assert set(daily) <= set(titles)
    assert not {"运行状态", "待分社区"} & set(titles)
    assert "待分社区" in _titles(_menu(world, acting, "street_clerk@S11"))
    assert "已发邮件（演示）" not in titles


def test_liaison_sees_contacts_only(world, acting):
    titles = _titles(_menu(world, acting, "liaison@C111"))
    assert "联系任务" in titles
    assert not {"台账导入", "待分社区", "报到登记", "活动记录", "联系频次设置"} & set(titles)


def test_operator_sees_the_running_state_and_no_data(world, acting):
    assert _titles(_menu(world, acting, "operator@X")) == ["首页", "运行状态"]


def test_demo_shows_its_mails(world, acting, settings):
    settings.DEMO = True
    assert "已发邮件（演示）" in _titles(_menu(world, acting, "street_clerk@S11"))


def test_every_link_opens(world, acting, login):
    for name in ("street_admin@S11", "liaison@C111", "district_admin@D1", "branch_secretary@B111"):
        client = login(name)
        for group in _menu(world, acting, name):
            for item in group["items"]:
                assert client.get(item["link"]).status_code == 200, (name, item["link"])


def test_one_item_is_marked_as_here(world, acting):
    for query in ("", "placed=no"):
        groups = _menu(world, acting, "street_clerk@S11", "/admin/members/member/", query)
        here = [str(item["title"]) for group in groups for item in group["items"] if item["active"]]
        assert here == ["待分社区" if query else "流动党员名册"]


def test_missing_page_has_no_address():
    assert navigation.page_address("admin:no_such_page") is None


def test_running_state_is_for_operators(world, login):
    page = login("operator@X").get("/admin/status/")
    assert page.status_code == 200
    assert "数据库" in page.content.decode()
    assert login("street_admin@S11").get("/admin/status/").status_code == 404
