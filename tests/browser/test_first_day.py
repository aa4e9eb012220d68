"""The first day of a street with the portal, from its old ledger to a reminder that goes away, on real processes."""

import datetime as dt
import re
import subprocess
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from contacts.quiet import is_quiet
from tests.browser.conftest import Portal
from tests.browser.windows import PHONE, Window
from tests.processes import PROJECT, wait_until

LEDGERS = PROJECT / "tests" / "data" / "ledgers"
HERE = zoneinfo.ZoneInfo("Asia/Shanghai")
NOT_CLASSIFIED = "本系统为非涉密系统，严禁录入、传输国家秘密和工作秘密"
RIBBON = "演示环境 · 数据均为虚构"
BEAT_SECONDS = 60


def test_first_day_of_a_street(desk: Window, window: Callable[..., Window], portal: Portal, tmp_path: Path) -> None:
    desk.see("首页", "台账导入", RIBBON, "45")
    _import(desk, "clean.xlsx", stored=12)
    _import(desk, "ids.xlsx", stored=18)
    _import_again(desk, "clean.xlsx")
    _assign_a_liaison(desk)
    _open_a_card(desk)
    address = _decode(_print_a_poster(desk, tmp_path), tmp_path)
    assert re.fullmatch(re.escape(portal.url) + r"/c/[\w.-]{10,80}", address)
    _report_in(window(PHONE, javascript=False), address)
    _confirm(desk, "钱试用")
    name = _reminded(desk, portal)
    _log_contact(desk, name)
    _no_second_mail(desk, portal, name)


def _menu(desk: Window, title: str) -> None:
    desk.follow(desk.page.locator("#nav-sidebar, aside, nav").get_by_role("link", name=title, exact=False).first)


def _upload(desk: Window, file: str) -> None:
    desk.page.goto("/admin/")
    _menu(desk, "台账导入")
    desk.see(NOT_CLASSIFIED, "台账文件")
    desk.page.set_input_files("#id_file", LEDGERS / file)
    desk.page.get_by_role("button", name="上传").click()
    desk.page.wait_for_url("**/change/")


def _import(desk: Window, file: str, *, stored: int) -> None:
    _upload(desk, file)
    desk.see(f"新增 {stored}", "身份证号", "手机号")
    if file == "ids.xlsx":
        desk.see("身份证号按数字录入，末尾几位已丢失", "身份证号校验位不对")
    confirm = desk.page.get_by_role("button", name="确认导入")
    assert f"{stored} 行" in confirm.inner_text()
    desk.double_click(confirm)
    desk.see("已导入", f"新增 {stored}")


def _import_again(desk: Window, file: str) -> None:
    """The same file changes nothing, and there is nothing to confirm."""
    _upload(desk, file)
    desk.see("无变化 12", "新增 0")
    assert desk.page.query_selector("button[name=confirm]") is None


def _assign_a_liaison(desk: Window) -> None:
    desk.page.goto("/admin/members/member/?liaison=none")
    desk.see("共 37 人", "丁昀例", "136****4727")
    for name in ("丁昀例", "范谷汀"):
        desk.page.locator("tr", has_text=name).locator("input.action-select").check()
    desk.page.select_option("select[name=action]", label="安排专属联系人")
    desk.page.get_by_role("button", name="执行").click()
    desk.see("以下 2 人", "丁昀例", "范谷汀")
    liaison = desk.page.locator("#id_liaison option", has_text="袁禾安(五里社区)")  # and how many people she has
    desk.page.select_option("#id_liaison", liaison.get_attribute("value"))
    desk.page.get_by_role("button", name="安排").click()
    desk.see("已将 2 人安排给 袁禾安", "共 35 人")


def _open_a_card(desk: Window) -> None:
    desk.page.goto("/admin/members/member/")
    desk.page.fill("#searchbar", "dingyunli")
    desk.page.press("#searchbar", "Enter")
    desk.page.get_by_role("link", name="丁昀例").click()
    desk.see("丁昀例", "袁禾安", "652***********9924", "136****4727", "联系情况", "流动情况")


def _print_a_poster(desk: Window, folder: Path) -> Path:
    desk.page.goto("/admin/")
    _menu(desk, "报到点")
    desk.page.locator("tr", has_text="林店社区报到点").locator(".field-poster a").click()
    desk.see("林店社区报到点", "打印")
    assert desk.page.locator("img.poster-sheet").evaluate("e => e.complete && e.naturalWidth > 0")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="下载 PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    download.value.save_as(folder / "poster.pdf")
    return folder / "poster.pdf"


