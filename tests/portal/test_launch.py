import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded_servers import _
from tests.processes import PROJECT, end, environment, free_port, launcher, living, ready


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def refused(process: subprocess.Popen) -> str:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert len(errors.strip().splitlines()) == 1, errors
    return errors


def test_launch_on_a_taken_port_says_one_sentence_and_starts_nothing(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in refused(launcher(folder / "unused", port))
    assert not (folder / "unused").exists()


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_launch_on_an_impossible_port_says_one_sentence(folder: Path, port: str) -> None:
    process = launcher(folder / "unused", 1, PORT=port)
    assert "PORT" in refused(process)


def test_launch_is_ready_stops_on_signal_and_starts_again_without_new_work(folder: Path) -> None:
    var, port = folder / "var", free_port()
    process = launcher(var, port)
    try:
        printed = ready(process)
        assert _("Preparing the database …") in printed
        with urllib.request.urlopen(process.url + "readyz") as answer:
            assert json.load(answer) == {"database": True, "redis": True, "worker": True}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        end(process)
    assert not living(var)  # at once: the launcher waits for what it started

    process = launcher(var, port)
    try:
        printed = ready(process)
        assert _("Preparing the database …") not in printed
        assert _("Loading the demo data …") not in printed
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
    finally:
        end(process)
    assert not living(var)


def test_launch_stopped_while_starting_leaves_nothing(folder: Path) -> None:
    process = launcher(folder / "early", free_port())
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    end(process)
    assert not living(folder / "early")


def test_launch_never_loads_the_demo_over_a_real_office(folder: Path) -> None:
    var = folder / "office"
    made = 'User.objects.using("owner").create(username="zhang")'
    code = f"import django; django.setup(); from portal.models import User; {made}"
    for arguments in (["manage.py", "migrate", "--verbosity", "0"], ["manage.py", "shell", "--no-imports", "-c", code]):
        subprocess.run([sys.executable, *arguments], cwd=PROJECT, env=environment(var), check=True, timeout=120)
    process = launcher(var, free_port())
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "PORTAL_DEMO=0" in errors
    assert not (var / "demo-accounts.txt").exists()
