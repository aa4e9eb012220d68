"""Real processes for tests: a clean environment, and a look at what still lives."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SERVICE_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORTAL_KEY_FILE", "PORTAL_TEST_SERVICES")
INHERITED = ("MAKELEVEL", "DJANGO_SETTINGS_MODULE", "PORTAL_DEMO", "PORTAL_BASE_URL", "PORT")
HOLD = """
import os, sys, time
from portal.embedded import ensure_services
ensure_services(fast=True)
print("held", os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
sys.stdin.read()
"""


def environment(var: Path, **more: str) -> dict[str, str]:
    """This process's environment without the test run's servers, with its own data folder."""
    own = {k: v for k, v in os.environ.items() if k not in SERVICE_VARIABLES + INHERITED and k[:7] != "PYTEST_"}
    return own | {"PORTAL_VAR": str(var)} | more


def python(code: str, var: Path, **options: object) -> subprocess.Popen:
    """Run code in a process of its own, in the project."""
    options.setdefault("env", environment(var))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def holder(var: Path, *, is_durable: bool = False, **options: object) -> subprocess.Popen:
    """A process that holds the embedded servers until its input is closed; durable: what is committed is on disk."""
    process = python(HOLD.replace("fast=True", "fast=False") if is_durable else HOLD, var, **options)
    line = process.stdout.readline()
    assert line.startswith("held "), process.communicate()[1]
    process.urls = line.split()[1:]
    return process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launcher(var: Path, port: int, **more: str) -> subprocess.Popen:
    """The whole portal on this port; `url` is its address. See `ready`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.launch"],
        cwd=PROJECT,
        env=environment(var, **{"PORT": str(port), **more}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.url = f"http://127.0.0.1:{port}/"
    return process


def ready(process: subprocess.Popen) -> str:
    """What a launcher printed up to and including its address."""
    printed = ""
    while process.url not in printed:
        line = process.stdout.readline()
        assert line, printed + process.stderr.read()
        printed += line
    return printed


def let_go(process: subprocess.Popen) -> None:
    process.communicate(timeout=30)
    assert process.returncode == 0


def living(var: Path) -> dict[int, str]:
    """Every process that works for this data folder, with its command line: by its environment or its arguments."""
    found, mark = {}, f"PORTAL_VAR={var}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            variables = (entry / "environ").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and (f"{var}/" in command or any(v.startswith(mark) for v in variables)):
            found[int(entry.name)] = command
    return found


def server_pids(var: Path) -> list[int]:
    """The PostgreSQL postmaster and the Redis of this data folder."""
    return [pid for pid, command in living(var).items() if f"-D {var}/" in command or "/redis-server " in command]


def wait_until(condition: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def end(process: subprocess.Popen) -> None:
    """For clean-up: end a process started here, whatever its state, and close its pipes."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
