"""A hall of phones before real web processes and a real worker, and a road to the database that can be closed."""

import http.client
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from portal.database import url_for_database
from tests import databases
from tests.processes import PROJECT, free_port, wait_until

AT_ONCE = 16
HIDDEN = re.compile(r'name="(client_key|ticket)" value="([^"]*)"')


class Road:
    """Hands bytes on between a port of its own and the test run's PostgreSQL; `close` breaks what goes along it."""

    def __init__(self) -> None:
        parts = urlsplit(os.environ["DATABASE_URL"])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.folder = query.get("host", "")
        self.target = (parts.hostname or "", parts.port or 5432)
        name = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{{port}}", query="").geturl()
        self.port = free_port()
        self.url = url_for_database(name.format(port=self.port), databases.clone_name())
        self.door: socket.socket | None = None
        self.open_ends: set[socket.socket] = set()
        self.open()

    def open(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._let_in, args=[self.door], daemon=True).start()

    def close(self) -> None:
        door, self.door = self.door, None
        for end in (*self.open_ends, door):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                here, _address = door.accept()
                threading.Thread(target=self._carry, args=[here, self._there()], daemon=True).start()

    def _there(self) -> socket.socket:
        if not self.folder:
            return socket.create_connection(self.target)
        end = socket.socket(socket.AF_UNIX)
        end.connect(f"{self.folder}/.s.PGSQL.5432")
        return end

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        other = {here: there, there: here}
        self.open_ends |= set(other)
        with selectors.DefaultSelector() as ready, suppress(OSError, ValueError):
            for end in other:
                ready.register(end, selectors.EVENT_READ)
            while all(self._pass_on(key.fileobj, other) for key, _events in ready.select()):
                pass
        self.open_ends -= set(other)
        for end in other:
            end.close()

    def _pass_on(self, end: Any, other: dict[socket.socket, socket.socket]) -> bool:
        data = end.recv(65536)
        other[end].sendall(data)
        return bool(data)


class Hall:
    """The portal's web processes (and, if wanted, its worker with beat) on this test's database, for many phones."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="yj-hall-")
        self.environment = {key: value for key, value in os.environ.items() if key[:7] != "PYTEST_"} | {
            "DATABASE_URL": database_url, "REDIS_URL": redis_url, "C_FORCE_ROOT": "1",
        }  # fmt: skip
        self.port, self.processes = free_port(), []
        self._start("gunicorn", "portal.wsgi:application", "--bind", f"127.0.0.1:{self.port}",
                    "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--log-level", "critical",
                    "--no-control-socket")  # fmt: skip
        assert wait_until(self._answers, 60)

    def start_worker(self) -> None:
        self._start("celery", "--app", "portal.celery", "--quiet", "worker", "--beat", "--schedule",
                    f"{self.folder}/beat", "--pool", "prefork", "--concurrency", "1", "--loglevel", "warning",
                    "--without-gossip", "--without-mingle")  # fmt: skip

    def _start(self, *command: str) -> None:
        self.processes.append(subprocess.Popen(
            [sys.executable, "-m", *command], cwd=PROJECT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ))  # fmt: skip

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.ask("/healthz")[0] == 200
        return False

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and body, over a connection of its own as phones have it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
            connection.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def form(self, path: str, number: int) -> dict[str, str]:
        """Open the page and fill in its form, as phone `number` does it."""
        status, page = self.ask(path)
        assert status == 200, page
        return dict(HIDDEN.findall(page)) | {"name": "李建国", "mobile": f"139111{number:05}", "consent": "on"}


def all_at_once(work: Callable[[int], Any], count: int) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, range(count)))


@contextmanager
def opened(database_url: str, redis_url: str) -> Iterator[Hall]:
    hall = Hall(database_url, redis_url)
    try:
        yield hall
    finally:
        hall.stop()
