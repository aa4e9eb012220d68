"""Wall two, asked by raw SQL as the app role: every table, every command, three places; and who tries to widen it."""

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from portal import access, keys
from tests import databases
from tests.security.walls import CLERK, WALLS, Rows, ask, count, is_refused, violations

# --- tables × commands × places -----------------------------------------------------------------------------


def test_every_table_under_policy_has_an_expectation(owner: psycopg.Connection) -> None:
    under_policy = {name for (name,) in owner.execute("select distinct polrelid::regclass::text from pg_policy")}
    assert under_policy == set(WALLS)


def test_each_command_reaches_the_own_community_only(rows: Rows, acting: Any) -> None:
    with acting(CLERK):
        assert violations(rows) == []


def test_nobody_acting_reaches_nothing(rows: Rows) -> None:
    reached = {}
    for table, wall in WALLS.items():
        reads, deletes = count(f"select 1 from {table}"), count(f"delete from {table}")
        writes = count(f"update {table} set {wall.setting}") if wall.setting else 0
        reached[table] = (reads, writes, deletes or 0)
    organizations = reached.pop("portal_organization")
    assert organizations[1:] == (0, 0)
    assert set(reached.values()) == {(0, 0, 0)}


@pytest.mark.parametrize(
    ("who", "action", "keys_seen"),
    [
        ("auditor@S11", "world", {"C111", "C112"}),
        ("auditor@S12", "world", {"C121", "C122"}),
        ("street_admin@S21", "world", {"C211", "C212"}),
        ("street_clerk@S11", "world", set()),
        ("operator@X", "world", set()),
    ],
)
def test_audit_is_read_in_the_own_subtree(acting: Any, world: Any, who: str, action: str, keys_seen: set[str]) -> None:
    with acting(who), connection.cursor() as cursor:
        cursor.execute("select o.short_name from portal_auditentry e join portal_organization o"
                       " on o.id = e.organization_id where e.action = %s", [action])  # fmt: skip
        assert {name.removeprefix("样例") for (name,) in cursor.fetchall()} == keys_seen


@pytest.mark.matrix
def test_every_removed_policy_turns_an_answer_red(rows: Rows, owner: psycopg.Connection, acting: Any) -> None:
    """Each expression of each policy is opened on its own, then closed again."""
    unnoticed = []
    policies = owner.execute(
        "select polname, polrelid::regclass::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
        " from pg_policy order by 2, 1"
    ).fetchall()
    for name, table, using, check in policies:
        for clause, expression in (("using", using), ("with check", check)):
            if expression in (None, "true"):
                continue
            owner.execute(f"alter policy {name} on {table} {clause} (true)")
            with acting(CLERK):
                red = violations(rows, [table])
            if not red and count(f"select 1 from {table}") == 0:  # nobody acts here
                unnoticed.append(f"{table}.{name} {clause}")
            owner.execute(f"alter policy {name} on {table} {clause} ({expression})")
    assert unnoticed == []
    with acting(CLERK):
        assert violations(rows) == []


# --- actors -------------------------------------------------------------------------------------------------


