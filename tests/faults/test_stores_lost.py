"""Redis and PostgreSQL die while reminders are sent: what was sent is known, what was not is sent."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.faults.rig import Rig, mail_server
from tests.processes import PROJECT, end, environment, holder, living, server_pids, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.long]
PLACE = "00000000-0000-4000-8000-000000000001"
ORGANIZATION = (
    "insert into portal_organization (id, code, name, short_name, party_name, kind, sector, is_active, path)"
    f" values ('{PLACE}', '99', '样例街道', '', '', 'street', '', true, '')"
)


class Owner:
    """Statements of the owner, each over a connection of its own: the server comes and goes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def execute(self, statement: str, parameters: Any = None) -> Any:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters or None)
            return Answer(cursor.fetchall() if cursor.description else [])


class Answer(list):
    def fetchall(self) -> list:
        return list(self)


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Servers of this test's own, an empty portal on them, and 60 people who are due."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    folder.chmod(0o711)
    servers = holder(folder, is_durable=True)  # else a stop at once would lose what was committed
    urls = {"DATABASE_URL": servers.urls[0], "REDIS_URL": servers.urls[1], "PORTAL_VAR": str(folder)}
    done = subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=PROJECT, env=environment(folder),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    owner = Owner(servers.urls[0].replace("portal_app", "portal_owner"))
    owner.execute(ORGANIZATION)
    with mail_server() as (sink, port):
        rig = Rig(urls, owner, sink, port)
        rig.environment = {key: value for key, value in rig.environment.items() if key[:7] != "PYTEST_"}
        for name in ("PORTAL_KEY_FILE", "DATABASE_OWNER_URL", "PORTAL_TEST_SERVICES"):
            rig.environment.pop(name, None)
        rig.fill(PLACE, 60)
        rig.folder = folder
        yield rig
        rig.stop()
    end(servers)
    assert wait_until(lambda: not living(folder)), living(folder)
    shutil.rmtree(folder, ignore_errors=True)


def kill_server(rig: Rig, mark: str, how: signal.Signals) -> None:
    def pids() -> list[int]:
        return [
            pid for pid, command in living(rig.folder).items() if mark in command and pid in server_pids(rig.folder)
        ]

    assert wait_until(lambda: len(pids()) == 1)
    (pid,) = pids()
    os.kill(pid, how)
    assert wait_until(lambda: pid not in server_pids(rig.folder))


def test_redis_killed_and_emptied_loses_nothing(rig: Rig) -> None:
    rig.start("beat", "worker")
    for _time in range(3):
        before = len(rig.sink.taken)
        assert wait_until(lambda before=before: len(rig.sink.taken) > before or rig.is_done(), 60), rig.states()
        kill_server(rig, "redis-server", signal.SIGKILL)

        def is_emptied() -> bool:
            try:
                return bool(redis.Redis.from_url(rig.environment["REDIS_URL"]).flushall())
            except redis.ConnectionError:
                return False

        assert wait_until(is_emptied, 60)
    assert wait_until(rig.is_done, 180), rig.states()
    rig.judge(killed=0)


def test_database_stopped_at_once_loses_nothing(rig: Rig) -> None:
    """SIGQUIT is `pg_ctl stop -m immediate`: every connection breaks, the log is replayed at the next start."""
    rig.start("beat", "worker")
    stops = 0
    for _time in range(3):
        before = len(rig.sink.taken)
        assert wait_until(lambda before=before: len(rig.sink.taken) > before, 60)
        kill_server(rig, f"-D {rig.folder}/", signal.SIGQUIT)
        stops += 1

        def answers() -> bool:
            try:
                return bool(rig.states())
            except psycopg.OperationalError:
                return False

        assert wait_until(answers, 60)
    assert wait_until(rig.is_done, 180), rig.states()
    rig.judge(killed=stops)
