"""Getting in, being kept out, and leaving nothing behind on a shared office PC."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Portal
from tests.browser.windows import Window

NOT_CLASSIFIED = "本系统为非涉密系统，严禁录入、传输国家秘密和工作秘密"


def _try(window: Window, username: str, password: str) -> None:
    window.page.fill("[name=username]", username)
    window.page.fill("[name=password]", password)
    window.follow(window.page.get_by_role("button", name="登录"))


def test_login_page_says_where_one_is_and_what_may_not_be_entered(window: Callable[..., Window]) -> None:
    desk = window()
    desk.page.goto("/")
    desk.see("有家 · 流动党员服务管理", NOT_CLASSIFIED, "用户名", "密码", "演示环境 · 数据均为虚构")
    assert desk.page.title() == "登录 | 有家 · 流动党员服务管理"


def test_login_with_a_wrong_password_tells_nothing_and_keeps_the_name(window: Callable[..., Window]) -> None:
    desk = window()
    desk.page.goto("/admin/login/")
    told = []
    for username in ("street", "nobody-of-this-name"):
        _try(desk, username, "wrong-password")
        desk.see("用户名", "密码")
        assert desk.page.input_value("[name=username]") == username
        assert desk.page.input_value("[name=password]") == ""
        told.append(desk.page.inner_text("#login-form, form, body"))
    assert told[0] == told[1]
    desk.see("用户名或密码不正确")


def test_login_is_locked_after_many_wrong_passwords(window: Callable[..., Window], portal: Portal) -> None:
    desk = window()
    desk.expect_fault("429")
    desk.page.goto("/admin/login/")
    for _ in range(20):
        _try(desk, "operator", "wrong-password")
        if not desk.page.query_selector("[name=password]"):
            break
    desk.see("分钟")
    assert not desk.page.query_selector("[name=password]")


def test_first_login_of_a_created_account_asks_for_an_own_password(
    window: Callable[..., Window], portal: Portal
) -> None:
    role = ("--role", "community_clerk", "--organization", "340103005002")
    printed = portal.manage("create_staff", "clerk-li", "--name", "李测试", *role)
    password = printed.strip().rpartition("：")[2]
    desk = window()
    desk.log_in("clerk-li", password)
    desk.see("修改密码")
    desk.page.goto("/admin/members/member/")
    desk.see("旧密码", "新密码")
    desk.page.fill("[name=old_password]", password)
    for name in ("new_password1", "new_password2"):
        desk.page.fill(f"[name={name}]", "一个新的长密码-2026")
    desk.page.get_by_role("button", name="修改密码").click()
    desk.page.goto("/admin/members/member/")
    desk.see("林店社区")
    assert "五里社区" not in desk.page.inner_text("#result_list, body")


def test_back_button_after_logout_shows_nobody(window: Callable[..., Window]) -> None:
    desk = window()
    desk.log_in("street")
    answer = desk.page.goto("/admin/members/member/")
    assert "no-store" in answer.headers["cache-control"]
    desk.see("程栩宁")
    desk.page.get_by_text("街道党建办演示账号").first.click()
    desk.page.get_by_role("button", name="注销").click()
    desk.page.wait_for_url("**/logout/")
    desk.see()
    desk.page.go_back()
    assert "程栩宁" not in desk.page.inner_text("body")
    assert "/login/" in desk.page.url


@pytest.mark.parametrize("username", ["district", "liaison"])
def test_front_page_of_other_accounts_is_chinese(window: Callable[..., Window], username: str) -> None:
    desk = window()
    desk.log_in(username)
    desk.see("首页")
