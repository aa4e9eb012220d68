"""Tasks of the portal itself."""

import time

import redis
from celery import shared_task
from django.conf import settings

HEARTBEAT_KEY = "portal:worker-heartbeat"


@shared_task(name="portal.heartbeat")
def heartbeat() -> None:
    """Leave word that a worker runs tasks (read by /readyz)."""
    redis.Redis.from_url(settings.REDIS_URL).set(HEARTBEAT_KEY, int(time.time()), ex=600)
