"""`python -m portal.launch`: the whole portal in one terminal. Ctrl-C stops everything that it started.

Order: free port → servers → migrations and demo data, if any are missing → web, worker, beat → ready. Django is
imported once, here, and the three parts are forked from it: importing it in five processes took most of a start (17 s
on two cores instead of 7). The children get their own sessions, so that Ctrl-C reaches them once and through here, and
a death signal, so that a killed launcher leaves none of them behind.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import runpy
import signal
import socket
import sys
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

from portal import embedded
from portal.embedded_servers import PROJECT, _

READY_SECONDS = 90
STOP_SECONDS = 20
POLL_SECONDS = 0.2
WEB_WORKERS, WEB_THREADS = 2, 8
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal)."""


class Child:
    """A forked process that runs one Python module as a program, with its output in a log file."""

    def __init__(self, command: list[str], log: Path) -> None:
        sys.stdout.flush()
        launcher = os.getpid()
        self.pid = os.fork()
        self._has_ended = False
        if self.pid == 0:
            code = 1
            try:
                _become(command, log, launcher)
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
            except BaseException:
                traceback.print_exc()
            finally:
                atexit._run_exitfuncs()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)

    def ended(self) -> bool:
        if not self._has_ended:
            self._has_ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return self._has_ended

    def signal(self, number: int) -> None:
        if not self.ended():
            os.kill(self.pid, number)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _become(command: list[str], log: Path, launcher: int) -> None:
    """Turn the forked copy into the program: own session, death signal, default signals, log as output."""
    os.setsid()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    _die_with_parent()
    if os.getppid() != launcher:  # killed before the death signal was set
        return
    with open(os.devnull, "rb") as nothing, log.open("ab") as output:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def main() -> int:
    """Run until told to stop; 0 after a wanted stop, 1 when something could not start or ended by itself."""
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    if "MAKELEVEL" in os.environ:  # a killed make must not leave us behind either
        _die_with_parent()
    children: dict[str, Child] = {}
    try:
        bind, port = _address()
        _environment(port)
        print(_("Starting …"), flush=True)
        embedded.ensure_services()
        var = Path(os.environ.setdefault("PORTAL_VAR", str(PROJECT / "var")))
        for name in ("log", "static"):
            (var / name).mkdir(parents=True, exist_ok=True)
        _prepare(var)
        _import_parts()
        for name, command in _commands(bind, port, var).items():
            children[name] = Child(command, var / "log" / f"{name}.log")
        _wait_until_ready(f"http://{_reachable(bind)}:{port}/readyz", children, var)
        print(_welcome(var), flush=True)
        while True:
            time.sleep(POLL_SECONDS)
            _check(children, var)
    except Stopped:
        return 0
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
        embedded.release(wait_seconds=STOP_SECONDS)


