"""Wall two, asked by raw SQL as the app role: every table, every command, three places; and who tries to widen it."""

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from portal import access
from tests import databases
from tests.security.walls import CLERK, WALLS, Rows, ask, count, is_refused, violations

# --- tables × commands × places -----------------------------------------------------------------------------


def test_every_table_under_policy_has_an_expectation(owner: psycopg.Connection) -> None:
    with_security = "select oid::regclass::text from pg_class where relrowsecurity and relkind in ('r', 'p')"
    under_policy = {name for (name,) in owner.execute(with_security)}
    assert under_policy == set(WALLS) | {"contacts_newfiles", "contacts_dutyrefresh"}  # not for the app role at all


def test_each_command_reaches_the_own_community_only(rows: Rows, acting: Any) -> None:
    with acting(CLERK):
        assert violations(rows) == []


def test_nobody_acting_reaches_nothing(rows: Rows) -> None:
    reached = {}
    for table, wall in WALLS.items():
        reads, deletes = count(f"select 1 from {table}"), count(f"delete from {table}")
        writes = count(f"update {table} set {wall.setting}") if wall.setting else 0
        reached[table] = (reads, writes or 0, deletes or 0)
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


# --- actors -------------------------------------------------------------------------------------------------


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


# --- the tree and its shadows ---------------------------------------------------------------------------------


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
