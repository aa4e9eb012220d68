"""The alarm: scoped data was asked for while nobody acts, or with an actor that is not genuine.

The database answers such a query with no rows and a warning (portal/sql/actor.sql). Here the warning becomes one line
of the log `portal.alarm`, and a page that caused it becomes an error instead of an empty list.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal import access

SQLSTATE = "01Y01"
QUIET_SECONDS = 60
KINDS = frozenset(["unset", "malformed", "forged", "unknown_kind", "other_session", "expired"])

logger = logging.getLogger("portal.alarm")
_heard = threading.local()  # a notice arrives in the thread that ran the query
_lock = threading.Lock()
_written: dict[tuple[str, str], tuple[float, int]] = {}


def listen(connection: Any, **_signal: Any) -> None:
    """Hear the warnings of a new database connection (receiver of `connection_created`)."""
    connection.connection.add_notice_handler(_hear)


def answer(get_response: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """The response, unless scoped data was asked for without an actor on the way: then NoActor is raised."""
    before = _count()
    response = get_response(request)
    if _count() > before and response.status_code < 500:
        raise access.NoActor("scoped data was read while nobody acts")
    return response


def _count() -> int:
    return getattr(_heard, "count", 0)


def _hear(notice: Any) -> None:
    if notice.sqlstate != SQLSTATE:
        return
    _heard.count = _count() + 1
    kind = (notice.message_primary or "").rpartition(" ")[2]
    _write(kind if kind in KINDS else "unknown", _place())


def _write(kind: str, place: str) -> None:
    """One line a minute for each kind and place; what was left out is counted in the next one."""
    now = time.monotonic()
    with _lock:
        last, left_out = _written.get((kind, place), (float("-inf"), 0))
        if now - last < QUIET_SECONDS:
            _written[kind, place] = last, left_out + 1
            return
        _written[kind, place] = now, 0
    logger.error("scoped data asked for without a genuine actor: %s, at %s (%d more before)", kind, place, left_out)


def _place() -> str:
    """The line of the project that ran the query: where to look, and no value of anybody."""
    root, own = str(settings.BASE_DIR), str(Path(__file__))
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(root) and file != own and "site-packages" not in file:
            return f"{file[len(root) + 1 :]}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"
