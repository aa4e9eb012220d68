import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client

from portal.health import HEARTBEAT_KEY, WORKER_SILENCE_SECONDS


@pytest.fixture
def heartbeat() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(HEARTBEAT_KEY)
        yield client
        client.delete(HEARTBEAT_KEY)


def test_healthz_answers_without_database_or_login() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_readyz_with_a_worker_heard_from_is_200(db: None, heartbeat: redis.Redis) -> None:
    heartbeat.set(HEARTBEAT_KEY, int(time.time()))
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "redis": True, "worker": True}


@pytest.mark.parametrize("heard", ["never", "nonsense", "long ago"])
def test_readyz_with_a_silent_worker_is_503(db: None, heartbeat: redis.Redis, heard: str) -> None:
    if heard != "never":
        value = int(time.time()) - WORKER_SILENCE_SECONDS - 60 if heard == "long ago" else heard
        heartbeat.set(HEARTBEAT_KEY, value)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": True, "redis": True, "worker": False}


def test_readyz_without_redis_is_503_and_tells_no_details(db: None, settings: object) -> None:
    settings.REDIS_URL = "unix:///nowhere/secret-name.sock?db=0"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": True, "redis": False, "worker": False}
    assert b"secret-name" not in answer.content


@pytest.mark.django_db(transaction=True)
def test_readyz_without_database_is_503_and_tells_no_details(heartbeat: redis.Redis) -> None:
    heartbeat.set(HEARTBEAT_KEY, int(time.time()))
    connection.close()
    name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], "secret_name"
    try:
        answer = Client().get("/readyz")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert answer.status_code == 503
    assert answer.json() == {"database": False, "redis": True, "worker": True}
    assert b"secret_name" not in answer.content


def test_health_pages_refuse_post(db: None) -> None:
    assert Client().post("/healthz").status_code == 405
    assert Client().post("/readyz").status_code == 405