def _prepare(var: Path) -> None:
    """Import the portal, then migrate and load the demo where that is still to do."""
    import django

    django.setup()
    import redis
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from portal.after_migrate import rights_are_current
    from portal.tasks import HEARTBEAT_KEY

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(HEARTBEAT_KEY)  # the last run's worker says nothing about this one
    if "owner" not in settings.DATABASES:
        sys.exit(_("DATABASE_OWNER_URL is missing: it is needed to prepare the database."))
    executor = MigrationExecutor(connections["owner"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()) or not rights_are_current("owner"):
        print(_("Preparing the database …"), flush=True)
        call_command("migrate", verbosity=0, interactive=False)
    if settings.DEMO:
        _load_demo(var)
    connections.close_all()


def _load_demo(var: Path) -> None:
    """Once; and never over the data of a real office, which somebody may start with the wrong command."""
    from django.core.management import call_command

    from portal.demo.offices import ACCOUNTS
    from portal.models import User

    accounts = {account.username for account in ACCOUNTS}
    users = set(User.objects.using("owner").values_list("username", flat=True))
    if users - accounts and not users & accounts:
        sys.exit(_("These are the data of a real office: start it with “make demo PORTAL_DEMO=0”."))
    if not accounts <= users or not _accounts_file(var).exists():
        print(_("Loading the demo data …"), flush=True)
        call_command("seed_demo", verbosity=0)


def _import_parts() -> None:
    """What the children need, imported before they are forked; then out of the collector's way, to stay shared."""
    for module in ("portal.urls", "portal.wsgi", "portal.celery", "celery.bin.celery", "gunicorn.app.wsgiapp"):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


def _stop(number: int, frame: object) -> None:
    raise Stopped


def _address() -> tuple[str, int]:
    """PORTAL_BIND and PORT, after making sure that the port is free. Ends with one sentence when it is not."""
    bind, given = os.environ.get("PORTAL_BIND") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        sys.exit(_("PORT must be a number from 1 to 65535."))
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, int(given)))
        except OSError:
            sys.exit(
                _(
                    "Port {port} cannot be used, probably another program has it: choose another one, such as “make "
                    "demo PORT=8001”."
                ).format(port=given)
            )
    return bind, int(given)


def _environment(port: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("PORTAL_DEMO", "1")
    os.environ.setdefault("PORTAL_BASE_URL", f"http://127.0.0.1:{port}")
    if os.geteuid() == 0:
        os.environ.setdefault("C_FORCE_ROOT", "1")  # else Celery refuses or warns at length


def _commands(bind: str, port: int, var: Path) -> dict[str, list[str]]:
    host = f"[{bind}]" if ":" in bind else bind
    web = ["gunicorn", "portal.wsgi:application", "--bind", f"{host}:{port}", "--worker-class", "gthread"]
    web += ["--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS), "--log-level", "warning"]
    web += ["--graceful-timeout", "8", "--no-control-socket"]
    celery = ["celery", "--app", "portal", "--quiet"]
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "warning"]
    worker += ["--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(var / "beat-schedule"), "--pidfile", ""]
    return {"web": web, "worker": worker, "beat": beat}


def _reachable(bind: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, f"[{bind}]" if ":" in bind else bind)


def _wait_until_ready(url: str, children: dict[str, Child], var: Path) -> None:
    # The Host header is one that the portal always allows, whatever address it is bound to.
    request = urllib.request.Request(url, headers={"Host": "127.0.0.1"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError), direct.open(request, timeout=5):
            return
        _check(children, var)
        time.sleep(0.1)
    sys.exit(_("The portal did not become ready; the reasons are in the folder {log}.").format(log=var / "log"))


def _check(children: dict[str, Child], var: Path) -> None:
    """End with a sentence when one of the processes, or an embedded server, is no longer there."""
    for name, child in children.items():
        if child.ended():
            sys.exit(
                _(
                    "The part “{name}” ended by itself, so everything was stopped; the reason is in the file {log}."
                ).format(name=name, log=var / "log" / f"{name}.log")
            )
    if not embedded.is_kept():
        sys.exit(
            _(
                "The database or Redis ended by itself, so everything was stopped; the reasons are in the folder {log}."
            ).format(log=var / "log")
        )


def _accounts_file(var: Path) -> Path:
    return var / "demo-accounts.txt"


def _welcome(var: Path) -> str:
    lines = ["", _("The portal is ready: {url}").format(url=os.environ["PORTAL_BASE_URL"] + "/")]
    if os.environ["PORTAL_DEMO"] == "1" and _accounts_file(var).exists():
        lines += ["", _accounts_file(var).read_text(encoding="utf-8").rstrip(), ""]
    return "\n".join([*lines, _("Stop it with Ctrl-C.")])


def _stop_all(children: dict[str, Child]) -> None:
    for child in children.values():
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and not all(child.ended() for child in children.values()):
        time.sleep(0.05)
    for child in children.values():
        child.signal(signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):  # what a child may have left in its session
            os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
