"""Databases for tests: the owner builds one template (migrations and the world), every worker clones it.

Tests log in as the app role. A clone takes about a tenth of a second, so a test that commits is undone by cloning
again: the app role may not truncate, and a reset by hand would forget a table one day. A second template, made when
it is first asked for, holds the wide world.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from portal.database import allow_app, prepare_schema, url_for_database

TEMPLATE = "youjia_test_template"
WIDE_TEMPLATE = "youjia_test_template_wide"
_template = TEMPLATE
OWNER_URL = os.environ["DATABASE_OWNER_URL"]


def clone_name() -> str:
    return f"youjia_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@contextmanager
def owner_connection(database: str | None = None) -> Iterator[psycopg.Connection]:
    """A connection of the owner in autocommit: sees every row, commits at once."""
    url = url_for_database(OWNER_URL, database) if database else OWNER_URL
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def build_template() -> None:
    """Make the template once per test session, whichever worker comes first; it is new for every session."""

    def build() -> None:
        with owner_connection() as owner:
            _drop(owner, TEMPLATE)
            owner.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                    sql.Identifier(TEMPLATE)
                )
            )
        with owner_connection(TEMPLATE) as owner:
            prepare_schema(owner, owner=settings.DATABASES["owner"]["USER"], app=settings.DATABASES["default"]["USER"])
        use_database(TEMPLATE)
        call_command("migrate", verbosity=0)
        from tests import world

        world.build()
        connections.close_all()

    _once_per_session("test-template", build)


def build_wide_template() -> None:
    """The template with the rows of tests/wide_world.py, once per test session."""

    def build() -> None:
        from tests import wide_world

        _copy(WIDE_TEMPLATE, TEMPLATE)
        use_database(WIDE_TEMPLATE)
        wide_world.build()
        connections.close_all()

    _once_per_session("test-template-wide", build)


def _once_per_session(name: str, build: Callable[[], None]) -> None:
    lock = Path(os.environ["PORTAL_VAR"]) / f"{name}.lock"
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with lock.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if file.read() == session:
            return
        build()
        file.truncate(0)
        file.write(session)


def use_template(name: str) -> None:
    """Clone this template from now on, the first time at once."""
    global _template
    _template = name
    clone()


def clone() -> None:
    """Replace this worker's database by a fresh copy of the template in use."""
    connections.close_all()
    _copy(clone_name(), _template)
    use_database(clone_name())


def _copy(name: str, template: str) -> None:
    with owner_connection() as owner:
        _drop(owner, name)
        owner.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        allow_app(owner, name=name, app=settings.DATABASES["default"]["USER"])


def use_database(name: str) -> None:
    """Point both aliases at a database, in settings and in live connections."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def drop_clone() -> None:
    connections.close_all()
    with owner_connection() as owner:
        _drop(owner, clone_name())


def _drop(owner: psycopg.Connection, name: str) -> None:
    statement = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    for _try in range(100):
        try:
            owner.execute(statement)
            return
        except psycopg.errors.InsufficientPrivilege:  # autovacuum is at work there, and only a superuser may end it
            time.sleep(0.1)
    owner.execute(statement)