def _forged(world: Any) -> dict[str, str]:
    clerk = str(world.user(CLERK).pk)
    city = str(world.organization("X").pk)
    with transaction.atomic():
        kind, who, pid, expiry, mac = access._sign(access.user_actor(world.user(CLERK))).split(".")
    other = str(world.user("street_clerk@S21").pk)
    return {
        "no mac": f"{kind}.{who}.{pid}.{expiry}.",
        "mac of another text": f"{kind}.{other}.{pid}.{expiry}.{mac}",
        "another kind": f"system.{who}.{pid}.{expiry}.{mac}",
        "purpose of the city": f"system.reminders@{city}.{pid}.{expiry}.{mac}",
        "unknown kind": f"root.{who}.{pid}.{expiry}.{mac}",
        "another process": f"{kind}.{who}.{int(pid) + 1}.{expiry}.{mac}",
        "longer life": f"{kind}.{who}.{pid}.{int(expiry) + 9999}.{mac}",
        "expired": _signed(f"user.{clerk}.{pid}.1000000000"),
        "process of another connection": _signed(f"user.{clerk}.1.{expiry}"),
        "expiry is no number": _signed(f"user.{clerk}.{pid}.9e99"),
        "empty expiry": _signed(f"user.{clerk}.{pid}."),
        "four parts": _signed(f"user.{clerk}.{pid}"),
        "six parts": _signed(f"user.{clerk}.x.{pid}.{expiry}"),
        "signed kind that does not exist": _signed(f"link.{clerk}.{pid}.{expiry}"),
        "signed purpose that does not exist": _signed(f"system.nothing@{city}.{pid}.{expiry}"),
        "mac in capitals": f"{kind}.{who}.{pid}.{expiry}.{mac.upper()}",
        "mac with a blank": f"{kind}.{who}.{pid}.{expiry}.{mac} ",
        "array breakers": "{},{},{},{},{}",
        "long": "user." + "9" * 100_000,
    }


def _signed(message: str) -> str:
    import hashlib
    import hmac

    return f"{message}.{hmac.digest(keys.load().actor, message.encode(), hashlib.sha256).hex()}"


def test_forged_actors_see_and_write_nothing(rows: Rows, world: Any) -> None:
    wrong = {}
    for name, token in _forged(world).items():
        with transaction.atomic():
            ask("select set_config('portal.actor', %s, true)", [token])
            answer = (count("select 1 from members_member"), count("update members_member set ethnicity = 'x'"))
            transaction.set_rollback(True)
        if answer != (0, 0):
            wrong[name] = answer
    assert wrong == {}


def test_signed_user_who_does_not_exist_or_is_switched_off_sees_nothing(world: Any) -> None:
    for who in (str(uuid.uuid4()), str(world.user("inactive").pk)):
        with access.acting_as(access.Actor("user", who)):
            assert count("select 1 from members_member") == 0
            assert ask("select portal.has_grant()") is False


def test_grant_that_has_ended_gives_nothing(owner: psycopg.Connection, transactional_db: None, acting: Any) -> None:
    with acting(CLERK):
        assert count("select 1 from members_member") == 1
    owner.execute("update portal_organizationgrant set until = (now() at time zone 'Asia/Shanghai')::date - 1")
    with acting(CLERK):
        assert count("select 1 from members_member") == 0
        assert ask("select portal.has_grant()") is False
    owner.execute("update portal_organizationgrant set until = (now() at time zone 'Asia/Shanghai')::date")
    with acting(CLERK):
        assert count("select 1 from members_member") == 1


# --- SQL that tries to widen the scope ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "select * from vault.actor_key",
        "select portal.hmac_sha256('x')",
        "set role portal_owner",
        "set session authorization portal_owner",
        "set row_security = off; select 1 from members_member",
        "alter table members_member disable row level security",
        "alter policy see on members_member using (true)",
        "drop policy see on members_member",
        "create policy open on members_member using (true)",
        "create or replace function portal.actor() returns text language sql as $$ select 'user.x' $$",
        "create function portal.mine() returns int language sql as 'select 1'",
        "create function public.mine() returns int language sql as 'select 1'",
        "create table public.stolen (x int)",
        "create schema stolen",
        "alter function portal.may(text, uuid) security invoker",
        "grant portal_owner to portal_app",
        "alter role portal_app superuser",
        "alter role portal_app bypassrls",
        "copy members_member to program 'cat'",
        "copy members_member from '/etc/passwd'",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
        "truncate members_member",
        "create trigger t before insert on members_member execute function portal.organization_path()",
        "alter table members_member disable trigger all",
        "set session_replication_role = replica",
        "create extension dblink",
        "insert into portal_roleright (role, \"right\") values ('liaison', 'view_members')",
        "update portal_purposeright set \"right\" = 'view_members'",
        "insert into members_placement select * from members_placement",
        "delete from portal_organizationgrant",
        "select portal.place_members('{}')",
        "select portal.refresh_obligations('{}')",
        "select portal.log_ledger_contacts('{}')",
        "select * from portal.wanted_obligations('{}')",
        "select portal.place_changed_members()",
        "select portal.drop_placements()",
    ],
)
def test_statement_that_widens_is_refused(acting: Any, statement: str) -> None:
    with acting("street_admin@S11"), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_setting_another_actor_inside_the_transaction_gives_nothing(acting: Any, world: Any) -> None:
    other = world.user("street_clerk@S21").pk
    with acting(CLERK):
        with transaction.atomic():
            ask("select set_config('portal.actor', %s, true)", [f"user.{other}"])
            assert count("select 1 from members_member") == 0
            transaction.set_rollback(True)
        assert count("select 1 from members_member") == 1


