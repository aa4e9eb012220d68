"""Roles, database, extensions and the vault, on any PostgreSQL server. Needs psycopg only, not Django.

Two roles, always: the owner migrates and owns; the app role logs in for web, worker, beat and tests and is neither
owner nor superuser, so row-level security holds for it.
"""

import argparse
import os
import secrets
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from portal import keys

EXTENSIONS = ("ltree", "pg_trgm", "btree_gist")
HMAC_BLOCK = 64


def url_for(admin_url: str, *, database: str, user: str, password: str = "") -> str:
    """The same server as `admin_url`, another database and role."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    login = quote(user) + (f":{quote(password, safe='')}" if password else "")
    return urlunsplit((parts.scheme, f"{login}@{host}", f"/{database}", parts.query, ""))


def setup_database(
    admin_url: str, *, name: str = "portal", owner: str = "portal_owner", app: str = "portal_app", passwords: Any = None
) -> tuple[str, str]:
    """Make roles, database, extensions and default privileges; safe to call again.

    `passwords` maps a role to its password (none: the server must let local roles in). Returns (app URL, owner URL).
    Raises psycopg.Error when the admin role may not do this.
    """
    passwords = passwords or {}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _make_role(admin, owner, "LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS", passwords.get(owner))
        _make_role(admin, app, "LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE", passwords.get(app))
        # so that the owner may end the app's connections when a database is restored or dropped
        admin.execute(sql.SQL("grant {} to {}").format(sql.Identifier(app), sql.Identifier(owner)))
        if not admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            admin.execute(
                sql.SQL("create database {} owner {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                    sql.Identifier(name), sql.Identifier(owner)
                )
            )
        allow_app(admin, name=name, app=app)
    owner_url = url_for(admin_url, database=name, user=owner, password=passwords.get(owner, ""))
    app_url = url_for(admin_url, database=name, user=app, password=passwords.get(app, ""))
    with psycopg.connect(url_for_database(admin_url, name), autocommit=True) as inside:
        prepare_schema(inside, owner=owner, app=app)
    return app_url, owner_url


def allow_app(connection: psycopg.Connection, *, name: str, app: str) -> None:
    """Who may do what with the database itself; a copy of a database starts without this."""
    names = {"name": sql.Identifier(name), "app": sql.Identifier(app)}
    connection.execute(sql.SQL("revoke all on database {name} from public").format(**names))
    # temporary tables: an import copies its rows into one, because COPY is refused on tables with policies
    connection.execute(sql.SQL("grant connect, temporary on database {name} to {app}").format(**names))


def url_for_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def prepare_schema(connection: psycopg.Connection, *, owner: str, app: str) -> None:
    """Extensions, schemas and privileges inside one database. May run as superuser or as the owner."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
    names = {"owner": sql.Identifier(owner), "app": sql.Identifier(app)}
    for statement in (
        "create schema if not exists portal authorization {owner}",
        "create schema if not exists vault authorization {owner}",
        "revoke all on schema vault from public",
        "revoke create on schema public from public",
        "grant usage, create on schema public to {owner}",
        "grant usage on schema public, portal to {app}",
        "alter default privileges for role {owner} in schema public "
        "grant select, insert, update, delete on tables to {app}",
        "alter default privileges for role {owner} in schema public grant usage, select on sequences to {app}",
        "alter default privileges for role {owner} in schema portal grant execute on functions to {app}",
        "alter default privileges for role {owner} revoke execute on functions from public",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def install_vault(connection: Any, loaded: keys.Keys) -> None:
    """Put the key that signs actors where only the owner's functions can read it.

    `connection` is a psycopg connection or a Django cursor of the owner. The key is stored as the two padded blocks
    of HMAC-SHA256 (RFC 2104), because the server has sha256() but no hmac().
    """
    padded = loaded.actor.ljust(HMAC_BLOCK, b"\0")
    connection.execute("create schema if not exists vault")
    connection.execute("create table if not exists vault.actor_key (inner_block bytea, outer_block bytea)")
    connection.execute("delete from vault.actor_key")
    connection.execute(
        "insert into vault.actor_key values (%s, %s)",
        [bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)],
    )
    connection.execute("revoke all on schema vault from public")


def _make_role(admin: psycopg.Connection, role: str, attributes: str, password: str | None) -> None:
    known = admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = "alter" if known else "create"
    admin.execute(sql.SQL(f"{verb} role {{}} {attributes}").format(sql.Identifier(role)))
    if password:
        admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))


def command(arguments: list[str]) -> None:
    """Prepare a server for `manage.py setup_database --admin-url URL`, and make the key file of a first installation.

    Names and passwords of the two roles come from DATABASE_URL and DATABASE_OWNER_URL where these are set (compose);
    otherwise passwords are made and both URLs are printed, to be put into the environment.
    """
    parser = argparse.ArgumentParser(prog="manage.py setup_database", description=command.__doc__)
    parser.add_argument("--admin-url", required=True, help="postgresql://… of a role that may make roles")
    parser.add_argument("--name", default="portal")
    parser.add_argument("--owner", default="portal_owner")
    parser.add_argument("--app", default="portal_app")
    given = parser.parse_args(arguments)
    print(f"PORTAL_KEY_FILE={keys.ensure_key_file()}")
    roles = {"DATABASE_URL": given.app, "DATABASE_OWNER_URL": given.owner}
    named = {variable: urlsplit(os.environ[variable]) for variable in roles if os.environ.get(variable)}
    if len(named) == len(roles):
        app, owner = named["DATABASE_URL"], named["DATABASE_OWNER_URL"]
        setup_database(
            given.admin_url,
            name=unquote(app.path.lstrip("/")),
            owner=unquote(owner.username or ""),
            app=unquote(app.username or ""),
            passwords={unquote(url.username or ""): unquote(url.password or "") for url in (app, owner)},
        )
        return
    passwords = {role: secrets.token_urlsafe(24) for role in roles.values()}
    app_url, owner_url = setup_database(
        given.admin_url, name=given.name, owner=given.owner, app=given.app, passwords=passwords
    )
    print(f"DATABASE_URL={app_url}\nDATABASE_OWNER_URL={owner_url}")
