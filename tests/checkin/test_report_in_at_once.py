"""Many phones at the same moment: one row for each form, none lost, none twice."""

import threading
import uuid
from collections import Counter

import psycopg
import pytest
from django.db import connection
from django.test import Client

from checkin import limits
from checkin.codes import make_code
from tests.world import World

PHONES, REPEATS, THREADS = 200, 100, 12
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(owner: psycopg.Connection, world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a poster; the limits are so wide here that none of these is refused."""
    monkeypatch.setattr(limits, "PER_CODE", 10_000)
    monkeypatch.setattr(limits, "PER_ADDRESS", 10_000)
    found = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " where p.organization_id = %s", [world.organization("C111").pk]
    ).fetchone()  # fmt: skip
    assert found is not None
    return f"/c/{make_code(found[0])}"


def _send_all(url: str, forms: list[dict[str, str]]) -> Counter[int]:
    """The statuses of the answers, all forms sent by THREADS threads that start together."""
    statuses: Counter[int] = Counter()
    together, lock = threading.Barrier(THREADS), threading.Lock()

    def send(mine: list[dict[str, str]]) -> None:
        try:
            client = Client()
            together.wait(30)
            for form in mine:
                answer = client.post(url, form)
                with lock:
                    statuses[answer.status_code] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[forms[number::THREADS]]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_forms_of_many_phones_and_one_form_sent_many_times(url: str, owner: psycopg.Connection) -> None:
    keys = [str(uuid.uuid4()) for _ in range(PHONES)]
    forms = [{"name": "李建国", "mobile": f"139111{number:05}", "consent": "on", "client_key": key}
             for number, key in enumerate(keys)]  # fmt: skip
    same = {"name": "李建国", "mobile": "13922223333", "consent": "on", "client_key": str(uuid.uuid4())}
    mixed = [form for pair in zip(forms, [same] * PHONES, strict=True) for form in pair][: PHONES + REPEATS]
    mixed += [form for form in forms if form not in mixed]
    statuses = _send_all(url, mixed)
    assert statuses == {200: len(mixed)}
    stored = owner.execute(
        "select client_key::text, count(*) from checkin_reportin where client_key::text = any(%s) group by 1",
        [[*keys, same["client_key"]]],
    ).fetchall()
    assert len(stored) == PHONES + 1
    assert {count for _key, count in stored} == {1}
