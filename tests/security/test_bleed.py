"""No scope bleeds from one request, task or exception into the next, on connections that are used again."""

import itertools
import os
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
from tests.world import canary, link_token

THREADS = 4
ROUNDS = 100
SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")
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


def _run_scopes(world: Any, threads: int, rounds: int) -> None:
    users = {who: world.user(who) for who in SEEN}
    pids: set[int] = set()

    def work(number: int) -> list[str]:
        chance = random.Random(f"{SEED} {number}")
        try:
            with connection.cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                pids.add(cursor.fetchone()[0])
            actors = itertools.islice(itertools.cycle(sorted(SEEN)), number, number + rounds)
            return [text for who in actors if (text := _one_scope(users, who, chance))]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        wrong = [text for texts in pool.map(work, range(threads)) for text in texts]
    assert wrong == []
    assert len(pids) == threads  # one connection each, used for all its scopes


def test_alternating_actors_on_reused_connections_see_their_own(transactional_db: None, world: Any) -> None:
    _run_scopes(world, THREADS, ROUNDS)


def _other_request(client: Client, chance: random.Random, token: str) -> str:
    """Something else between two lists: a page that fails, one that streams, a file, a refused form, a public page."""
    kind = chance.choice(["fails", "streams", "streams a file", "export", "refused", "card", "public"])
    if kind == "fails":
        assert client.get("/fails").status_code == 500
    elif kind == "streams":  # read after the scope has ended, as a server does
        if b"".join(client.get("/streams").streaming_content) != b"0":
            return "a stream saw rows"
    elif kind == "streams a file":
        b"".join(client.get("/file").streaming_content)
    elif kind == "export":
        client.post("/admin/members/ledgerimport/export/", {})
    elif kind == "refused":
        client.post("/admin/members/member/add/", {"name": "\x00"})
    elif kind == "card":
        client.get(f"/admin/members/member/{uuid.uuid4()}/card/")
    else:
        client.get(f"/w/{token}/")
    return ""


def _requests(number: int, rounds: int, cookies: dict[str, str], start: threading.Barrier) -> list[str]:
    """One thread: requests of alternating actors on one connection; what was wrong."""
    wrong, chance = [], random.Random(f"{SEED} {number}")
    everybody = {key for keys in SEEN.values() for key in keys}
    client = Client(raise_request_exception=False)
    start.wait()
    try:
        for _round in range(rounds):
            who = chance.choice(sorted(cookies))
            client.cookies["sessionid"] = cookies[who]
            if chance.random() < 0.3 and (text := _other_request(client, chance, link_token("C112"))):
                wrong.append(f"{who}: {text}")
            page = client.get("/admin/contacts/contactobligation/").content.decode()
            shown = {key for key in everybody if canary(key) in page}
            if shown != SEEN[who]:
                wrong.append(f"{who} was shown {sorted(shown)}")
            if _names():
                wrong.append("rows after the request")
            if chance.random() < 0.02:  # the pool gives the connection back, and a new process answers
                connection.close()
    finally:
        connections.close_all()
    return wrong


def _run_requests(login: Any, settings: Any, threads: int, rounds: int) -> None:
    settings.ROOT_URLCONF = "tests.security.failing_urls"
    cookies = {who: login(who).cookies["sessionid"].value for who in SEEN if SEEN[who]}
    start = threading.Barrier(threads)
    with ThreadPoolExecutor(threads) as pool:
        results = pool.map(lambda number: _requests(number, rounds, cookies, start), range(threads))
        assert [text for texts in results for text in texts] == []


def test_alternating_requests_on_one_connection_show_their_own(
    transactional_db: None, world: Any, login: Any, settings: Any
) -> None:
    """Real requests in threads, with pages that fail, stream and send files among them."""
    _run_requests(login, settings, THREADS, 12)


@pytest.mark.matrix
def test_thousands_of_alternating_requests_show_their_own(
    transactional_db: None, world: Any, login: Any, settings: Any
) -> None:
    _run_requests(login, settings, 8, 500)


@pytest.mark.matrix
def test_thousands_of_alternating_scopes_see_their_own(transactional_db: None, world: Any) -> None:
    _run_scopes(world, 8, 2000)


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
