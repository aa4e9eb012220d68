"""How many forms a minute are taken from one code and from one address.

Every process counts by itself and tells Redis every tenth form of a name, which answers with the count of all
processes: asking Redis for each form cost a third of the page's rate, and a limit this wide may be off by a few. While
Redis is down the own count decides: a member is never refused because a counter is away. Addresses are counted under a
keyed digest. A whole hall sits behind one address, so limits are wide.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
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
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('INCRBY', key, ARGV[1])
  redis.call('EXPIRE', key, ARGV[2])
end
return counts
"""


# At a desk: two hundred phones in a minute, each of which may send its form again, from one hall with one address; one
# phone stands for a household at most. settings.CHECKINS_PER_MINUTE is for all desks, so that a flood ends there.
PER_DESK, PER_HALL, PER_PHONE = 600, 600, 6


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
        return self.count_all([name])[0]

    def count_all(self, names: Sequence[str]) -> list[int]:
        """Count one more of each name; returns their counts of the current window. Redis is asked once for all."""
        window = int(time.time()) // WINDOW_SECONDS
        with self.lock:
            if window != self.window:
                self.window, self.here, self.elsewhere = window, Counter(), Counter()
            self.here.update(names)
            here = {name: self.here[name] for name in names}
        due = [name for name, count in here.items() if count % SHARE_EVERY == 0]
        if due and time.monotonic() >= self.paused_until:
            try:
                for name, everywhere in zip(due, self._share(window, due), strict=True):
                    self.elsewhere[name] = everywhere - here[name]
            except redis.RedisError:
                self.paused_until = time.monotonic() + PAUSE_SECONDS
        return [here[name] + max(0, self.elsewhere[name]) for name in names]

    def _share(self, window: int, names: Sequence[str]) -> list[int]:
        if self.script is None:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self.script = client.register_script(COUNT)
        keys = [f"checkin:{window}:{name}" for name in names]
        return self.script(keys=keys, args=[SHARE_EVERY, 2 * WINDOW_SECONDS])


_counters = _Counters()


def may_check_in(*, desk: str, address: str, device: str) -> bool:
    """Count one form sent at a desk; False when desk, address, phone or the whole portal has had enough in this minute.

    A phone is counted in each process by itself up to ten, which is more than it may send: no word goes to Redis.
    """
    hall = crypto.digest("address of a form", address).hex()[:24]
    limits = {f"desk:{desk}": PER_DESK, f"hall:{hall}": PER_HALL, "desks": settings.CHECKINS_PER_MINUTE}
    if device:
        limits[f"phone:{crypto.digest('phone of a form', device).hex()[:24]}"] = PER_PHONE
    counts = _counters.count_all(list(limits))
    return all(count <= limit for count, limit in zip(counts, limits.values(), strict=True))


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
