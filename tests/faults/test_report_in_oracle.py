"""How long the public form takes tells nothing about whose number it is: four kinds of phones, in turn, thousands of
times. Equal bytes and statements are asserted in tests/checkin/test_report_in.py."""

import bisect
import statistics
import time
import uuid
from typing import Any

import psycopg
import pytest
from django.test import Client

from checkin import limits
from checkin.codes import make_code
from tests.world import World, mobile

ROUNDS, OF_EACH = 3, 2000
MOST_DISTANCE = 0.12  # of Kolmogorov and Smirnov, between two kinds
pytestmark = [pytest.mark.faults, pytest.mark.long]


@pytest.fixture
def url(owner: psycopg.Connection, world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> str:
    settings.REPORT_INS_PER_MINUTE = 10**9
    monkeypatch.setattr(limits, "PER_CODE", 10**9)
    monkeypatch.setattr(limits, "PER_ADDRESS", 10**9)
    found = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " where p.organization_id = %s", [world.organization("C111").pk]
    ).fetchone()  # fmt: skip
    assert found is not None
    return f"/c/{make_code(found[0])}"


def _distance(one: list[float], other: list[float]) -> float:
    """The largest difference between the shares of the two that lie below a value."""
    one, other = sorted(one), sorted(other)
    return max(
        abs(bisect.bisect_right(one, value) / len(one) - bisect.bisect_right(other, value) / len(other))
        for value in (*one, *other)
    )


def _is_equal(times: dict[str, list[float]]) -> bool:
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    most = max(0.001, 0.05 * min(medians.values()))
    kinds = list(times)
    return all(
        _distance(times[a], times[b]) < MOST_DISTANCE and abs(medians[a] - medians[b]) < most
        for number, a in enumerate(kinds)
        for b in kinds[number + 1 :]
    )


@pytest.mark.django_db
def test_time_does_not_tell_whose_number_it_is(url: str) -> None:
    client = Client()
    phones = {"member": mobile("C111"), "elsewhere": mobile("C221"), "unknown": "13911112222", "waiting": "13900001115"}
    outcomes = []
    for _round in range(ROUNDS):
        times: dict[str, list[float]] = {kind: [] for kind in phones}
        for number in range(OF_EACH):
            kinds = list(phones)[number % 4 :] + list(phones)[: number % 4]  # none is always the first
            for kind in kinds:
                form = {"name": "李建国", "mobile": phones[kind], "consent": "on", "client_key": str(uuid.uuid4())}
                started = time.perf_counter()
                assert client.post(url, form).status_code == 200
                times[kind].append(time.perf_counter() - started)
        outcomes.append(_is_equal(times))
        if sum(outcomes) == 2:
            break
    assert sum(outcomes) >= 2, outcomes
