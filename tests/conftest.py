"""Fixtures.

`db` (or `@pytest.mark.django_db`)   tests on this worker's clone of the template; rolled back afterwards
`@pytest.mark.django_db(transaction=True)`  tests that commit; the database is cloned anew afterwards
`wide_world` for a module: the world of tests/wide_world.py instead
`world`      the committed world of tests/world.py: organizations, users, members, one row of each model per community
`acting`     `with acting("street_clerk@S11") as actor:` act as a user of the world
`login`      `client = login("street_clerk@S11")`: a logged-in test client
`fresh_counters` limits of what strangers send count nothing yet, in this process alone
`owner`      a psycopg connection of the owner (autocommit, sees every row), for checks behind the wall; it writes only
             in tests that commit, because nothing else would undo it
"""

import gc
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import Client, TransactionTestCase
from xdist.scheduler import LoadScopeScheduling

from portal import access
from tests import databases
from tests.clients import share_middleware
from tests.world import World


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    share_middleware()


@pytest.hookimpl(trylast=True)  # after the browser tests have their marker
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long matrix and the long faults run when they are asked for (`make matrix`, `make faults`); every run has
    their samples, and begins with the longest, so that no worker is left alone with that at the end."""
    items.sort(key=_place)
    if re.search("matrix|faults", config.option.markexpr):
        return
    long = [item for item in items if item.get_closest_marker("matrix") or item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def _place(item: pytest.Item) -> int:
    if item.nodeid.startswith("tests/browser/test_first_day.py"):
        return -1  # it counts what the demo holds: before other browser tests add to that
    if item.get_closest_marker("browser"):  # needs no template: the other worker makes it meanwhile
        return 0
    return 1 if item.name == "test_sample_answers_as_written[community_clerk]" else 2


class OnePortal(LoadScopeScheduling):
    """Every test goes to whoever is free, all browser tests to one worker, so that one portal is launched for them.

    xdist's own groups do nothing under pytest 9.2, whose tests no longer have the attribute that xdist writes.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return OnePortal(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_finish() -> None:
    gc.freeze()  # modules and collected tests live as long as the run: nobody need look through them for rubbish


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        databases.build_template()
        databases.clone()
        # the app role may not truncate: a test that committed is undone by a fresh clone
        TransactionTestCase._fixture_teardown = lambda self: databases.clone()  # type: ignore[method-assign]
    yield
    with django_db_blocker.unblock():
        databases.drop_clone()


@pytest.fixture(scope="module")
def wide_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For a whole module, by `pytestmark = pytest.mark.usefixtures("wide_world")`: the world of tests/wide_world.py."""
    with django_db_blocker.unblock():
        databases.build_wide_template()
        databases.use_template(databases.WIDE_TEMPLATE)
    yield
    with django_db_blocker.unblock():
        databases.use_template(databases.TEMPLATE)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def acting(world: World) -> Callable[[str], Any]:
    return lambda name: access.acting_as(access.user_actor(world.user(name)))


@pytest.fixture
def login(world: World) -> Callable[[str], Client]:
    def logged_in(name: str) -> Client:
        client = Client()
        client.force_login(world.user(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in


@pytest.fixture
def owner(db: None, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (mark and mark.kwargs.get("transaction"))
    with databases.owner_connection(databases.clone_name()) as connection:
        if not commits:
            connection.execute("set default_transaction_read_only = on")
        yield connection


@pytest.fixture
def fresh_counters() -> Iterator[None]:
    from checkin import limits

    counters = limits._counters
    counters.paused_until, counters.window = float("inf"), 0
    yield
    counters.paused_until = 0.0
