"""A real worker that is killed while it saves a ledger: nothing or all is stored, and the import is finished once."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app

from members.importing import progress
from portal import launch
from portal.database import url_for_database
from tests import databases
from tests.members.importing.pages import upload
from tests.members.ledger.making import HEADER, somebody
from tests.processes import PROJECT, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

CLERK = "street_clerk@S11"
ROWS = 2_500
KEPT = "select state from members_ledgerimport where id = %(batch)s"
COUNTS = """
select (select count(*) from members_member where name like '测%%'),
       (select count(distinct id_number_digest) from members_member where name like '测%%'),
       (select count(*) from members_memberevent where name like '测%%'),
       (select count(*) from members_movement v join members_member m on m.id = v.member_id where m.name like '测%%'),
       (select count(*) from members_importedrow where batch_id = %(batch)s),
       (select count(*) from portal_auditentry where action = 'import_ledger' and object_id = %(batch)s)
"""
NOTHING, ALL = (0, 0, 0, 0, 0, 0), (ROWS, ROWS, ROWS, ROWS, ROWS, 1)


class Worker:
    """One Celery worker as the portal starts it, in a process group of its own."""

    def __init__(self, redis_url: str) -> None:
        self.environment = os.environ | {
            "DATABASE_URL": url_for_database(os.environ["DATABASE_URL"], databases.clone_name()),
            "REDIS_URL": redis_url,
            "C_FORCE_ROOT": "1",
        }
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = launch._commands("127.0.0.1", 0, Path(os.environ["PORTAL_VAR"]))["worker"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=PROJECT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """The worker and its child at one blow."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def kill_child(self) -> bool:
        """Only who does the work, as the kernel does when memory runs out; False where there is none just now."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        return bool(children)


@pytest.fixture
def worker(world: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker on this test's database and on a queue of its own; everything is long enough for it."""
    number = 8 + int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % 8
    settings.REDIS_URL = re.sub(r"\d+$", str(number), settings.REDIS_URL)
    settings.LEDGER_INLINE_BYTES = settings.LEDGER_INLINE_ROWS = 0
    broker = settings.CELERY_BROKER_URL
    queue = Celery(broker=re.sub(r"\d+$", str(number), broker), set_as_current=False)
    monkeypatch.setattr(current_app, "send_task", queue.send_task)
    worker = Worker(settings.REDIS_URL)
    yield worker
    worker.kill()
    progress._redis().flushdb()
    queue.close()


@pytest.fixture
def pages(login: Any, world: Any, owner: Any, worker: Worker) -> "Pages":
    return Pages(login(CLERK), world, owner)


class Pages:
    """What the clerk does, and what the database holds meanwhile."""

    def __init__(self, client: Any, world: Any, owner: Any) -> None:
        self.client, self.owner = client, owner
        answer = upload(client, world, *map(row, range(ROWS)), header=[*HEADER, "流动方向", "流出时间"])
        self.url = answer.url
        self.key = {"batch": answer.url.rstrip("/").split("/")[-2]}

    def state(self) -> str:
        return str(self.owner.execute(KEPT, self.key).fetchone()[0])

    def stored(self) -> tuple[int, ...]:
        return tuple(self.owner.execute(COUNTS, self.key).fetchone())

    def wait_for(self, state: str, seconds: float = 120) -> None:
        assert wait_until(lambda: self.state() == state, seconds), self.state()

    def is_at(self, step: str) -> bool:
        return bool(progress.step_of(self.key["batch"]) == step)

    def nobody_is_at_it(self) -> bool:
        held = (
            "select count(*) from pg_locks where locktype = 'advisory' and granted and objsubid = 1 and"
            " (classid::bigint << 32) | objid::bigint = hashtextextended('ledger work ' || %(batch)s, 0)"
        )
        return bool(self.owner.execute(held, self.key).fetchone()[0] == 0)

    @contextmanager
    def hindered(self) -> Iterator[None]:
        """Meanwhile no import can be finished, however fast the machine is: its rows wait for a lock."""
        with self.owner.transaction():
            self.owner.execute("lock table members_importedrow in exclusive mode")
            yield

    def ask_again(self) -> None:
        """Find the import in the list, open it, and ask for the work anew as its page offers."""
        assert wait_until(self.nobody_is_at_it, 60)
        assert self.url in self.client.get("/admin/members/ledgerimport/").content.decode()
        assert "<progress" in self.client.get(self.url).content.decode()
        self.client.post(self.url, {"restart": "1"})


def row(number: int) -> list[Any]:
    return [*somebody(number, 所属社区="样例C111居委会"), "流出", "2024-05"]


def test_killed_worker_leaves_nothing_and_the_import_is_finished_once(worker: Worker, pages: Pages) -> None:
    """Killed at random moments of checking and saving, and asked for again on the page each time."""
    chance = random.Random()
    worker.start()
    assert wait_until(lambda: pages.is_at("checking"), 60)
    worker.kill()
    assert (pages.state(), pages.stored()) == ("reading", NOTHING)
    worker.start()
    pages.ask_again()
    pages.wait_for("previewed")
    assert pages.stored() == NOTHING
    pages.client.post(pages.url, {"confirm": "1"})
    with pages.hindered():
        assert wait_until(lambda: pages.is_at("saving"), 60)
        time.sleep(chance.uniform(0, 1.0))
        worker.kill()
    assert wait_until(pages.nobody_is_at_it, 60)
    assert (pages.state(), pages.stored()) == ("applying", NOTHING)
    for moment in (chance.uniform(0, 0.5), chance.uniform(0, 1.0)):
        worker.start()
        pages.ask_again()
        assert wait_until(lambda: pages.is_at("saving") or pages.state() == "applied", 60)
        time.sleep(moment)
        worker.kill()
        assert wait_until(pages.nobody_is_at_it, 60)
        assert (pages.state(), pages.stored()) in [("applying", NOTHING), ("applied", ALL)], f"killed after {moment} s"
        if pages.state() == "applied":
            break
    else:
        worker.start()
        pages.ask_again()
    pages.wait_for("applied")
    assert pages.stored() == ALL
    pages.client.post(pages.url, {"confirm": "1"})
    assert pages.stored() == ALL


def test_killed_child_is_followed_by_another_that_finishes_once(worker: Worker, pages: Pages) -> None:
    """The worker itself lives on and gives the work out again: nobody has to ask."""
    chance = random.Random()
    worker.start()
    pages.wait_for("previewed")
    pages.client.post(pages.url, {"confirm": "1"})
    seen = set()
    for step in ("comparing", "saving"):
        assert wait_until(lambda step=step: pages.is_at(step) or pages.state() == "applied", 60)
        time.sleep(chance.uniform(0, 0.5))
        worker.kill_child()
        seen.add(pages.stored())
    assert wait_until(lambda: seen.add(pages.stored()) or pages.state() == "applied", 120), "nobody went on"
    assert seen <= {NOTHING, ALL}
    assert pages.stored() == ALL
