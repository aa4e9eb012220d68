"""How long the answer at a desk takes tells nothing about a phone: 2,000 requests of each kind, interleaved."""

import random
import statistics
import time
import uuid
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from checkin import limits
from checkin.arrivals import services
from checkin.arrivals.codes import make_ticket, screen_code
from tests.checkin.arrivals.conftest import open_desk, renamed  # noqa: F401  the fixtures
from tests.world import mobile

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.django_db(transaction=True)]
EACH, ROUNDS, MOST_FAILED = 2_000, 3, 1
MOST_DISTANCE = 0.12  # of the two distributions (Kolmogorov and Smirnov's D)
MOST_MILLISECONDS, MOST_SHARE = 1.0, 0.05  # between medians: whichever is more


@pytest.fixture(autouse=True)
def without_limits(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.CHECKINS_PER_MINUTE = 10**9
    for name in ("PER_DESK", "PER_HALL", "PER_PHONE"):
        monkeypatch.setattr(limits, name, 10**9)
    limits._counters.paused_until = float("inf")
    yield
    limits._counters.paused_until = 0.0


def _distance(one: list[float], other: list[float]) -> float:
    """Kolmogorov and Smirnov's D of two samples."""
    first, second = sorted(one), sorted(other)
    return max(abs(bisect_right(first, x) / len(first) - bisect_right(second, x) / len(second)) for x in first + second)


def _is_alike(one: list[float], other: list[float]) -> bool:
    medians = statistics.median(one), statistics.median(other)
    allowed = max(MOST_MILLISECONDS / 1000, MOST_SHARE * max(medians))
    return _distance(one, other) < MOST_DISTANCE and abs(medians[0] - medians[1]) < allowed


def test_time_of_the_answer_is_the_same_for_four_kinds_of_phone(
    open_desk: Any,  # noqa: F811
    acting: Any,
    world: Any,
    renamed: Any,  # noqa: F811
) -> None:
    desk = open_desk("S11")
    renamed("C111", "程栩宁")
    renamed("C112", "丁昀例")
    with acting("street_clerk@S11") as by:  # in already
        services.add_people(desk=desk, members=[world.member("C112").pk], is_late=False, by=by)
    kinds = {
        "member": ("程栩宁", mobile("C111")),
        "nobody": ("李建国", "13911112222"),
        "elsewhere": ("方珩拟", mobile("C221")),
        "in already": ("丁昀例", mobile("C112")),
    }
    client, code = Client(), screen_code(desk.pk, time.time())
    failed, told = 0, []
    for number in range(ROUNDS):
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        order = [kind for kind in kinds for _ in range(EACH)]
        random.Random(number).shuffle(order)
        for kind in order:
            name, phone = kinds[kind]
            key = uuid.uuid4()
            form = {
                "name": name,
                "mobile": phone,
                "client_key": str(key),
                "ticket": make_ticket(code, key, time.time()),
            }
            began = time.perf_counter()
            answer = client.post(f"/a/{code}", form)
            took[kind].append(time.perf_counter() - began)
            assert (answer.status_code, "<form" in answer.content.decode()) == (200, False)
        unlike = [kind for kind in kinds if not _is_alike(took[kind], took["nobody"])]
        told.append({kind: round(statistics.median(times) * 1000, 3) for kind, times in took.items()})
        failed += bool(unlike)
    assert failed <= MOST_FAILED, told
