"""A hall of phones at once, before real web processes and a real worker: every form is stored once, none is lost."""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.db import connections

from checkin.arrivals import services
from checkin.arrivals.codes import make_code
from checkin.arrivals.enums import Assurance
from checkin.codes import make_code as make_point_code
from checkin.models import Desk
from portal.database import url_for_database
from tests import databases
from tests.checkin.arrivals.conftest import open_desk  # noqa: F401  the fixture
from tests.faults.hall import Hall, Road, all_at_once, opened
from tests.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
HALL_SECONDS = 60
SCANS = "select client_key::text, count(*) from checkin_scan where desk_id = %s group by 1"
REPORTS = "select client_key::text, count(*) from checkin_reportin where client_key::text = any (%s) group by 1"


@pytest.fixture
def redis_url(settings: Any) -> Iterator[str]:
    """A Redis database of this test's own: no other test's counters, no other worker's tasks."""
    number = 8 + int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % 8
    url = re.sub(r"\d+$", str(number), settings.REDIS_URL)
    redis.Redis.from_url(url).flushdb()
    yield url
    redis.Redis.from_url(url).flushdb()


@pytest.fixture
def desk(open_desk: Any) -> Desk:  # noqa: F811
    return open_desk("S11")


@pytest.fixture
def hall(desk: Desk, redis_url: str) -> Iterator[Hall]:
    with opened(url_for_database(os.environ["DATABASE_URL"], databases.clone_name()), redis_url) as hall:
        yield hall


def _path(desk: Desk) -> str:
    return f"/a/{make_code(desk.pk, Assurance.POSTER, 0)}"


def _counts(owner: psycopg.Connection, statement: str, value: Any) -> dict[str, int]:
    return dict(owner.execute(statement, [value]).fetchall())


@pytest.mark.parametrize("phones", [30, pytest.param(200, marks=pytest.mark.long)])
def test_phones_of_a_hall_are_stored_once_and_matched(
    phones: int, hall: Hall, desk: Desk, owner: psycopg.Connection
) -> None:
    """Within a minute; every third sends its form twice, and one form comes a hundred times at once."""
    hall.start_worker()
    path, began = _path(desk), time.monotonic()

    def phone(number: int) -> tuple[str, list[int]]:
        form = hall.form(path, number)
        return form["client_key"], [hall.ask(path, form)[0] for _ in range(1 + (number % 3 == 0))]

    answers = all_at_once(phone, phones)
    assert time.monotonic() - began < HALL_SECONDS
    assert {status for _key, statuses in answers for status in statuses} == {200}
    same = hall.form(path, 99_999)
    assert Counter(all_at_once(lambda _number: hall.ask(path, same)[0], 100)) == {200: 100}
    keys = [key for key, _statuses in answers] + [same["client_key"]]
    assert _counts(owner, SCANS, desk.pk) == dict.fromkeys(keys, 1)
    lines = "select count(*), count(distinct scan_id) from checkin_arrival where desk_id = %s"
    assert wait_until(lambda: owner.execute(lines, [desk.pk]).fetchone() == (phones + 1, phones + 1), 60)


@pytest.mark.long
def test_check_in_closed_among_two_hundred_phones_loses_none_that_was_told_so(
    hall: Hall, desk: Desk, owner: psycopg.Connection, acting: Any
) -> None:
    path, told = _path(desk), threading.Event()
    forms = all_at_once(lambda number: hall.form(path, number), 200)

    def send(number: int) -> tuple[str, int]:
        if number == 100:
            told.set()
        return forms[number]["client_key"], hall.ask(path, forms[number])[0]

    def close() -> None:
        assert told.wait(60)
        with acting("street_clerk@S11") as by:
            services.close_desk(desk=desk, by=by)
        connections.close_all()  # of this thread

    closing = threading.Thread(target=close)
    closing.start()
    answers = all_at_once(send, 200)
    closing.join()
    assert {status for _key, status in answers} == {200, 410}
    assert _counts(owner, SCANS, desk.pk) == {key: 1 for key, status in answers if status == 200}
    assert hall.ask(path)[0] == 410


@pytest.mark.parametrize("seconds", [1.5, pytest.param(30.0, marks=pytest.mark.long)])
def test_database_away_keeps_every_form_until_it_is_sent_again(
    seconds: float, desk: Desk, redis_url: str, owner: psycopg.Connection
) -> None:
    """Both forms, at a desk and of a point: what was typed stays, and the retry with the same key is stored once."""
    road, path = Road(), _path(desk)
    found = owner.execute("select id from checkin_checkincode where revoked_at is null order by id limit 1").fetchone()
    assert found is not None
    point = f"/c/{make_point_code(found[0])}"
    with opened(road.url, redis_url) as hall:
        places = [path, point] * 5
        forms = [hall.form(place, number) for number, place in enumerate(places)]
        road.close()
        away_until, seen = time.monotonic() + seconds, set()
        while time.monotonic() < away_until:
            for place, form in zip(places, forms, strict=True):
                status, page = hall.ask(place, form)
                seen |= {status}
                kept = [name for name in form if name != "consent" and f'name="{name}"' in page]
                assert all(f'value="{form[name]}"' in page for name in kept)
                assert {"name", "mobile", "client_key"} <= set(kept)
            assert {hall.ask(place)[0] for place in (path, point)} == {503}
            time.sleep(min(2.0, seconds / 3))
        assert seen == {503}
        road.open()
        for _time in range(2):
            assert {hall.ask(place, form)[0] for place, form in zip(places, forms, strict=True)} == {200}
    road.close()
    keys = [form["client_key"] for form in forms]
    assert _counts(owner, SCANS, desk.pk) == dict.fromkeys(keys[0::2], 1)
    assert _counts(owner, REPORTS, keys) == dict.fromkeys(keys[1::2], 1)
