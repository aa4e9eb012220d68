"""How many forms a minute are taken from one code and from one address.

Every process counts by itself and tells Redis every tenth form of a name, which answers with the count of all
processes: asking Redis for each form cost a third of the page's rate, and a limit this wide may be off by a few. While
Redis is down the own count decides: a member is never refused because a counter is away. Addresses are counted under a
keyed digest. A whole hall sits behind one address, so limits are wide. The narrow ones are counted first, and what they
refuse counts for none of the wide ones: one address that floods a code does not shut the others out of it.
"""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone

from portal import crypto

WINDOW_SECONDS = 60
PER_ADDRESS = 200
PER_CODE = 400  # of whichever addresses: one alone does not use it up
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
PER_DESK, PER_HALL, PER_PHONE = 1200, 600, 6
TYPED_PER_ADDRESS = 120  # eight figures that lead to a desk


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
        self.admit({name: 0})
        return self.here[name] + max(0, self.elsewhere[name])

    def admit(self, limits: Mapping[str, int]) -> bool:
        """Count one more of each name, in order, up to the first that has had its number; False where one had.

        Redis is asked once for all.
        """
        window, is_admitted = int(time.time()) // WINDOW_SECONDS, True
        here: dict[str, int] = {}
        with self.lock:
            if window != self.window:
                self.window, self.here, self.elsewhere = window, Counter(), Counter()
            for name, limit in limits.items():
                self.here[name] += 1
                here[name] = self.here[name]
                if here[name] + max(0, self.elsewhere[name]) > limit:
                    is_admitted = False
                    break
        due = [name for name, count in here.items() if count % SHARE_EVERY == 0]
        if due and time.monotonic() >= self.paused_until:
            try:
                for name, everywhere in zip(due, self._share(window, due), strict=True):
                    self.elsewhere[name] = everywhere - here[name]
                    is_admitted = is_admitted and everywhere <= limits[name]
            except redis.RedisError:
                self.paused_until = time.monotonic() + PAUSE_SECONDS
        return is_admitted

    def _share(self, window: int, names: Sequence[str]) -> list[int]:
        if self.script is None:
            client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self.script = client.register_script(COUNT)
        keys = [f"checkin:{window}:{name}" for name in names]
        return self.script(keys=keys, args=[SHARE_EVERY, 2 * WINDOW_SECONDS])


_counters = _Counters()


def next_window() -> dt.datetime:
    """When every count begins anew: what somebody is told who has to wait."""
    begins = (int(time.time()) // WINDOW_SECONDS + 1) * WINDOW_SECONDS
    return dt.datetime.fromtimestamp(begins, timezone.get_current_timezone())


def may_check_in(*, desk: str, address: str, device: bytes | None) -> bool:
    """Count one form sent at a desk; False when phone, address, desk or the whole portal has had enough in this minute.

    A phone is counted in each process by itself up to ten, which is more than it may send: no word goes to Redis.
    """
    limits = {f"phone:{device.hex()}": PER_PHONE} if device else {}
    limits |= {f"hall:{_short('address of a form', address)}": PER_HALL, f"desk:{desk}": PER_DESK}
    return _counters.admit(limits | {"desks": settings.CHECKINS_PER_MINUTE})


def may_type_code(*, address: str) -> bool:
    """Count one try of the figures below a desk's code; False when its address or the portal has had enough of them."""
    limits = {f"typed:{_short('address of a form', address)}": TYPED_PER_ADDRESS}
    return _counters.admit(limits | {"typed": settings.CHECKINS_PER_MINUTE})


def is_within_limits(*, code: str, address: str) -> bool:
    """Count one form sent; False when its address, its code or the whole portal has had enough in this minute."""
    limits = {f"address:{_short('address of a form', address)}": PER_ADDRESS, f"code:{code}": PER_CODE}
    return _counters.admit(limits | {"forms": settings.REPORT_INS_PER_MINUTE})


def may_ask_status(*, receipt: str, address: str) -> bool:
    """Count one question for a receipt number; False when the number or the address has asked enough in this minute."""
    asked, asker = (_short("asked for a state", text) for text in (receipt, address))
    return _counters.admit({f"asker:{asker}": STATUS_PER_ADDRESS, f"receipt:{asked}": STATUS_PER_RECEIPT})


def _short(use: str, text: str) -> str:
    """What a phone or an address is counted under."""
    return crypto.digest(use, text).hex()[:24]
