"""One browser page, with the complaints that an office worker would have about any screen."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Response

SCREEN = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE = 10  # seconds until what is to be seen has come
# Latin words that belong on a Chinese screen: formats, programs, addresses; file names and masked numbers.
ALLOWED = re.compile(r"(?i)\b(QR|PDF|SVG|PNG|Excel|xlsx?|CSV|WPS|ID|A4|\S+@example\.invalid|https?://\S+)\b/?")
OTHER = re.compile(r"\w*\*{2,}\S*|[\w.-]+\.(xlsx?|csv|pdf|svg|png)\b")
LATIN = re.compile(r"[A-Za-z]{2,}")
VISIBLE_TEXTS = """() => {
  const texts = [document.title]
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (!parent || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(parent.tagName)) continue
    if (parent.closest('[class*=material-symbols]') || !parent.checkVisibility({visibilityProperty: true})) continue
    const box = parent.getBoundingClientRect()
    if (box.width > 1 && box.height > 1) texts.push(walker.currentNode.textContent.trim())
  }
  for (const element of document.querySelectorAll('[placeholder], [title], [alt], input[type=submit]')) {
    if (!element.checkVisibility({visibilityProperty: true})) continue
    for (const name of ['placeholder', 'title', 'alt']) texts.push(element.getAttribute(name) || '')
    if (element.type === 'submit') texts.push(element.value)
  }
  return texts.filter(Boolean)
}"""
NARROW_TARGETS = """least => [...document.querySelectorAll('a, button, input, select, textarea, label.tick')]
  .filter(e => e.type !== 'hidden' && e.checkVisibility() && !e.closest('label.tick > *'))
  .filter(e => !(e.type === 'checkbox' && e.closest('label')))
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([_, box]) => box.height < least || box.width < least)
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


class Window:
    """A page with `see` (judge the screen as it is now) and the faults that its browser reported."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name, self.steps = page, name, 0
        self.faults: list[str] = []
        self.expected: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("response", self._note_response)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # _note_response has the address
            self.faults.append(f"console: {message.text}")
        elif "Content Security Policy" in message.text:
            self.faults.append(f"policy: {message.text}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    def expect_fault(self, part: str) -> None:
        """The test itself causes faults with this text, such as a page that is refused."""
        self.expected.append(part)

    def fail_on_faults(self) -> None:
        left = [fault for fault in self.faults if not any(part in fault for part in self.expected)]
        assert not left, f"{self.name}: {left}"

    def log_in(self, username: str, password: str = "") -> None:
        self.page.goto("/admin/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password or f"youjia-{username}-2026")
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def follow(self, link: Locator) -> None:
        """Click what leads to another page, and wait for it."""
        with self.page.expect_navigation():
            link.click()

    def double_click(self, button: Locator) -> None:
        """As many people do; what stays is the answer to the second click."""
        # the page that stands is idle, too; of two clicks the first one's way may be cut off by the second's
        with self.page.expect_event("framenavigated"):
            button.dblclick()
        self.page.wait_for_load_state("networkidle")

    def see(self, *texts: str) -> None:
        """These texts are on the screen, nothing on it is English, and it needs no scrolling to the side."""
        body = str(self.settled(lambda: self.page.inner_text("body")))
        until = time.monotonic() + PATIENCE
        # a click does not wait for its page
        while not all(text in body for text in texts) and time.monotonic() < until:
            time.sleep(0.1)
            body = str(self.settled(lambda: self.page.inner_text("body")))
        self.steps += 1
        if os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(os.environ["SCREENSHOTS"], f"{self.name}-{self.steps:02}.png"))
        for text in texts:
            assert text in body, f"{text!r} is not on {self.page.url}:\n{body}"
        english = self.english()
        assert not english, f"English on {self.page.url}: {english}"
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], f"{self.page.url} is {width} px wide"

    def english(self) -> list[str]:
        texts = self.settled(lambda: self.page.evaluate(VISIBLE_TEXTS))
        return sorted({text for text in texts if LATIN.search(ALLOWED.sub("", OTHER.sub("", text)))})

    def narrow_targets(self, least: int = 44) -> list[str]:
        """What a thumb would miss."""
        return self.page.evaluate(NARROW_TARGETS, least)

    def settled(self, look: Callable[[], object]) -> object:
        """`look()` at a page that has finished loading; a second click may have replaced it meanwhile."""
        for attempt in range(5):
            try:
                self.page.wait_for_load_state()
                return look()
            except Error as error:
                if "destroyed" not in str(error) or attempt == 4:
                    raise
                time.sleep(0.2)
        raise AssertionError
