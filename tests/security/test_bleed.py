"""No scope bleeds from one request, task or exception into the next, on connections that are used again."""

import itertools
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from members.models import Member
from portal import access
from tests.world import canary

THREADS = 4
ROUNDS = 150
SEEN = {
    "street_clerk@S11": {"C111", "C112"},
    "community_clerk@C111": {"C111"},
    "community_clerk@C121": {"C121"},
    "district_admin@D2": {"C211", "C212", "C221", "C222"},
    "liaison@C112": {"C112"},
    "stranger": set(),
    "operator@X": set(),
}


class OnPurpose(Exception):
    """Thrown in the middle of a scope."""


def _names() -> set[str]:
    return set(Member.objects.values_list("name", flat=True))


def _expected(who: str) -> set[str]:
    return {canary(key) for key in SEEN[who]}


def _one_scope(users: dict[str, Any], who: str, chance: random.Random) -> str:
    """One scope with what can go wrong in it; returns what was wrong, or an empty text."""
    if _names():
        return "rows before anybody acted"
    try:
        with access.acting_as(access.user_actor(users[who])):
            if _names() != _expected(who):
                return f"{who} saw other rows"
            inner = chance.choice(sorted(SEEN))
            fails = chance.random() < 0.3
            try:
                with access.acting_as(access.user_actor(users[inner])):
                    if _names() != _expected(inner):
                        return f"{inner} inside {who} saw other rows"
                    if fails:
                        raise OnPurpose
            except OnPurpose:
                pass
            if _names() != _expected(who):
                return f"{who} saw other rows after {inner} (failed: {fails})"
            if chance.random() < 0.1:
                transaction.set_rollback(True)
            if chance.random() < 0.2:
                raise OnPurpose
    except OnPurpose:
        pass
    return "rows after everybody left" if _names() else ""


def test_alternating_actors_on_reused_connections_see_their_own(transactional_db: None, world: Any) -> None:
    users = {who: world.user(who) for who in SEEN}
    pids: set[int] = set()

    def work(number: int) -> list[str]:
        chance = random.Random(number)
        try:
            with connection.cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                pids.add(cursor.fetchone()[0])
            actors = itertools.islice(itertools.cycle(sorted(SEEN)), number, number + ROUNDS)
            return [text for who in actors if (text := _one_scope(users, who, chance))]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        wrong = [text for texts in pool.map(work, range(THREADS)) for text in texts]
    assert wrong == []
    assert len(pids) == THREADS  # one connection each, used for all its scopes


def test_alternating_requests_on_one_connection_show_their_own(transactional_db: None, world: Any, login: Any) -> None:
    """Real requests in threads, with pages that fail among them; each thread keeps its connection."""
    staff = [who for who in SEEN if SEEN[who]]
    everybody = {key for keys in SEEN.values() for key in keys}
    cookies = {who: login(who).cookies["sessionid"].value for who in staff}
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        wrong, chance = [], random.Random(number)
        client = Client(raise_request_exception=False)
        start.wait()
        try:
            for _round in range(12):
                who = chance.choice(staff)
                client.cookies["sessionid"] = cookies[who]
                path = "/admin/contacts/contactobligation/"
                if chance.random() < 0.2:
                    client.get(path, {"p": "x", "o": "9.9"})
                    client.post("/admin/members/member/add/", {"name": "\x00"})
                page = client.get(path).content.decode()
                shown = {key for key in everybody if canary(key) in page}
                if shown != SEEN[who]:
                    wrong.append(f"{who} was shown {sorted(shown)}")
                if _names():
                    wrong.append("rows after the request")
        finally:
            connections.close_all()
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        assert [text for texts in pool.map(work, range(THREADS)) for text in texts] == []


@pytest.mark.parametrize("fails", [False, True])
def test_scope_ends_with_a_request(world: Any, login: Any, fails: bool, transactional_db: None, settings: Any) -> None:
    client = login("street_clerk@S11")
    client.raise_request_exception = False
    if fails:
        settings.ROOT_URLCONF = "tests.security.failing_urls"
        assert client.get("/fails").status_code == 500
        assert b"".join(client.get("/streams").streaming_content) == b"0"  # read after the scope has ended
    else:
        assert client.get(f"/admin/members/member/{uuid.uuid4()}/card/").status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("select nullif(current_setting('portal.actor', true), '')")
        assert cursor.fetchone() == (None,)
    assert access.current() is None


def test_callback_after_commit_has_no_scope(transactional_db: None, acting: Any) -> None:
    found: list[Any] = []
    with acting("street_clerk@S11"):
        transaction.on_commit(lambda: found.append((access.current(), Member.objects.count())))
    assert found == [(None, 0)]
