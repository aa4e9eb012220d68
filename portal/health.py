"""Two answers for whoever watches the portal: is the process alive, and can it do its work. No personal data."""

import time

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.tasks import HEARTBEAT_KEY

WORKER_SILENCE_SECONDS = 120
PROBE_SECONDS = 3


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """`{"database", "redis", "worker"}`, each true or false; 503 when one is false.

    `worker` means that the worker was heard from within two minutes, which also proves beat and the queue.
    """
    redis_answers, worker_heard = _redis_state()
    state = {"database": _database_answers(), "redis": redis_answers, "worker": worker_heard}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            return cursor.fetchone() == (1,)
    except Error:
        return False


def _redis_state() -> tuple[bool, bool]:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS
    )
    try:
        heard_at = client.get(HEARTBEAT_KEY)
    except redis.RedisError:
        return False, False
    finally:
        client.close()
    try:
        return True, heard_at is not None and abs(time.time() - float(heard_at)) <= WORKER_SILENCE_SECONDS
    except ValueError:
        return True, False
