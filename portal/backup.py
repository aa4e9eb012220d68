"""Backups: one folder with a dump of the database and a manifest of what must be in it.

The owner dumps, because it owns the tables and therefore reads every row; pg_dump fails instead of leaving rows out
when a policy would hide some. The schema `vault` (a key) stays out and is made again from the key file. The key file
itself is never put beside a dump: together they would give everything away.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.abc import Query
from psycopg.conninfo import conninfo_to_dict

from portal import keys
from portal.database import install_vault, prepare_schema
from portal.embedded_servers import ServiceError, postgres_binaries

DUMP, MANIFEST = "portal.dump", "manifest.json"
FORMAT = 1
SCHEMAS = ("public", "portal")
PEOPLE_TABLES = ("public.portal_user", "public.portal_organization")
LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
}
LIBPQ |= {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
NEW_SETTING = b"SET transaction_timeout = 0;\n"
EMPTY_SEARCH_PATH = b"SELECT pg_catalog.set_config('search_path', '', false);\n"
PUBLIC_SEARCH_PATH = b"SELECT pg_catalog.set_config('search_path', 'public', false);\n"
# A dump states rights as differences from the built-in ones. Under the default rights that setup_database gives, the
# app role would get back what was taken from it table by table; they come back after the restore.
BUILT_IN_DEFAULT_RIGHTS = """
alter default privileges in schema public revoke all on tables from {app};
alter default privileges in schema public revoke all on sequences from {app};
alter default privileges in schema portal revoke all on functions from {app};
alter default privileges grant execute on functions to public;
"""
# What setup_database has made in the target already, partly as a stronger role than ours.
NOT_RESTORED = (
    "EXTENSION",
    "COMMENT - EXTENSION",
    "SCHEMA",
    "COMMENT - SCHEMA",
    "ACL - SCHEMA",
    "DEFAULT ACL",
)


class BackupError(Exception):
    """The backup or the restore was refused or failed; the text is a sentence for the operator."""


def write_backup(folder: Path, *, owner_url: str, app_role: str, key_folder: Path | None = None) -> dict[str, Any]:
    """Write a backup into `folder` (new or empty) and read it back; return its manifest.

    `app_role` is recorded because the dump carries its rights. With `key_folder` the key file is copied there.
    Raises BackupError when the folder is in use, when there is nothing to back up, or when the dump does not hold
    every row that was counted; no folder is left behind then.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(_("The folder {folder} is not empty: name a new one.").format(folder=folder))
    if key_folder and folder in (key_folder.absolute(), *key_folder.absolute().parents):
        raise BackupError(_("The key file must not lie beside the backup: name another folder for it."))
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        manifest = _dump(partial / DUMP, owner_url) | {
            "format": FORMAT,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "app_role": app_role,
            "key_fingerprint": key_fingerprint(),
            "sha256": _digest(partial / DUMP),
        }
        _write_private(
            partial / MANIFEST,
            json.dumps(manifest, indent=1, ensure_ascii=False).encode(),
        )
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    if key_folder:
        key_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(key_folder / keys.path().name, keys.path().read_bytes())
    return manifest


def restore_backup(folder: Path, *, owner_url: str, app_role: str, force: bool = False) -> dict[str, Any]:
    """Load a backup into the owner's database and check the number of rows of every table; return the manifest.

    `force` first deletes what the owner has in that database. Raises BackupError when the backup is damaged, belongs
    to another key file or role, when the database is not empty, or when the rows do not agree afterwards.
    """
    manifest = read_manifest(folder)
    if manifest["app_role"] != app_role:
        raise BackupError(
            _("The backup gives its rights to the role {theirs}, but the portal logs in as {ours}.").format(
                theirs=manifest["app_role"], ours=app_role
            )
        )
    if manifest["key_fingerprint"] != key_fingerprint():
        raise BackupError(
            _(
                "This backup belongs to another key file: put that key file in place first, or name it in "
                "PORTAL_KEY_FILE."
            )
        )
    with psycopg.connect(owner_url, autocommit=True) as owner:
        if _tables(owner):
            if not force:
                raise BackupError(
                    _("The database is not empty. To replace everything in it by the backup, add --force.")
                )
            owner.execute("drop owned by current_user cascade")
            prepare_schema(owner, owner=owner.info.user, app=app_role)
        without_default_rights = sql.SQL(BUILT_IN_DEFAULT_RIGHTS).format(app=sql.Identifier(app_role)).as_bytes(owner)
    _restore(folder / DUMP, owner_url, first=without_default_rights)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        prepare_schema(owner, owner=owner.info.user, app=app_role)
        install_vault(owner, keys.load())
        owner.execute("analyze")
        _compare(manifest["rows"], _row_counts(owner))
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a whole and undamaged backup. Raises BackupError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        intact = manifest["format"] == FORMAT and manifest["sha256"] == _digest(folder / DUMP)
    except (OSError, ValueError, KeyError):
        raise BackupError(_("There is no complete backup in {folder}.").format(folder=folder)) from None
    if not intact:
        raise BackupError(_("The backup in {folder} is damaged: its checksum is wrong.").format(folder=folder))
    return manifest


def key_fingerprint() -> str:
    """Tells two key files apart without telling a key (they are 32 random bytes)."""
    return hashlib.sha256(b"portal key file\0" + keys.load().index).hexdigest()[:16]


