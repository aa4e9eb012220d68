"""kill -9 on every kind of process around the embedded servers: nothing stays behind, nothing is lost."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.processes import end, holder, let_go, living, server_pids, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture
def folder() -> Iterator[Path]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    made.chmod(0o711)
    yield made
    assert wait_until(lambda: not living(made)), living(made)
    shutil.rmtree(made, ignore_errors=True)


def keepers(var: Path) -> list[int]:
    return [pid for pid, command in living(var).items() if "keeper.py" in command]


def test_killed_holder_leaves_no_server(folder: Path) -> None:
    process = holder(folder)
    assert len(server_pids(folder)) == 2
    process.kill()
    end(process)
    assert wait_until(lambda: not living(folder)), living(folder)


def test_killed_holder_does_not_stop_servers_of_another(folder: Path) -> None:
    killed, other = holder(folder), holder(folder)
    servers = server_pids(folder)
    killed.kill()
    end(killed)
    assert not wait_until(lambda: server_pids(folder) != servers, seconds=2.5)
    let_go(other)


def test_killed_keepers_leave_no_server_and_the_next_start_recovers(folder: Path) -> None:
    process = holder(folder)
    with psycopg.connect(process.urls[0].replace("portal_app", "portal_owner")) as connection:
        connection.execute("create table public.kept as select 42 as answer")
    assert len(keepers(folder)) == 2
    for pid in keepers(folder):
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not server_pids(folder)), living(folder)
    end(process)
    process = holder(folder)
    with psycopg.connect(process.urls[0].replace("portal_app", "portal_owner")) as connection:
        assert connection.execute("select answer from public.kept").fetchone() == (42,)
    let_go(process)


def test_killed_servers_are_started_again(folder: Path) -> None:
    process = holder(folder)
    killed = server_pids(folder)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    def answers() -> bool:
        try:
            with psycopg.connect(process.urls[0]) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    assert wait_until(
        lambda: len(server_pids(folder)) == 2 and not set(server_pids(folder)) & set(killed) and answers()
    )
    let_go(process)
