"""The embedded PostgreSQL and Redis: attach to running ones, or start them for as long as this process lives.

Imported before Django reads its settings, so it uses the standard library only (and psycopg at the first start).
Who holds a server is counted by the kernel through file locks, see `portal.keeper`. Nothing in the data folder
names a place on this machine: a stopped folder can be copied and used elsewhere.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from portal.embedded_servers import (
    ADMIN,
    PROJECT,
    Place,
    ServiceError,
    _,
    cannot_write,
    postgres_orders,
    redis_orders,
)

DATABASE, OWNER, APP = "portal", "portal_owner", "portal_app"
ATTACH_SECONDS = 120
LOCKS = ("holders", "start", "keeper", "server")


@dataclass
class Service(Place):
    """What this process holds of one server."""

    handles: dict[str, int] = field(default_factory=dict)
    starting: subprocess.Popen | None = None

    def lock_path(self, lock: str) -> Path:
        return self.var / "locks" / f"{self.name}.{lock}"

    def open(self, lock: str, how: int) -> bool:
        """Take a lock file; False when LOCK_NB was asked for and another process has it."""
        handle = os.open(self.lock_path(lock), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, how)
        except BlockingIOError:
            os.close(handle)
            return False
        self.handles[lock] = handle
        return True

    def close(self, lock: str) -> None:
        if lock in self.handles:
            os.close(self.handles.pop(lock))

    def keeper(self) -> dict | None:
        """What the running keeper says of itself ({"pid", "server"}; empty while it starts); None without one."""
        if self.open("keeper", fcntl.LOCK_SH | fcntl.LOCK_NB):
            self.close("keeper")
            return None
        try:
            return json.loads(self.lock_path("keeper").read_text() or "{}")
        except ValueError:
            return {}


_held: dict[str, Service] = {}


def ensure_services(*, fast: bool = False, ephemeral: bool = False) -> None:
    """Make sure that PostgreSQL and Redis can be used, and name them in the environment.

    Does nothing when DATABASE_URL and REDIS_URL are given. Otherwise sets the missing ones of DATABASE_URL (app role),
    DATABASE_OWNER_URL and REDIS_URL, and PORTAL_VAR. `fast` gives up durability (tests); `ephemeral` removes the data
    folder when the last holder has gone. Ends the process with one sentence and exit code 1 when it cannot.
    """
    wanted = [name for name, key in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL")) if not os.environ.get(key)]
    if not wanted:
        return
    var = Path(os.environ.get("PORTAL_VAR") or PROJECT / "var").absolute()
    os.environ["PORTAL_VAR"] = str(var)
    try:
        _prepare_folder(var)
        for name in wanted:
            _begin(Service(name, var), fast=fast, ephemeral=ephemeral)
        for name in wanted:
            _finish(_held[name])
    except ServiceError as problem:
        release()
        sys.exit(str(problem))
    except PermissionError as problem:
        release()
        sys.exit(cannot_write(Path(problem.filename or var)))


def release(*, wait_seconds: float = 0) -> bool:
    """Let go of what this process holds; True when the servers have stopped within `wait_seconds`.

    With a wait the keepers are asked not to linger. False also when other processes still use the servers.
    """
    services, gone = list(_held.values()), True
    for service in services:
        for lock in list(service.handles):
            service.close(lock)
        keeper = service.keeper() if wait_seconds else None
        if keeper and keeper.get("pid"):
            os.kill(keeper["pid"], signal.SIGUSR1)
    _held.clear()
    deadline = time.monotonic() + wait_seconds
    for service in services:
        with contextlib.suppress(FileNotFoundError):  # a keeper of temporary servers takes the folder along
            while wait_seconds and service.lock_path("keeper").exists() and service.keeper() is not None:
                if time.monotonic() > deadline or _has_holders(service):
                    gone = False
                    break
                time.sleep(0.05)
        if service.starting and wait_seconds and gone:  # ours: leave no dead entry in the list of processes
            with contextlib.suppress(ChildProcessError):
                os.waitpid(service.starting.pid, 0)
    return gone


def is_kept() -> bool:
    """Do the servers that this process holds (if any) still have their keepers?"""
    return all(service.keeper() is not None for service in _held.values())


def _has_holders(service: Service) -> bool:
    if service.open("holders", fcntl.LOCK_EX | fcntl.LOCK_NB):
        service.close("holders")
        return False
    # The keeper itself holds it while it stops the server, and then it holds the start lock too.
    if service.open("start", fcntl.LOCK_SH | fcntl.LOCK_NB):
        service.close("start")
        return True
    return False


def _prepare_folder(var: Path) -> None:
    try:
        for folder in (var, var / "locks", var / "log"):
            if not folder.exists():
                folder.mkdir(mode=0o711 if folder == var else 0o700, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError
    except OSError:
        raise ServiceError(cannot_write(var)) from None


def _begin(service: Service, *, fast: bool, ephemeral: bool) -> None:
    """Hold the service and, if nobody keeps it yet, start its keeper without waiting for it."""
    _held[service.name] = service
    service.open("start", fcntl.LOCK_EX)
    service.open("holders", fcntl.LOCK_SH)
    if service.keeper() is not None:
        return
    orders = postgres_orders(service, fast=fast) if service.name == "postgres" else redis_orders(service, fast=fast)
    orders |= {
        "log": str(service.log),
        "locks": {lock: str(service.lock_path(lock)) for lock in LOCKS},
        "remove": [str(service.var), str(service.sockets)] if ephemeral else [],
    }
    os.truncate(_touch(service.lock_path("keeper")), 0)
    service.starting = subprocess.Popen(
        [sys.executable, "-I", str(PROJECT / "portal" / "keeper.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        text=True,
        start_new_session=True,
    )
    assert service.starting.stdin is not None  # a PIPE
    service.starting.stdin.write(json.dumps(orders))
    service.starting.stdin.close()


def _touch(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


def _finish(service: Service) -> None:
    """Wait until the service answers, name it in the environment, and let newcomers in."""
    if service.starting:
        assert service.starting.stdout is not None  # a PIPE
        ready = service.starting.stdout.readline().strip() == "ready"
        service.starting.stdout.close()
        service.starting.returncode = 0  # it lives on by itself: no ResourceWarning, no wait
    else:
        ready = _wait_for_keeper(service)
    if not ready:
        raise ServiceError(
            _("The embedded {name} did not start; the reason is in the file {log}.").format(
                name={"postgres": "PostgreSQL", "redis": "Redis"}[service.name],
                log=service.log,
            )
        )
    sockets = quote(str(service.sockets), safe="/")
    if service.name == "redis":
        os.environ["REDIS_URL"] = f"unix://{sockets}/redis.sock?db=0"
    else:
        os.environ["DATABASE_URL"] = postgres_url(sockets, APP)
        os.environ["DATABASE_OWNER_URL"] = postgres_url(sockets, OWNER)
        _set_up_database(service, postgres_url(sockets, ADMIN, database="postgres"))
    service.close("start")


def postgres_url(sockets: str, role: str, *, database: str = DATABASE) -> str:
    # The port is named because libpq would otherwise take it from the caller's PGPORT.
    return f"postgresql://{role}@/{database}?host={sockets}&port=5432"


def _wait_for_keeper(service: Service) -> bool:
    deadline = time.monotonic() + ATTACH_SECONDS
    while time.monotonic() < deadline:
        keeper = service.keeper()
        if keeper is None or keeper.get("pid"):
            return keeper is not None
        time.sleep(0.05)
    return False


def _set_up_database(service: Service, admin_url: str) -> None:
    """Roles, database, extensions: once, and again when the code that makes them has changed."""
    digest = hashlib.sha256((PROJECT / "portal" / "database.py").read_bytes()).hexdigest()
    marker = service.data / "portal_setup"
    if marker.exists() and marker.read_text() == digest:
        return
    from portal.database import setup_database

    setup_database(admin_url, name=DATABASE, owner=OWNER, app=APP)
    marker.write_text(digest)
