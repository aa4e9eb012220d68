"""How many forms a minute are taken from one code and from one address.

Counted in Redis for all processes together; in this process while Redis is down: a member is never refused because a
counter is away. Addresses are counted under a keyed digest. A whole hall sits behind one address, so limits are wide.
"""

import threading
import time
from collections import Counter
from typing import Any

import redis
from django.conf import settings

from portal import crypto

WINDOW_SECONDS = 60
PER_CODE = 200
PER_ADDRESS = 300
REDIS_SECONDS = 0.25  # how long a form may wait for a counter
PAUSE_SECONDS = 5.0  # after a failure Redis is left alone that long
# One command for all counters: each answer that is read costs as much as the counting.
COUNT = """
local counts = {}
for place, key in ipairs(KEYS) do
  counts[place] = redis.call('INCR', key)
  if counts[place] == 1 then redis.call('EXPIRE', key, ARGV[1]) end
end
return counts
"""


class _Counters:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.script: Any = None
        self.paused_until = 0.0
        self.window = 0
        self.here: Counter[str] = Counter()

    def count(self, names: list[str]) -> list[int]:
        """Count one more of each name; returns the counts of the current window."""
        window = int(time.time()) // WINDOW_SECONDS
        if time.monotonic() >= self.paused_until:
            try:
                return self._count_in_redis(names, window)
            except redis.RedisError:
                self.paused_until = time.monotonic() + PAUSE_SECONDS
        with self.lock:
            if window != self.window:
                self.window, self.here = window, Counter()
            self.here.update(names)
            return [self.here[name] for name in names]

    def _count_in_redis(self, names: list[str], window: int) -> list[int]:
        if self.script is None:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self.script = client.register_script(COUNT)
        return self.script(keys=[f"checkin:{window}:{name}" for name in names], args=[2 * WINDOW_SECONDS])


_counters = _Counters()


def is_within_limits(*, code: str, address: str) -> bool:
    """Count one form sent; False when its code or its address has had enough in this minute."""
    digest = crypto.digest("address of a form", address).hex()[:24]
    of_code, of_address = _counters.count([f"code:{code}", f"address:{digest}"])
    return of_code <= PER_CODE and of_address <= PER_ADDRESS
