"""The member's own page as it is met: a link out of a chat, inside WeChat, on a phone, perhaps without scripts."""

import re
from collections.abc import Callable

import pytest

from tests.browser.windows import PHONE, Window

SIZES = {"320": {"width": 320, "height": 568}, "390": PHONE, "768": {"width": 768, "height": 1024}}
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; M2102J2SC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99"
    " XWEB/4317 Mobile Safari/537.36 MicroMessenger/8.0.27.2220(0x28001B37) WeChat/arm64 Language/zh_CN"
)


def _give_link(desk: Window) -> tuple[str, str]:
    """(address, last figures of the number) of the first member who may have a page, as the office sends it."""
    desk.page.goto("/admin/members/member/")
    rows = desk.page.locator("#result_list a[href$='/card/']").all()
    for card in dict.fromkeys(row.get_attribute("href") or "" for row in rows):
        desk.page.goto(card)
        desk.page.locator("a[href*='/own-page/']").first.click()
        tail = re.search(r"\*{4}(\d{4})", desk.page.inner_text("#content-main"))
        button = desk.page.get_by_role("button", name=re.compile("生成个人链接|重新发放"))
        if tail and button.count():
            button.click()
            desk.see("请复制下面这段话发给本人")
            text = desk.page.input_value("#own-page-text")
            assert "社区服务" in text
            assert "党" not in text
            return re.findall(r"https?://\S+", text)[0], tail[1]
    raise AssertionError("no member of the demo may have a page")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("size", SIZES)
def test_member_opens_the_page_and_sends_something_in(
    window: Callable[..., Window], desk: Window, size: str, javascript: bool
) -> None:
    address, tail = _give_link(desk)
    phone = window(SIZES[size], javascript=javascript, agent=WECHAT)
    phone.page.goto(address)
    phone.see("请确认是您本人的手机", "手机号的后四位")
    assert "党" not in phone.page.title()
    phone.page.fill("#pin", tail)
    phone.page.get_by_role("button", name="在这部手机上打开").click()
    phone.see("您好", "我的联系卡", "反映困难和需要", "停用手机端服务")
    assert phone.narrow_targets() == []
    for title, words in (("我的联系卡", "签到"), ("我的活动", "我的活动"), ("更新电话或住址", "新的手机号"),
                         ("返乡登记", "哪天到家"), ("我的信息", "近一年谁看过")):  # fmt: skip
        phone.page.goto(address)
        phone.page.get_by_role("link", name=title).first.click()
        phone.see(words)
        assert phone.narrow_targets() == []
    phone.page.goto(address)
    phone.page.get_by_role("link", name="反映困难和需要").click()
    phone.page.get_by_role("button", name="提交").click()
    phone.see("请选择是哪方面的事")
    phone.page.get_by_text("就医", exact=True).click()
    phone.page.fill("textarea", "想预约体检")
    phone.page.get_by_role("button", name="提交").click()
    phone.see("已收到您反映的事")
    phone.page.get_by_role("button", name="大字").click()
    phone.see("标准字")
    least = phone.page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].filter(e => e.innerText && e.checkVisibility())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert least >= 18

    other = window(PHONE, agent=WECHAT)
    other.expect_fault("404")
    other.page.goto(address)
    other.see("请联系您的联系人")
