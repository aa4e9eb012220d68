"""Check-in at an activity: the phone at three widths, the screen at the entrance, the steward's list."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from checkin.arrivals.codes import SPAN_SECONDS
from tests.browser.test_own_page import SIZES, WECHAT
from tests.browser.windows import PHONE, Window

DIGITS = "10010010"  # of the demo's desk


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("size", SIZES)
def test_phone_types_a_number_and_checks_in(window: Callable[..., Window], size: str, javascript: bool) -> None:
    phone = window(SIZES[size], javascript=javascript, agent=WECHAT)
    phone.page.goto("/a/")
    phone.see("输入数字签到")
    phone.page.fill("#digits", DIGITS)
    phone.page.get_by_role("button").click()
    phone.see("林店社区主题党日", "姓名", "手机号", "签到", "签退")
    assert phone.narrow_targets() == []
    assert phone.page.title() == "社区服务"
    phone.page.fill("#name", "孙")
    phone.page.fill("#mobile", "12345")
    phone.page.get_by_role("button", name="签到").click()
    phone.see("请检查标出的")
    assert phone.narrow_targets() == []
    assert phone.page.locator("[aria-invalid=true]").count() == 2
    phone.page.fill("#name", "从未来过")
    phone.page.fill("#mobile", f"139000{size}12"[:11].ljust(11, "0"))
    phone.page.get_by_role("button", name="签到").click()
    phone.see("签到已提交", "以现场工作人员的名单为准")


def test_screen_changes_its_code_and_goes_on_while_the_network_is_away(desk: Window, tmp_path: Path) -> None:
    page = desk.page
    page.goto("/admin/checkin/desks/")
    desk.see("活动签到", "林店社区主题党日")
    page.get_by_role("link", name="查看名单").first.click()
    desk.see("待您确认", "已找到", "在屏幕上显示签到码")
    page.get_by_role("link", name="在屏幕上显示签到码").click()
    desk.see("请用微信扫码签到")
    page.wait_for_function("performance.now() > 1500")

    def shown() -> str:
        return page.get_attribute("#code", "src") or ""

    first = _decoded(shown(), tmp_path)
    page.wait_for_function("before => document.getElementById('code').src !== before", arg=shown())
    second = _decoded(shown(), tmp_path)
    assert first != second
    desk.expect_fault("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    before = shown()
    page.wait_for_function("before => document.getElementById('code').src !== before", arg=before)
    page.wait_for_timeout(SPAN_SECONDS * 1000 // 3)
    assert page.locator("#code").is_visible()
    assert page.locator("#lost").is_hidden()
    page.context.set_offline(False)
    page.goto("/admin/")


def _decoded(source: str, folder: Path) -> str:
    """The address in a picture of the page."""
    picture = folder / "code.png"
    picture.write_bytes(base64.b64decode(source.partition(",")[2]))
    done = subprocess.run(["zbarimg", "-q", "--raw", picture], check=True, capture_output=True, text=True)
    assert "/a/" in done.stdout
    return done.stdout.strip()


def test_code_of_the_screen_leads_a_phone_to_the_form(
    desk: Window, window: Callable[..., Window], tmp_path: Path
) -> None:
    desk.page.goto("/admin/checkin/desks/")
    desk.page.get_by_role("link", name="查看名单").first.click()
    desk.page.get_by_role("link", name="在屏幕上显示签到码").click()
    address = _decoded(desk.page.get_attribute("#code", "src") or "", tmp_path)
    phone = window(PHONE)
    phone.page.goto(address)
    phone.see("林店社区主题党日")
    phone.page.fill("#name", "从未来过")
    phone.page.fill("#mobile", "13900001199")
    phone.page.get_by_role("button", name="签到").click()
    phone.see("签到已提交")
    desk.page.go_back()
    desk.page.reload()
    desk.see("从未来过", "139****1199", "本单位没有找到档案")
