"""What a member meets behind a poster: a small phone, perhaps without JavaScript, inside WeChat."""

import subprocess
from collections.abc import Callable

import pytest

from tests.browser.conftest import Portal
from tests.browser.windows import PHONE, Window

POINT = "松竹社区报到点"
SMALL = {"width": 320, "height": 568}


@pytest.fixture(scope="module")
def address(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address that the poster of one community's point holds, read from its drawing."""
    folder = tmp_path_factory.mktemp("posters")
    portal.manage("make_posters", "--organization", "340103005006", "--out", str(folder), "--format", "png")
    poster = next(iter(sorted(folder.rglob("*.png"))))
    done = subprocess.run(["zbarimg", "-q", "--raw", poster], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _fill(phone: Window, name: str, mobile: str) -> None:
    phone.page.fill("#name", name)
    phone.page.fill("#mobile", mobile)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390", "320"])
def test_form_fits_a_phone_and_a_thumb(
    window: Callable[..., Window], address: str, size: dict[str, int], javascript: bool
) -> None:
    phone = window(size, javascript=javascript)
    phone.page.goto(address)
    phone.see("报到", "姓名", "手机号", "提交", "演示环境 · 数据均为虚构", "严禁录入、传输国家秘密和工作秘密")
    assert phone.narrow_targets() == []


def test_form_with_mistakes_names_each_and_keeps_what_was_typed(phone: Window, address: str) -> None:
    phone.page.goto(address)
    _fill(phone, "孙", "12345")
    phone.page.get_by_role("button", name="提交").click()
    phone.see("姓名", "11", "请阅读说明并打勾")
    assert phone.page.input_value("#name") == "孙"
    assert phone.page.input_value("#mobile") == "12345"
    assert phone.page.locator("[aria-invalid=true]").count() == 3


def test_answer_is_the_same_for_a_known_and_an_unknown_number(phone: Window, address: str) -> None:
    told = []
    for name, mobile in (("程栩宁", "13800001001"), ("从未来过", "13800009077")):
        phone.page.goto(address)
        _fill(phone, name, mobile)
        phone.page.check("#consent")
        phone.page.get_by_role("button", name="提交").click()
        phone.see("回执号")
        assert phone.narrow_targets() == []
        told.append(phone.page.inner_text("body").replace(phone.page.inner_text(".receipt"), ""))
    assert told[0] == told[1]
    assert not phone.page.context.cookies()


def test_unreadable_code_says_what_to_do(phone: Window, address: str) -> None:
    phone.expect_fault("404")
    phone.page.goto(address[:-4] + "aaaa")
    phone.see("请重新扫描")


def test_revoked_code_says_that_nothing_was_submitted(
    window: Callable[..., Window], phone: Window, desk: Window, address: str
) -> None:
    phone.expect_fault("410")
    phone.page.goto(address)
    _fill(phone, "周迟到", "13800009088")
    phone.page.check("#consent")
    desk.page.goto("/admin/checkin/checkinpoint/")
    desk.page.locator("tr", has_text=POINT).locator(".field-poster a").click()
    desk.page.locator("a[href$='/revoke/'], a[href*='revoke']").click()
    desk.see(POINT)
    desk.page.locator("#content-main button[type=submit]").click()
    desk.see("此码已停用")
    phone.page.get_by_role("button", name="提交").click()
    phone.see("没有提交")
    desk.page.goto("/admin/checkin/reportin/?queue=waiting")
    assert "周迟到" not in desk.page.inner_text("body")
