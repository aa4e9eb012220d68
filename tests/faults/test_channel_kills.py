"""Real workers that are killed while robots of work groups speak: nothing lost, one doubled a kill at most, marked."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import ChannelAccount
from contacts.outbox import send_reminders
from portal.database import url_for_database
from portal.models import Organization
from tests import databases
from tests.contacts.conftest import at
from tests.contacts.robots import Robot, robot_server
from tests.faults.rig import FILL
from tests.processes import PROJECT, wait_until

pytestmark = [
    pytest.mark.faults, pytest.mark.long, pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]  # fmt: skip

OFFICES, KILLS = 60, 8


@pytest.fixture
def robot(settings: Any, tmp_path: Path) -> Iterator[Robot]:
    with robot_server(tmp_path) as server:
        settings.ROBOT_HOSTS, settings.ROBOT_INNER_HOSTS = [], [server.place]
        settings.ROBOT_CA_FILE = str(server.certificate)
        yield server


def make_offices(world: Any, owner: Any, robot: Robot) -> None:
    """Many branches of one community, each with a person who is due and a robot that is switched on."""
    for number in range(OFFICES):
        branch = Organization(
            code=f"B-990101001001-9{number:03}", name=f"样例第{number}网格", kind="branch",
            parent=world.organization("C111"),
        )  # fmt: skip
        branch.save(using="owner")
        account = ChannelAccount(organization=branch, name="群", is_active=True)
        account.webhook = robot.address(f"office{number:03}")
        account.save(using="owner", force_insert=True)
        statements = [statement for statement in FILL.split(";\n") if statement.strip()]
        for statement in statements[2:] if number else statements:  # the first clears the world and sets the rules
            named = {"place": branch.pk, "count": 1}
            owner.execute(statement, {key: value for key, value in named.items() if f"%({key})" in statement})


def test_killed_workers_lose_no_text_and_double_at_most_one_each(world: Any, owner: Any, robot: Robot) -> None:
    make_offices(world, owner, robot)
    robot.wait, chance, day = 0.02, random.Random(), timezone.localdate()
    environment = os.environ | {
        "DATABASE_URL": url_for_database(os.environ["DATABASE_URL"], databases.clone_name()),
        "PORTAL_ROBOT_INNER_HOSTS": robot.place, "PORTAL_ROBOT_CA_FILE": str(robot.certificate),
    }  # fmt: skip
    for _kill in range(KILLS):
        before = len(robot.taken)
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "send_reminders", "--on", day.isoformat()], cwd=PROJECT, env=environment
        )
        assert wait_until(lambda seen=before: len(robot.taken) > seen, 60)
        time.sleep(chance.uniform(0, 0.1))
        worker.kill()
        worker.wait()
        owner.execute("update contacts_digest set lease_until = now() - interval '1 second' where state = 'sending'")
    for hour in (10, 11, 12):
        send_reminders(now=at(day, hour))
    heard = Counter(path for path, _text in robot.taken)
    states = owner.execute(
        "select state, reason, count(*) from contacts_outboundmessage where account_id is not null group by 1, 2"
    ).fetchall()
    waiting = sum(number for _state, reason, number in states if reason == "twice")  # for a person to decide
    assert sum(number for state, _reason, number in states if state == "sent") + waiting == OFFICES
    assert len(heard) >= OFFICES - waiting
    doubled = sum(number - 1 for number in heard.values())
    assert doubled <= KILLS
    marked = [path for path, text in robot.taken if "可能" in text or "twice" in text]
    assert {path for path, number in heard.items() if number > 1} <= set(marked)
    print({"texts": OFFICES, "killed": KILLS, "not said": OFFICES - len(heard), "said twice, marked": doubled})
