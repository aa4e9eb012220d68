"""`manage.py setup_database` on a server given by URL: made once, safe to run again, passwords from the environment."""

import os
import subprocess
import sys

import psycopg
import pytest

from portal import embedded
from tests.processes import PROJECT, environment


@pytest.fixture
def admin_url(tmp_path_factory):
    if not os.environ.get("PORTAL_TEST_SERVICES") or "host=" not in os.environ["DATABASE_OWNER_URL"]:
        pytest.skip("a given server's administrator is not known to the tests")
    sockets = os.environ["DATABASE_OWNER_URL"].partition("host=")[2].partition("&")[0]
    return embedded.postgres_url(sockets, "postgres", database="postgres")


def run(admin_url, var, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", "setup_database", "--admin-url", admin_url, "--name", "set_up",
         "--owner", "set_up_owner", "--app", "set_up_app"],
        cwd=PROJECT, env=environment(var, **variables), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_setup_twice_then_connect_as_both_roles(admin_url, tmp_path):
    try:
        first, second = run(admin_url, tmp_path), run(admin_url, tmp_path)
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
        urls = dict(line.split("=", 1) for line in second.splitlines())
        assert urls["PORTAL_KEY_FILE"] in first
        with psycopg.connect(urls["DATABASE_URL"]) as app:
            assert app.execute(
                "select current_user, datctype from pg_database where datname = 'set_up'"
            ).fetchone() == (
                "set_up_app",
                "C.UTF-8",
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("create table stolen (x int)")
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as owner:
            owner.execute("create table made (x int)")
            owner.rollback()
        given = {
            "DATABASE_URL": "postgresql://set_up_app:one@db/set_up",
            "DATABASE_OWNER_URL": "postgresql://set_up_owner:two@db/set_up",
        }
        assert "postgresql" not in run(admin_url, tmp_path, **given)  # what compose knows is not printed
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("drop database if exists set_up with (force)")
            admin.execute("drop role if exists set_up_owner")
            admin.execute("drop role if exists set_up_app")
