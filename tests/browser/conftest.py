"""A real Chromium against real processes: `portal` (launched once), `desk` and `phone` (fresh windows), `manage`.

`SCREENSHOTS=FOLDER` in the environment keeps a picture of every step, for people who want to look at the screens.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.windows import PHONE, SCREEN, Window
from tests.processes import PROJECT, end, environment, free_port, launcher, ready

NEEDED = ("chromium", "zbarimg", "pdftoppm")
WAIT_MILLISECONDS = 30_000  # a busy machine
CHROMIUM_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
]  # fmt: skip


class Portal:
    """The launched portal: its address, its data folder and its commands."""

    def __init__(self, url: str, var: Path) -> None:
        self.url, self.var = url.rstrip("/"), var

    def manage(self, *arguments: str) -> str:
        """What a manage.py command prints; it joins the running servers."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environment(self.var, PORTAL_DEMO="1", PORTAL_BASE_URL=self.url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def round(self, *arguments: str) -> dict[str, int]:
        """Counts of one round of reminders."""
        return json.loads(self.manage("send_reminders", *arguments))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first day last, because it waits for a worker that beats once a minute."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    ours.sort(key=lambda item: item.path.name == "test_first_day.py")
    places = iter(ours)
    items[:] = [next(places) if item.path.parent == Path(__file__).parent else item for item in items]


@pytest.fixture(scope="package")
def portal() -> Iterator[Portal]:
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        pytest.skip(f"browser tests need {', '.join(missing)} (Debian: chromium, zbar-tools, poppler-utils)")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="youjia-browser-", dir=memory))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user and must pass through
    process = launcher(folder, free_port(), PORTAL_DEMO="1")
    try:
        ready(process)
        yield Portal(process.url, folder)
    finally:
        end(process)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def chromium(portal: Portal) -> Iterator[Browser]:
    # Ended with this folder: while it lives, Django takes the thread for an asynchronous one and refuses its database.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, portal: Portal, request: pytest.FixtureRequest) -> Iterator[Callable[..., Window]]:
    """`window(PHONE, javascript=False)`: a page of a fresh, empty profile that complains about every fault.

    `agent`: what its browser calls itself."""
    opened: list[Window] = []

    def open_window(size: dict[str, int] = SCREEN, *, javascript: bool = True, agent: str | None = None) -> Window:
        is_phone = size == PHONE
        context = chromium.new_context(
            viewport=size, java_script_enabled=javascript, is_mobile=is_phone, has_touch=is_phone,
            base_url=portal.url, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True,
            user_agent=agent,
        )  # fmt: skip
        context.set_default_timeout(WAIT_MILLISECONDS)
        opened.append(Window(context.new_page(), name=f"{request.node.name}-{len(opened)}"))
        return opened[-1]

    yield open_window
    for each in opened:
        each.page.context.close()
        each.fail_on_faults()


@pytest.fixture
def desk(window: Callable[..., Window]) -> Window:
    """An office PC on the front page, with somebody of the street logged in."""
    opened = window()
    opened.log_in("street")
    return opened


@pytest.fixture
def phone(window: Callable[..., Window]) -> Window:
    return window(PHONE)
