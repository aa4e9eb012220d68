"""Servers for the test run; named in addopts as `-p portal.pytest_services`.

Loaded that early because pytest-django reads the settings before any conftest.py. Uses the servers that DATABASE_URL,
DATABASE_OWNER_URL and REDIS_URL name, else embedded ones in a folder in memory, which their keepers remove even when
the run is killed. Workers of pytest-xdist inherit the environment of the first process and start nothing.
"""

import atexit
import os
import shutil
import tempfile

from portal.embedded import ensure_services, release
from portal.keys import ensure_key_file

STARTED = "PORTAL_TEST_SERVICES"
STOP_SECONDS = 20


def start() -> None:
    """Make servers, data folder and key file for this run. Ends the run with one sentence when it cannot."""
    if os.environ.get(STARTED):
        return
    if os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL"):
        raise SystemExit("Tests on a given server need DATABASE_OWNER_URL (a role with CREATEDB) beside DATABASE_URL.")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="youjia-test-", dir=memory)
    os.chmod(folder, 0o711)  # as root, PostgreSQL runs as another user and must pass through
    os.mkdir(os.path.join(folder, "static"))  # whitenoise warns when it is missing
    os.environ["PORTAL_VAR"] = folder
    os.environ.pop("PORTAL_KEY_FILE", None)
    os.environ[STARTED] = "1"
    atexit.register(_clean_up, folder, os.getpid())
    ensure_services(fast=True, ephemeral=True)
    ensure_key_file()


def _clean_up(folder: str, starter: int) -> None:
    if os.getpid() != starter:  # a forked child of the run
        return
    release(wait_seconds=STOP_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


start()
