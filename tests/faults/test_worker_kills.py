"""Real workers of the queue that are killed while they send reminders: nothing lost, nothing doubled."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from portal.database import url_for_database
from tests import databases
from tests.faults.rig import Rig, mail_server
from tests.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rig(world: Any, owner: Any, settings: Any) -> Iterator[Rig]:
    """On this test's database, with a queue of its own."""
    number = 8 + int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % 8
    url = re.sub(r"\d+$", str(number), settings.REDIS_URL)
    redis.Redis.from_url(url).flushdb()
    with mail_server() as (sink, port):
        rig = Rig({"DATABASE_URL": url_for_database(os.environ["DATABASE_URL"], databases.clone_name()),
                   "REDIS_URL": url}, owner, sink, port)  # fmt: skip
        rig.redis_url, rig.port = url, port
        yield rig
        rig.stop()
    redis.Redis.from_url(url).flushdb()


def killed_again_and_again(rig: Rig, times: int) -> None:
    rig.start("beat", "worker")
    for _time in range(times):
        rig.kill_worker_in_mail()
    assert wait_until(rig.is_done, 120), rig.states()
    print(rig.judge())


def test_three_kills_lose_and_double_nothing(rig: Rig, world: Any) -> None:
    rig.fill(world.organization("C111").pk, 40)
    killed_again_and_again(rig, 3)
    assert rig.killed == 3


@pytest.mark.long
def test_twenty_four_kills_lose_and_double_nothing(rig: Rig, world: Any) -> None:
    rig.fill(world.organization("C111").pk, 400)
    killed_again_and_again(rig, 24)
    assert rig.killed == 24


@pytest.mark.long
def test_two_beats_and_two_workers_send_each_mail_once(rig: Rig, world: Any) -> None:
    rig.fill(world.organization("C111").pk, 120)
    rig.start("beat", "beat", "worker", "worker")
    assert wait_until(rig.is_done, 120), rig.states()
    rig.judge(killed=0)


@pytest.mark.long
def test_queue_emptied_again_and_again_loses_nothing(rig: Rig, world: Any) -> None:
    """What Redis holds is a tick, nothing more."""
    rig.fill(world.organization("C111").pk, 120)
    rig.start("beat", "worker")

    def empty() -> bool:
        redis.Redis.from_url(rig.redis_url).flushdb()
        return rig.is_done()

    assert wait_until(empty, 120), rig.states()
    rig.judge(killed=0)


@pytest.mark.long
def test_server_that_refuses_hangs_and_drops_in_turn_loses_nothing(rig: Rig, world: Any) -> None:
    rig.fill(world.organization("C111").pk, 30)
    rig.sink.answer = "451 later"
    rig.start("beat", "worker")
    assert wait_until(lambda: any(state == "retry" for state, _reason, _number in rig.states()), 60)
    rig.owner.execute("update contacts_digest set not_before = null where state = 'retry'")  # the pause is over
    rig.sink.answer, rig.sink.wait = "250 OK", 4  # longer than anybody waits: taken, but nobody heard the 250
    assert wait_until(lambda: any(state == "unsure" for state, _reason, _number in rig.states()), 60)
    unheard = len(rig.sink.taken)
    rig.sink.wait, rig.sink.drop = 0, True
    assert wait_until(lambda: len(rig.sink.taken) > unheard, 60)
    rig.sink.drop = False

    def is_over() -> bool:
        rig.owner.execute("update contacts_digest set not_before = null where state = 'retry'")
        return {state for state, _reason, _number in rig.states()} <= {"sent", "unsure"} and all(
            reason == "twice" for state, reason, _number in rig.states() if state == "unsure"
        )

    assert wait_until(is_over, 120), rig.states()
    rig.judge(killed=len(rig.sink.taken))  # each broken connection may show one mail twice, marked