def _dump(target: Path, owner_url: str) -> dict[str, Any]:
    """Counts and dump see the same snapshot, so that work may go on meanwhile."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("set transaction isolation level repeatable read, read only")
        snapshot = _value(owner, "select pg_export_snapshot()")
        rows = _row_counts(owner)
        if not any(rows.get(table) for table in PEOPLE_TABLES):
            raise BackupError(_("There is nothing to back up: the database has no user and no organization."))
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
        command = [
            "--format=custom",
            "--exclude-schema=vault",
            f"--snapshot={snapshot}",
            f"--file={target}",
        ]
        _run("pg_dump", command, owner_url)
        server = owner.info.parameter_status("server_version")
    _compare(rows, _rows_in_dump(target, owner_url))
    return {"server_version": server, "rows": rows}


def _restore(dump: Path, owner_url: str, *, first: bytes) -> None:
    """Run `first` and the dump as one transaction through psql, with the schema public in reach.

    pg_restore alone works with an empty search path, in which `old.path is distinct from new.path` of a trigger does
    not find the operator of ltree: SQL has no way to name a schema in that expression.
    """
    entries = _run("pg_restore", ["--list", str(dump)], owner_url)
    chosen = [line for line in entries.splitlines() if line[:1].isdigit() and not _is_left_out(line)]
    with tempfile.NamedTemporaryFile("w", prefix="restore-list-") as listing:
        listing.write("\n".join(chosen))
        listing.flush()
        script = _stream("pg_restore", ["--no-owner", f"--use-list={listing.name}", "--file=-", str(dump)], owner_url)
        _feed(chain([first], _with_public_in_reach(script)), owner_url)


def _with_public_in_reach(script: Iterator[bytes]) -> Iterator[bytes]:
    """The script with its first line about the search path changed (a later one like it would be somebody's data).

    A setting above it that servers before 17 do not know is left out; it only repeats the default.
    """
    for line in script:
        if line == EMPTY_SEARCH_PATH:
            yield PUBLIC_SEARCH_PATH
            break
        if line != NEW_SETTING:
            yield line
    yield from script


def _feed(script: Iterable[bytes], owner_url: str) -> None:
    command = [_program("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            command,
            env=_environment(owner_url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as psql:
            assert psql.stdin is not None  # a PIPE
            with contextlib.suppress(BrokenPipeError):  # psql has stopped at an error, which is reported below
                psql.stdin.writelines(script)
            with contextlib.suppress(BrokenPipeError):
                psql.stdin.close()
        errors.seek(0)
        if psql.returncode != 0:
            raise _failure("psql", errors.read().decode(errors="replace"))


def _is_left_out(entry: str) -> bool:
    """An entry reads `12; 2615 2200 SCHEMA - portal owner` or `13; 0 0 ACL - SCHEMA portal owner`."""
    what = entry.split(";", 1)[1].split(maxsplit=2)[2]
    return what.startswith(tuple(f"{kind} " for kind in NOT_RESTORED))


def _tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Schema and name of every table of the portal; none in a new database."""
    return connection.execute(
        "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2",
        [list(SCHEMAS)],
    ).fetchall()


def _value(connection: psycopg.Connection, query: Query) -> Any:
    """The only column of the only row."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _row_counts(connection: psycopg.Connection) -> dict[str, int]:
    counts = {}
    for schema, table in _tables(connection):
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
        counts[f"{schema}.{table}"] = _value(connection, query)
    return counts


def _rows_in_dump(dump: Path, owner_url: str) -> dict[str, int]:
    """Count the rows that the dump really holds, table by table, without writing them anywhere."""
    counts: Counter[str] = Counter()
    table = ""
    for line in _stream("pg_restore", ["--data-only", "--file=-", str(dump)], owner_url):
        if table and line == b"\\.\n":
            table = ""
        elif table:
            counts[table] += 1
        elif line.startswith(b"COPY "):
            table = line.split()[1].decode().replace('"', "")
            counts[table] += 0
    return dict(counts)


def _compare(expected: dict[str, int], found: dict[str, int]) -> None:
    wrong = sorted(table for table in expected if found.get(table, 0) != expected[table])
    if wrong:
        raise BackupError(
            _("The number of rows does not agree in: {tables}. Do not rely on this copy.").format(
                tables=", ".join(wrong)
            )
        )


def _program(name: str) -> str:
    try:
        return str(postgres_binaries() / name)
    except ServiceError:
        found = shutil.which(name)
    if not found:
        raise BackupError(
            _("The program {name} was not found: install it with “sudo apt-get install postgresql-client”.").format(
                name=name
            )
        )
    return found


def _environment(url: str) -> dict[str, str]:
    """libpq's variables, so that no password shows in the list of processes."""
    known = conninfo_to_dict(url)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return outside | {LIBPQ[name]: str(value) for name, value in known.items() if name in LIBPQ} | {"LC_ALL": "C.UTF-8"}


def _run(program: str, arguments: list[str], url: str) -> str:
    done = subprocess.run(
        [_program(program), *arguments],
        env=_environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise _failure(program, done.stderr)
    return done.stdout


def _stream(program: str, arguments: list[str], url: str) -> Iterator[bytes]:
    with subprocess.Popen(
        [_program(program), *arguments],
        env=_environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None  # a PIPE
        yield from process.stdout
    if process.returncode != 0:
        raise _failure(program, "")


def _failure(program: str, errors: str) -> BackupError:
    # Only the first line: the ones after it (DETAIL, CONTEXT) may quote rows.
    first = errors.strip().splitlines()[0] if errors.strip() else ""
    return BackupError(_("{program} failed. {reason}").format(program=program, reason=first))


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_private(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
