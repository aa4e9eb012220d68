"""How many forms a minute are taken from one code and from one address.

Every process counts by itself and tells Redis every tenth form of a name, which answers with the count of all
processes: asking Redis for each form cost a third of the page's rate, and a limit this wide may be off by a few. While
Redis is down the own count decides: a member is never refused because a counter is away. Addresses are counted under a
keyed digest. A whole hall sits behind one address, so limits are wide.
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
STATUS_PER_RECEIPT = 5
STATUS_PER_ADDRESS = 30  # of ten thousand tails of a number, for one receipt of a hundred million
SHARE_EVERY = 10
REDIS_SECONDS = 0.25  # how long a form may wait for a counter
PAUSE_SECONDS = 5.0  # after a failure Redis is left alone that long
# One command: each answer that is read costs as much as the counting.
COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return count
"""


class _Counters:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.script: Any = None
        self.paused_until = 0.0
        self.window = 0
        self.here: Counter[str] = Counter()  # of this process
        self.elsewhere: Counter[str] = Counter()  # of the others, as far as Redis has told

    def count(self, name: str) -> int:
        """Count one more of the name; returns the count of the current window."""
        window = int(time.time()) // WINDOW_SECONDS
        with self.lock:
            if window != self.window:
                self.window, self.here, self.elsewhere = window, Counter(), Counter()
            self.here[name] += 1
            here = self.here[name]
        if here % SHARE_EVERY == 0 and time.monotonic() >= self.paused_until:
            try:
                self.elsewhere[name] = self._share(f"checkin:{window}:{name}") - here
            except redis.RedisError:
                self.paused_until = time.monotonic() + PAUSE_SECONDS
        return here + max(0, self.elsewhere[name])

    def _share(self, key: str) -> int:
        if self.script is None:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self.script = client.register_script(COUNT)
        return self.script(keys=[key], args=[SHARE_EVERY, 2 * WINDOW_SECONDS])


_counters = _Counters()


def is_within_limits(*, code: str, address: str) -> bool:
    """Count one form sent; False when its code or its address has had enough in this minute."""
    digest = crypto.digest("address of a form", address).hex()[:24]
    of_code, of_address = _counters.count(f"code:{code}"), _counters.count(f"address:{digest}")
    return of_code <= PER_CODE and of_address <= PER_ADDRESS


def may_ask_status(*, receipt: str, address: str) -> bool:
    """Count one question for a receipt number; False when the number or the address has asked enough in this minute."""
    asked, asker = (crypto.digest("asked for a state", text).hex()[:24] for text in (receipt, address))
    of_receipt, of_address = _counters.count(f"receipt:{asked}"), _counters.count(f"asker:{asker}")
    return of_receipt <= STATUS_PER_RECEIPT and of_address <= STATUS_PER_ADDRESS
