"""How far a worker is with an import, told outside its transaction; and whether one works on it at all."""

import uuid

import psycopg.errors
import redis
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext

STEPS = ("waiting", "reading", "checking", "comparing", "saving")
CLAIM_MILLISECONDS = 30_000
_SECONDS = 24 * 3600
_PATIENCE = 0.5  # seconds a page or a worker waits for Redis: progress is a comfort, never a condition


def step_text(step: str) -> str:
    return {
        "waiting": gettext("waiting for its turn"),
        "reading": gettext("reading the file"),
        "checking": gettext("checking every cell"),
        "comparing": gettext("comparing with the files of the members"),
        "saving": gettext("saving"),
    }.get(step, "")


def tell(batch: uuid.UUID, step: str) -> None:
    """Leave word of the step that begins now. The import's id and a word, nothing else."""
    try:
        _redis().set(_key(batch), step, ex=_SECONDS)
    except redis.RedisError:
        return


def step_of(batch: uuid.UUID) -> str:
    """The step that was told last."""
    try:
        found = _redis().get(_key(batch))
    except redis.RedisError:
        found = None
    step = bytes(found).decode() if found else ""  # type: ignore[arg-type]
    return step if step in STEPS else STEPS[0]


def claim(batch: uuid.UUID) -> bool:
    """Take the work on an import until the end of the transaction; False where another worker has it.

    It waits a little for the other one: the server lets go of a killed worker only when its statement ends.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = %s", [f"{CLAIM_MILLISECONDS}ms"])
            cursor.execute("select pg_advisory_xact_lock(hashtextextended('ledger work ' || %s, 0))", [str(batch)])
            cursor.execute("set local lock_timeout = default")
    except OperationalError as problem:
        if isinstance(problem.__cause__, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True


def is_claimed(batch: uuid.UUID) -> bool:
    """Whether a worker is at it now. A worker that was killed holds nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from pg_locks where locktype = 'advisory' and objsubid = 1 and granted"
            " and (classid::bigint << 32) | objid::bigint = hashtextextended('ledger work ' || %s, 0)"
            " and database = (select oid from pg_database where datname = current_database()))",
            [str(batch)],
        )
        return bool(cursor.fetchone()[0])


def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


def _key(batch: uuid.UUID) -> str:
    return f"portal:ledger-import:{batch}"
