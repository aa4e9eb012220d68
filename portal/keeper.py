"""Keeps one embedded server running for as long as somebody holds it, then stops it and leaves.

Started detached by `portal.embedded`, one process per server, with its orders as JSON on the standard input and as a
plain file (`python -I keeper.py`), so that it imports neither Django nor the portal. The kernel does the counting:
every process that uses the server has a *shared* lock on the `holders` file, and a killed process loses its lock.
When the keeper can take the *exclusive* lock, nobody is left. The server itself gets a death signal, so a killed
keeper leaves no server behind.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

POLL_SECONDS = 0.25
LINGER_SECONDS = 1.0
READY_SECONDS = 60
STOP_SECONDS = 30
MAX_RESTARTS = 5
PR_SET_PDEATHSIG = 1


class Keeper:
    """`orders`: command, cwd, env, log, stop_signal, ready {"postmaster"|"redis": path}, locks {name: path}, and the
    files (traces) and folders (remove) that go at the end.
    """

    def __init__(self, orders: dict) -> None:
        self.orders = orders
        self.server: subprocess.Popen  # run() starts it before anything asks for it
        self.leave_now = False
        self.no_linger = False
        self.restarts = 0
        self.locks = {name: os.open(path, os.O_RDWR | os.O_CREAT, 0o600) for name, path in orders["locks"].items()}

    def run(self) -> int:
        fcntl.flock(self.locks["keeper"], fcntl.LOCK_EX | fcntl.LOCK_NB)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "leave_now", True))
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "no_linger", True))
        self._wait_for_orphans()
        self._start()
        if not self._wait_ready():
            self._stop()
            return 1
        self._announce()
        while not self.leave_now and not self._nobody_left():
            time.sleep(POLL_SECONDS)
            if self.server.poll() is not None and not self._restart():
                return 1
        self._stop()
        for file in self.orders["traces"]:
            Path(file).unlink(missing_ok=True)
        for folder in self.orders["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
        return 0

    def _wait_for_orphans(self) -> None:
        """The server inherits this lock; a server whose keeper was killed holds it until it has really gone."""
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(self.locks["server"], fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _start(self) -> None:
        death_signal = self.orders["stop_signal"]

        def follow_keeper() -> None:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)

        with open(self.orders["log"], "ab") as log:
            self.server = subprocess.Popen(
                self.orders["command"],
                cwd=self.orders["cwd"],
                env=self.orders["env"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=follow_keeper if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
                pass_fds=[self.locks["server"]],
            )

    def _wait_ready(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and not self.leave_now and self.server.poll() is None:
            if is_ready(self.orders["ready"], self.server.pid):
                return True
            time.sleep(0.02)
        return False

    def _announce(self) -> None:
        os.ftruncate(self.locks["keeper"], 0)
        os.pwrite(
            self.locks["keeper"],
            json.dumps({"pid": os.getpid(), "server": self.server.pid}).encode(),
            0,
        )
        with contextlib.suppress(OSError):  # whoever started this may have been killed meanwhile
            print("ready", flush=True)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)

    def _nobody_left(self) -> bool:
        """True with the start lock held, so that no newcomer can attach to a server that is about to stop."""
        if not self._lock("holders"):
            return False
        fcntl.flock(self.locks["holders"], fcntl.LOCK_UN)
        deadline = time.monotonic() + LINGER_SECONDS
        while time.monotonic() < deadline and not self.no_linger and not self.leave_now:
            time.sleep(0.05)
        if not self._lock("start"):  # somebody is just coming
            return False
        if self._lock("holders"):
            return True
        fcntl.flock(self.locks["start"], fcntl.LOCK_UN)
        return False

    def _lock(self, name: str) -> bool:
        try:
            fcntl.flock(self.locks[name], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _restart(self) -> bool:
        """A server that died while it is needed is started again, a few times."""
        if self.restarts >= MAX_RESTARTS:
            return False
        self.restarts += 1
        os.ftruncate(self.locks["keeper"], 0)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not self.leave_now:
            time.sleep(0.3)  # children of a killed PostgreSQL need a moment to let go of its shared memory
            self._start()
            if self._wait_ready():
                self._announce()
                return True
            self._stop()
        return False

    def _stop(self) -> None:
        if self.server.poll() is None:
            self.server.send_signal(self.orders["stop_signal"])
        try:
            self.server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


def is_ready(how: dict, pid: int) -> bool:
    """PostgreSQL says so in the last line of postmaster.pid; Redis answers PING."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        if "postmaster" in how:
            lines = Path(how["postmaster"]).read_text().splitlines()
            return int(lines[0]) == pid and lines[7].strip() == "ready"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(how["redis"])
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    return False


if __name__ == "__main__":
    sys.exit(Keeper(json.load(sys.stdin)).run())