def test_path_of_an_organization_cannot_be_written_by_hand(acting: Any, world: Any) -> None:
    """The empty path lies above every other one: whoever could write it would own the whole tree."""
    street, foreign = world.organization("S11"), world.organization("S21")
    with acting("street_admin@S11"):
        for path in ("", str(foreign.path), f"{foreign.parent.path}.x"):
            with transaction.atomic():
                count("update portal_organization set path = %s::public.ltree where id = %s", [path, street.pk])
                try:
                    with transaction.atomic():
                        ask("update portal_organization set path = %s::public.ltree where id = %s returning 1",
                            [path, street.pk])  # fmt: skip
                except DatabaseError:
                    continue
                assert ask("select path::text from portal_organization where id = %s", [street.pk]) == street.path
                assert count("select 1 from members_member") == 2
                transaction.set_rollback(True)


@pytest.mark.parametrize("who", ["street_admin@S11", "district_admin@D1"])
def test_organization_cannot_be_moved_out_or_in(acting: Any, world: Any, who: str) -> None:
    own, foreign = world.organization("C111"), world.organization("C211")
    with acting(who):
        assert count("update portal_organization set parent_id = %s where id = %s",
                     [world.organization("S11").pk, foreign.pk]) == 0  # fmt: skip
        assert is_refused("update portal_organization set parent_id = %s where id = %s",
                          [world.organization("S21").pk, own.pk])  # fmt: skip


@pytest.fixture
def foreign_member(owner: psycopg.Connection, world: Any) -> str:
    row = owner.execute(
        "select id from members_member where organization_id = %s", [world.organization("C211").pk]
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_temporary_tables_do_not_stand_in_for_real_ones(acting: Any, world: Any, foreign_member: str) -> None:
    """Where a server lets the app role make temporary tables, they must not be found by what runs as the owner."""
    clerk = world.user(CLERK)
    with databases.owner_connection(databases.clone_name()) as owner:
        owner.execute(f"grant temporary on database {databases.clone_name()} to public")
    with acting(CLERK), connection.cursor() as cursor:
        cursor.execute("create temp table contacts_liaison (id uuid, user_id uuid, is_active bool)")
        cursor.execute("create temp table contacts_liaisonassignment (member_id uuid, liaison_id uuid, ended_on date)")
        cursor.execute("create temp table checkin_reportin (like public.checkin_reportin)")
        cursor.execute("grant select on contacts_liaison, contacts_liaisonassignment, checkin_reportin to public")
        cursor.execute("insert into contacts_liaison values (%s, %s, true)", [clerk.pk, clerk.pk])
        cursor.execute("insert into contacts_liaisonassignment values (%s, %s, null)", [foreign_member, clerk.pk])
        assert ask("select count(*) from public.members_member where id = %s", [foreign_member]) == 0
        assert ask("select portal.assigned_member_ids()") == []