def _decode(poster: Path, folder: Path) -> str:
    """What a phone reads from the printed page."""
    subprocess.run(["pdftoppm", "-r", "100", "-png", "-singlefile", poster, folder / "poster"], check=True)
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", folder / "poster.png"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def _report_in(phone: Window, address: str) -> None:
    phone.page.goto(address)
    phone.see("林店社区", "姓名", "手机号", RIBBON)
    phone.page.fill("#name", "钱试用")
    phone.page.fill("#mobile", "138 0000 9001")
    phone.page.check("#consent")
    phone.double_click(phone.page.get_by_role("button", name="提交"))
    phone.see("回执号", "林店社区报到点")
    receipt = phone.page.inner_text(".receipt")
    phone.page.reload()  # sends the form again
    phone.see("回执号")
    assert phone.page.inner_text(".receipt") == receipt


def _confirm(desk: Window, name: str) -> None:
    desk.page.goto("/admin/checkin/reportin/?queue=waiting")
    desk.see(name, "138****9001", "待核实")
    assert desk.page.locator("tr", has_text=name).count() == 1  # submitted twice, queued once
    desk.page.get_by_role("link", name=name).click()
    desk.see("新建", "林店社区报到点")
    desk.page.select_option("#id_proof", index=1)
    desk.double_click(desk.page.get_by_role("button", name="确认"))
    desk.see()
    desk.page.goto("/admin/members/member/?q=" + name)
    desk.see(name, "林店社区", "138****9001")
    assert desk.page.locator("tbody tr", has_text=name).count() == 1


def _reminders_sent(desk: Window, name: str) -> int:
    """How many reminders about this person went out to the liaison so far; those above are told as well."""
    desk.page.goto("/admin/contacts/outboundmessage/?state__exact=sent&step__exact=limit")
    return desk.page.locator("tbody tr", has_text=name).count()


def _no_mail_names(desk: Window, name: str) -> None:
    """There are mails, and they say how many people, not who (docs/threat-model.md)."""
    desk.page.goto("/admin/demo/mails/")
    assert desk.page.locator("details", has_text="联系").count() > 0
    assert desk.page.locator("details", has_text=name).count() == 0


def _reminded(desk: Window, portal: Portal) -> str:
    """Name of an overdue member whose liaison has got the mail, from the real worker unless these are quiet hours."""
    desk.page.goto("/admin/contacts/contactobligation/?state=overdue")
    desk.see("逾期", "登记联系")
    name = desk.page.locator("tbody tr", has_text="五里社区").first.locator("th, td.field-person").first.inner_text()
    name = name.partition("（")[0].strip()
    if is_quiet(dt.datetime.now(dt.UTC)):
        assert _reminders_sent(desk, name) == 0
        assert portal.round("--on", dt.datetime.now(HERE).date().isoformat())["sent"] > 0
    assert wait_until(lambda: _reminders_sent(desk, name), seconds=2.5 * BEAT_SECONDS)
    assert _reminders_sent(desk, name) == 1
    _no_mail_names(desk, name)
    return name


def _log_contact(desk: Window, name: str) -> None:
    desk.page.goto("/admin/contacts/contactobligation/?state=overdue")
    desk.page.locator("tr", has_text=name).get_by_role("link", name="登记联系").click()
    desk.see(name, "逾期", "电话")
    desk.page.fill("[name=note]", "近况良好,已转达本月主题党日安排。")
    desk.double_click(desk.page.get_by_role("button", name="保存"))
    desk.see(f"已登记与 {name} 的联系")
    assert desk.page.locator("tbody tr", has_text=name).count() == 0
    desk.page.goto("/admin/contacts/contactlog/?q=" + name)
    today = dt.datetime.now(HERE).date()
    rows = desk.page.locator("tbody tr", has_text=f"{today.year}年{today.month}月{today.day}日")
    assert rows.count() == 1  # saved with a double click, logged once


def _no_second_mail(desk: Window, portal: Portal, name: str) -> None:
    """Not tomorrow either, when everybody may get a new digest."""
    tomorrow = dt.datetime.now(HERE).date() + dt.timedelta(days=1)
    counts = portal.round("--on", tomorrow.isoformat())
    assert counts["failed"] == counts["unsure"] == 0
    assert _reminders_sent(desk, name) == 1
    _no_mail_names(desk, name)
