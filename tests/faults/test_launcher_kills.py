"""What is left of the portal when its processes are killed."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import end, free_port, launcher, living, ready, wait_until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_killed_launcher_leaves_nothing_behind(folder: Path) -> None:
    process = launcher(folder, free_port(), PORTAL_DEMO="0")
    ready(process)
    assert len(living(folder)) > 6
    process.kill()
    end(process)
    assert wait_until(lambda: not living(folder), seconds=30), living(folder)


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_killed_part_stops_the_rest_with_a_sentence(folder: Path, part: str) -> None:
    process = launcher(folder, free_port(), PORTAL_DEMO="0")
    ready(process)
    children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    log = folder / "log" / f"{part}.log"
    killed = [pid for pid in children if os.path.realpath(f"/proc/{pid}/fd/2") == str(log)]
    assert len(killed) == 1
    os.kill(killed[0], signal.SIGKILL)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert str(log) in errors
    assert "Traceback" not in errors
    assert wait_until(lambda: not living(folder)), living(folder)
