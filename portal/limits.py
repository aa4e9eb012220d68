"""Counters of what somebody may do so and so often in an hour, shared by all processes through Redis.

While Redis is away every process counts by itself: nobody is locked out because a counter is away, and nobody gets more
than the limit from one process. Names stand in Redis as they are given: ids, never values.
"""

import datetime as dt
import threading
import time
from collections import Counter
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone

HOUR_SECONDS = 3600
REDIS_SECONDS = 0.25  # how long a page may wait for a counter
PAUSE_SECONDS = 5.0  # after a failure Redis is left alone that long
COUNT = """
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return count
"""


def next_hour() -> dt.datetime:
    """When every hourly count begins anew: what somebody is told who has to wait."""
    begins = (int(time.time()) // HOUR_SECONDS + 1) * HOUR_SECONDS
    return dt.datetime.fromtimestamp(begins, timezone.get_current_timezone())


class HourlyCounter:
    """Counts by name within the current hour of the clock."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.lock = threading.Lock()
        self.script: Any = None
        self.paused_until = 0.0
        self.hour = 0
        self.here: Counter[str] = Counter()  # of this process

    def count(self, name: str) -> int:
        """Count one more of the name; returns how many there were in this hour, this one included."""
        hour = int(time.time()) // HOUR_SECONDS
        with self.lock:
            if hour != self.hour:
                self.hour, self.here = hour, Counter()
            self.here[name] += 1
            here = self.here[name]
        if time.monotonic() < self.paused_until:
            return here
        try:
            return max(here, self._shared(f"{self.prefix}:{hour}:{name}"))
        except redis.RedisError:
            self.paused_until = time.monotonic() + PAUSE_SECONDS
            return here

    def _shared(self, key: str) -> int:
        if self.script is None:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self.script = client.register_script(COUNT)
        return int(self.script(keys=[key], args=[2 * HOUR_SECONDS]))


_reveals = HourlyCounter("reveals")


def may_reveal_more(actor: str) -> bool:
    """Count one full number for this actor; False when this hour's are used up (settings.REVEALS_PER_HOUR)."""
    return _reveals.count(actor) <= settings.REVEALS_PER_HOUR
