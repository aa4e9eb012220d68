"""Reporting in on a phone inside WeChat, at three widths, with and without JavaScript; and what the clerk does then."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import WAIT_MILLISECONDS, Portal
from tests.browser.windows import Window

WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; MI 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99"
    " XWEB/4317 MMWEBSDK/20220903 Mobile Safari/537.36 MicroMessenger/8.0.28.2240 NetType/3gnet Language/zh_CN"
)
SIZES = {"320": (320, 568), "390": (390, 844), "768": (768, 1024)}
STREET = "/bd/xinghua"
UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .filter(e => !e.labels.length && !e.getAttribute('aria-label')).map(e => e.outerHTML)"""
MOST_BYTES = 30 * 1024


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def wechat(
    request: pytest.FixtureRequest, chromium: Browser, portal: Portal, size: tuple[int, int]
) -> Iterator[Window]:
    """A page inside WeChat on a phone that keeps nothing."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, user_agent=WECHAT, is_mobile=True, has_touch=True,
        java_script_enabled=request.param, base_url=portal.url, locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.set_default_timeout(WAIT_MILLISECONDS)
    opened = Window(context.new_page(), name=request.node.name)
    yield opened
    cookies = context.cookies()
    context.close()
    opened.fail_on_faults()
    assert cookies == []


def _judge(phone: Window, *texts: str) -> None:
    phone.see(*texts, "严禁录入、传输国家秘密和工作秘密")
    assert phone.narrow_targets() == []
    assert phone.page.evaluate(UNLABELLED) == []
    assert phone.page.title() == "社区服务"


def test_street_address_leads_through_a_search_to_a_receipt(wechat: Window) -> None:
    page, loaded = wechat.page, []
    page.on("response", lambda response: loaded.append(response.request.sizes()["responseBodySize"]))
    page.goto(STREET)
    _judge(wechat, "林店社区", "不清楚")
    loaded.clear()
    page.get_by_role("link", name="林店社区").click()
    _judge(wechat, "报到", "姓名", "手机号", "组织关系所在党组织", "我替他人登记")
    assert sum(loaded) < MOST_BYTES
    page.fill("#name", "吴先到")
    page.fill("#mobile", "138 0000 9101")
    page.fill("#home", "货车")
    page.get_by_role("button", name="查找").click()
    _judge(wechat, "是其中一个吗")
    assert page.input_value("#name") == "吴先到"
    page.locator("input[name=home_code]").first.check()
    page.fill("#since", "2026年3月")
    page.select_option("#occupation", "货车司机")
    page.check("#consent")
    page.get_by_role("button", name="提交").click()
    _judge(wechat, "请勾选此项")
    assert page.locator("input[name=home_code]").first.get_attribute("value")
    page.check("#sensitive")
    page.get_by_role("button", name="提交").click()
    _judge(wechat, "回执号", "林店社区", "请截图保存")
    assert page.evaluate("document.querySelector('img.code').naturalWidth") > 100
    receipt = page.inner_text(".receipt")
    page.get_by_role("link", name="查看办理情况").click()
    _judge(wechat, "已收到", "林店社区")
    page.goto("/s/")
    page.fill("#receipt", receipt)
    page.fill("#tail", "9101")
    _judge(wechat, "回执号", "手机号后")
    page.get_by_role("button", name="查看").click()
    _judge(wechat, "已收到", "林店社区")


def test_form_for_somebody_else_opens_and_names_what_is_missing(wechat: Window) -> None:
    page = wechat.page
    page.goto(STREET)
    page.get_by_role("link", name="林店社区").click()
    page.get_by_text("我替他人登记").click()
    page.fill("#name", "吴奶奶")
    page.fill("#mobile", "13800009102")
    page.fill("#proxy_name", "吴小孙")
    page.check("#consent")
    page.keyboard.press("Tab")
    page.locator("#proxy_name").press("Enter")  # the keyboard's own key submits, it does not search
    _judge(wechat, "请把这一项也填上", "我替他人登记")
    page.fill("#proxy_relation", "孙女")
    page.fill("#proxy_phone", "13800009103")
    page.get_by_role("button", name="提交").click()
    _judge(wechat, "回执号")


def test_clerk_finds_it_marked_and_calls_first(desk: Window, window: Callable[..., Window]) -> None:
    phone = window({"width": 390, "height": 844}, javascript=False)
    phone.page.goto(STREET)
    phone.page.get_by_role("link", name="五里社区").click()
    for name, value in (("name", "郑老伯"), ("mobile", "13800009104"), ("proxy_name", "郑小女"),
                        ("proxy_relation", "女儿"), ("proxy_phone", "13800009105")):  # fmt: skip
        phone.page.evaluate("name => document.getElementById(name).closest('details')?.setAttribute('open', '')", name)
        phone.page.fill(f"#{name}", value)
    phone.page.check("#consent")
    phone.page.get_by_role("button", name="提交").click()
    desk.page.goto("/admin/checkin/reportin/?queue=waiting")
    desk.see("郑老伯", "他人代填：请先联系本人")
    desk.page.get_by_role("link", name="郑老伯").click()
    desk.see("此表由他人代填，请先联系本人", "郑小女")
    desk.page.select_option("#id_proof", index=1)
    desk.page.get_by_role("button", name="确认纳入").click()
    desk.see("请先联系本人，再勾选")
    desk.page.check("#id_has_called")
    desk.page.get_by_role("button", name="确认纳入").click()
    desk.see("郑老伯", "请安排专属联系人")
    assert "/contacts/assign/" in desk.page.url


def test_counter_prints_the_form_and_points_tell_their_counts(desk: Window) -> None:
    desk.page.goto("/admin/checkin/reportin/")
    desk.page.get_by_role("link", name="窗口登记").first.click()
    desk.see("窗口登记", "姓名", "补录")
    desk.page.select_option("#id_organization", label="杏花村街道 · 五里社区")
    desk.page.fill("#id_name", "冯到访")
    desk.page.fill("#id_mobile", "13800009106")
    desk.page.get_by_role("button", name="保存").click()
    desk.see("冯到访", "窗口登记", "打印登记表供签名")
    desk.page.goto("/admin/checkin/statistics")
    desk.see("林店社区报到点", "合计", "按时段")
    desk.page.goto("/admin/checkin/reportinlink/")
    desk.see("杏花村街道", "报到网址")
