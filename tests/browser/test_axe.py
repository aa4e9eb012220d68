"""Every kind of page under axe-core: no violation of WCAG 2.2 at level A or AA, on phones and at the desk."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Portal
from tests.browser.test_check_in import DIGITS
from tests.browser.test_own_page import _give_link
from tests.browser.windows import PHONE, SCREEN, Window

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LEAST = 8  # rules that apply to any real page; fewer means that axe saw an empty one
# What an office opens every day.
STAFF = (
    "/admin/", "/admin/members/member/", "/admin/contacts/contactobligation/", "/admin/contacts/log/",
    "/admin/members/ledgerimport/", "/admin/checkin/reportin/", "/admin/checkin/checkinpoint/",
    "/admin/activities/activity/", "/admin/contacts/need/", "/admin/contacts/report/", "/admin/contacts/liaison/",
    "/admin/checkin/print/", "/admin/checkin/drawing/", "/admin/checkin/letterversion/add/", "/admin/checkin/desks/",
)  # fmt: skip
# Pages of one row: the list, and what its first row's link is found by.
FIRST_ROWS = {
    "/admin/members/member/": "#result_list a[href$='/card/']",
    "/admin/contacts/contactobligation/": "#result_list tbody a",
    "/admin/checkin/reportin/": "#result_list tbody a",
    "/admin/checkin/checkinpoint/": ".field-poster a",
}


def violations(window: Window) -> list[str]:
    """What axe finds on the page as it stands: rule, how many places, the first of them."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found: dict[str, Any] = Axe().run(window.page, options=options).response
    assert len(found["passes"]) >= LEAST, window.page.url
    return [f"{window.page.url}: {_told(each)}" for each in found["violations"]]


def _told(violation: dict[str, Any]) -> str:
    first = violation["nodes"][0]
    why = [check["message"] for check in first["any"] + first["all"] + first["none"]][:1]
    return f"{violation['id']}, {len(violation['nodes'])} times, as {first['html'][:160]} {why}"


@pytest.fixture(scope="module")
def address(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("posters")
    portal.manage("make_posters", "--organization", "340103005006", "--out", str(folder), "--format", "png")
    poster: Path = next(iter(sorted(folder.rglob("*.png"))))
    done = subprocess.run(["zbarimg", "-q", "--raw", poster], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_axe_sees_what_is_wrong(phone: Window, address: str) -> None:
    """The probe itself: a page with planted faults is not passed."""
    phone.page.goto(address)
    phone.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<input id=x><img src=\"data:,\"><p id=pale>pale</p>');"
        "document.getElementById('pale').style.color = '#eee'"
    )
    found = " ".join(violations(phone))
    assert all(rule in found for rule in ("label", "image-alt", "color-contrast"))


def test_pages_behind_a_poster(phone: Window, address: str) -> None:
    found = []
    phone.page.goto(address)
    found += violations(phone)
    phone.follow(phone.page.get_by_role("button", name="提交").first)  # every mistake at once
    found += violations(phone)
    phone.expect_fault("404")
    phone.page.goto(address[:-4] + "aaaa")
    found += violations(phone)
    assert found == []


def test_pages_without_a_poster(phone: Window) -> None:
    """The permanent link, the state of a report-in, checking in at an activity, and pages of nobody."""
    found = []
    phone.expect_fault("404")
    for path in ("/bd/xinghua", "/bd/nobody", "/s/", "/a/", "/m/", "/m/card/", "/w/" + "x" * 43 + "/"):
        phone.page.goto(path)
        found += violations(phone)
    phone.page.goto("/bd/xinghua")
    phone.follow(phone.page.locator("main a").nth(1))
    found += violations(phone)
    phone.page.goto("/a/")
    phone.page.fill("#digits", DIGITS)
    phone.follow(phone.page.get_by_role("button"))
    found += violations(phone)
    phone.follow(phone.page.get_by_role("button", name="签到"))
    found += violations(phone)
    assert found == []


def test_pages_of_a_member(phone: Window, desk: Window) -> None:
    address, tail = _give_link(desk)
    phone.page.goto(address)
    found = violations(phone)
    phone.page.fill("#pin", tail)
    phone.follow(phone.page.get_by_role("button", name="在这部手机上打开"))
    found += violations(phone)
    base = phone.page.url
    links = [link.get_attribute("href") or "" for link in phone.page.locator("main a[href^='/m/']").all()]
    assert len(links) >= 6
    for link in dict.fromkeys(links):
        phone.page.goto(link)
        found += violations(phone)
    phone.page.goto(base)
    phone.follow(phone.page.get_by_role("button", name="大字"))
    found += violations(phone)
    assert found == []


def test_pages_before_the_log_in(window: Callable[..., Window]) -> None:
    found = []
    for size in (PHONE, SCREEN):
        guest = window(size)
        guest.expect_fault("404")
        for path in ("/admin/login/", "/nowhere"):
            guest.page.goto(path)
            found += violations(guest)
    assert found == []


def test_pages_of_the_staff(desk: Window) -> None:
    found = []
    for path in STAFF:
        desk.page.goto(path)
        desk.page.wait_for_load_state("networkidle")
        found += violations(desk)
    for path, link in FIRST_ROWS.items():
        desk.page.goto(path)
        desk.page.locator(link).first.click()
        desk.page.wait_for_load_state("networkidle")
        found += violations(desk)
    assert found == []
