import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from psycopg import sql

from portal import backup, keys
from portal.database import prepare_schema, url_for_database
from tests import databases
from tests.processes import PROJECT, environment, holder, let_go, living, wait_until

APP = "portal_app"
LOOK = """
from portal import access
from portal.models import User
from members.models import Member
print(Member.objects.count())
clerk = User.objects.get(username="street_clerk@S11")
with access.acting_as(access.user_actor(clerk)):
    print(sorted(Member.objects.values_list("name", flat=True)))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="yj-", dir=memory))
    made.chmod(0o711)
    yield made
    wait_until(lambda: not living(made))
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def source(db: None) -> str:
    """The owner's URL of the database with the committed world."""
    return url_for_database(databases.OWNER_URL, databases.clone_name())


@pytest.fixture
def target(db: None) -> Iterator[str]:
    """The owner's URL of a new database without tables."""
    name = databases.clone_name() + "_restored"
    with databases.owner_connection() as owner:
        owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        owner.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                sql.Identifier(name)
            )
        )
    with databases.owner_connection(name) as owner:
        prepare_schema(owner, owner=owner.info.user, app=APP)
    yield url_for_database(databases.OWNER_URL, name)
    with databases.owner_connection() as owner:
        owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_backup_restored_into_another_data_folder(source: str, folder: Path) -> None:
    if "host=" not in source:
        # a distribution's server may put settings of its own into a dump (seen: pg_attver) that the wheel's server does
        # not know; the tests below restore on the given server itself
        pytest.skip("the embedded server of a new data folder need not read the dump of a given server")
    saved, new = folder / "saved", folder / "new"
    manifest = backup.write_backup(saved, owner_url=source, app_role=APP, key_folder=new)
    assert manifest["rows"]["public.members_member"] > 0
    assert (new / "keys.json").read_bytes() == keys.path().read_bytes()
    done = manage(new, "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert str(sum(manifest["rows"].values())) in done.stdout
    process = holder(new)  # keeps the servers for the next commands
    with psycopg.connect(process.urls[0].replace(APP, "portal_owner")) as owner:
        assert backup._row_counts(owner) == manifest["rows"]
    looked = manage(new, "shell", "--no-imports", "-c", LOOK)
    assert looked.stdout.splitlines() == ["0", "['秘C111秘', '秘C112秘']"], looked.stderr
    again = manage(new, "restore", str(saved))
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert "Traceback" not in again.stderr
    let_go(process)


def test_backup_leaves_out_the_vault_and_is_private(source: str, folder: Path) -> None:
    backup.write_backup(folder / "saved", owner_url=source, app_role=APP)
    assert sorted(file.name for file in (folder / "saved").iterdir()) == ["manifest.json", "portal.dump"]
    listing = backup._run("pg_restore", ["--list", str(folder / "saved" / "portal.dump")], source)
    assert "members_member" in listing
    assert "vault" not in listing
    for path in ((folder / "saved"), *(folder / "saved").iterdir()):
        assert path.stat().st_mode & 0o077 == 0
    text = (folder / "saved" / "manifest.json").read_text()
    assert keys.load().secret_key not in text
    assert "秘C111秘" not in text


def test_restore_with_force_replaces_what_was_there(source: str, target: str, folder: Path) -> None:
    manifest = backup.write_backup(folder / "saved", owner_url=source, app_role=APP)
    backup.restore_backup(folder / "saved", owner_url=target, app_role=APP)
    with psycopg.connect(target) as owner:
        owner.execute("create table public.stray (id int)")
    with pytest.raises(backup.BackupError, match="--force"):
        backup.restore_backup(folder / "saved", owner_url=target, app_role=APP)
    backup.restore_backup(folder / "saved", owner_url=target, app_role=APP, force=True)
    with psycopg.connect(target) as owner:
        assert backup._row_counts(owner) == manifest["rows"]


def test_restored_tables_keep_policies_and_refuse_what_was_revoked(source: str, target: str, folder: Path) -> None:
    backup.write_backup(folder / "saved", owner_url=source, app_role=APP)
    backup.restore_backup(folder / "saved", owner_url=target, app_role=APP)
    rights = (
        "select c.oid::regclass::text, c.relrowsecurity, coalesce(c.relacl, acldefault('r', c.relowner))::text"
        " from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1"
    )
    policies = "select tablename, policyname, cmd, qual, with_check from pg_policies order by 1, 2"
    functions = (
        "select p.oid::regprocedure::text, p.prosecdef, p.proacl::text, p.proconfig::text from pg_proc p"
        " where p.pronamespace in ('public'::regnamespace, 'portal'::regnamespace)"
        " and p.proowner = current_user::regrole order by 1"
    )
    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        for query in (rights, policies, functions):
            expected = before.execute(query).fetchall()
            assert expected
            assert after.execute(query).fetchall() == expected


def test_backup_of_empty_database_is_refused_and_leaves_nothing(target: str, folder: Path) -> None:
    with pytest.raises(backup.BackupError):
        backup.write_backup(folder / "saved", owner_url=target, app_role=APP)
    assert list(folder.iterdir()) == []


def test_backup_by_the_app_role_is_refused_and_leaves_nothing(source: str, folder: Path) -> None:
    url = source.replace("portal_owner", APP)
    with pytest.raises((backup.BackupError, psycopg.Error)):
        backup.write_backup(folder / "saved", owner_url=url, app_role=APP)
    assert list(folder.iterdir()) == []


def test_backup_into_used_folder_or_beside_its_key_is_refused(source: str, folder: Path) -> None:
    (folder / "saved").mkdir()
    (folder / "saved" / "older").write_text("kept")
    with pytest.raises(backup.BackupError):
        backup.write_backup(folder / "saved", owner_url=source, app_role=APP)
    assert (folder / "saved" / "older").read_text() == "kept"
    with pytest.raises(backup.BackupError):
        backup.write_backup(folder / "b", owner_url=source, app_role=APP, key_folder=folder / "b" / "keys")
    assert not (folder / "b").exists()


def test_restore_of_damaged_or_foreign_backup_is_refused(source: str, target: str, folder: Path) -> None:
    saved = folder / "saved"
    backup.write_backup(saved, owner_url=source, app_role=APP)
    manifest = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps(manifest | {"key_fingerprint": "0" * 16}))
    with pytest.raises(backup.BackupError):
        backup.restore_backup(saved, owner_url=target, app_role=APP)
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(backup.BackupError):
        backup.restore_backup(saved, owner_url=target, app_role="another")
    content = bytearray((saved / "portal.dump").read_bytes())
    content[len(content) // 2] ^= 1
    (saved / "portal.dump").write_bytes(content)
    with pytest.raises(backup.BackupError):
        backup.restore_backup(saved, owner_url=target, app_role=APP)
    with psycopg.connect(target) as owner:
        assert backup._tables(owner) == []


def test_backup_command_reports_what_was_written(source: str, folder: Path, capsys: pytest.CaptureFixture) -> None:
    given = os.environ["DATABASE_OWNER_URL"]
    os.environ["DATABASE_OWNER_URL"] = source
    try:
        call_command("backup", str(folder / "saved"), with_key_to=folder / "apart")
        with pytest.raises(CommandError):
            call_command("backup", str(folder / "saved"))
    finally:
        os.environ["DATABASE_OWNER_URL"] = given
    output = capsys.readouterr().out
    assert str(folder / "saved") in output
    assert str(folder / "apart") in output
    assert settings.DATABASES["default"]["USER"] == APP
