"""SQL that tries to widen the scope, as somebody who found a way to send it: refused, or no row more than before."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from portal import access
from tests.security.walls import CLERK, ask, count


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
        # roles and sessions
        "set role postgres",
        "set local role portal_owner",
        "set local session authorization default; set role portal_owner",
        "select set_config('role', 'portal_owner', true)",
        "select set_config('session_authorization', 'portal_owner', true)",
        "alter role portal_app set portal.actor = 'user.x'",
        "alter database current_database() set row_security = off",
        "reassign owned by portal_owner to portal_app",
        "drop owned by portal_owner",
        "create role another",
        # functions, views, rules, triggers, operators, types
        "create function portal.granted_nodes(wanted varchar) returns uuid[] language sql as 'select null::uuid[]'",
        "create view public.all_members as select * from members_member",
        "create view portal.all_members as select * from members_member",
        "create materialized view public.all_members as select * from members_member",
        "alter view portal.printed_code owner to portal_app",
        "select * from portal.printed_code",
        "create rule open as on select to members_member do instead select * from members_member",
        "create rule also as on insert to members_member do also select 1",
        "create trigger t after update on portal_auditentry execute function portal.organization_path()",
        "create event trigger t on ddl_command_end execute function portal.organization_path()",
        "create operator public.= (leftarg = uuid, rightarg = uuid, procedure = pg_catalog.uuid_ne)",
        "create cast (uuid as text) with inout as implicit",
        "create type portal.mine as (x int)",
        "create domain public.mine as int",
        'create collation public.mine from "C"',
        "create language plpython3u",
        "create publication all_rows for all tables",
        "create subscription mine connection 'host=x' publication y",
        "create server mine foreign data wrapper postgres_fdw",
        "create statistics public.mine on name, state from members_member",
        # tables
        "alter table members_member owner to portal_app",
        "alter table members_member no force row level security, disable row level security",
        "alter table members_member add column stolen text",
        "alter table members_member rename to mine",
        "alter table members_placement disable trigger user",
        "create table public.stolen as select * from members_member",
        "create index mine on members_member (name)",
        "create unlogged table portal.stolen (x int)",
        "create table public.child () inherits (members_member)",
        "drop table members_member cascade",
        "comment on table members_member is 'x'",
        "cluster members_member",
        "reindex table members_member",
        "refresh materialized view members_member",
        # files, large objects, other processes
        "copy (select * from members_member) to program 'cat'",
        "copy (select * from members_member) to '/tmp/members'",
        "copy portal_roleright from stdin",
        "select lo_export(1, '/tmp/x')",
        "select pg_ls_dir('.')",
        "select pg_read_binary_file('pg_hba.conf')",
        "select pg_stat_file('pg_hba.conf')",
        "select * from pg_hba_file_rules",
        "select * from pg_authid",
        "select * from pg_shadow",
        "select passwd from pg_user_mapping",
        "load 'auto_explain'",
        "select pg_reload_conf()",
        "select pg_rotate_logfile()",
        "alter system set log_statement = 'all'",
        "set session_preload_libraries = 'x'",
        "set log_statement = 'all'",
        "set log_min_duration_statement = 0",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'portal_owner' or usename = 'postgres'"
        " union all select pg_terminate_backend(1)",
        "select pg_promote()",
        "select pg_create_physical_replication_slot('x')",
        # what functions of the owner are for, and nobody else
        "select portal.person_left(gen_random_uuid())",
        "select portal.members_below(gen_random_uuid())",
        "select portal.person_works_for(gen_random_uuid())",
        "select portal.close_links_of_liaison()",
        "insert into portal_purposeright (purpose, \"right\") values ('reminders', 'change_members')",
        "delete from portal_roleright",
        "update portal_organizationgrant set until = null",
        "insert into portal_auditentry (id, at, actor, action, organization_id, object_type, detail)"
        " select gen_random_uuid(), now(), 'system.setup', 'x', id, '', '{}' from portal_organization limit 1",
        "update portal_auditentry set action = 'x'",
        "delete from portal_auditentry",
        "insert into members_memberevent select * from members_memberevent",
        "delete from members_member",
    ],
)
def test_statement_that_widens_is_refused(acting: Any, statement: str) -> None:
    with (
        acting("street_admin@S11"),
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert "portal_owner" not in str(refused.value) or "permission denied" in str(refused.value)


def test_setting_another_actor_inside_the_transaction_gives_nothing(acting: Any, world: Any) -> None:
    other = world.user("street_clerk@S21").pk
    with acting(CLERK):
        with transaction.atomic():
            ask("select set_config('portal.actor', %s, true)", [f"user.{other}"])
            assert count("select 1 from members_member") == 0
            transaction.set_rollback(True)
        assert count("select 1 from members_member") == 1


# --- what is allowed and does not widen -------------------------------------------------------------------------------

EVERYBODY = 9  # members of the world; the clerk sees one


def _sees_the_own_only() -> bool:
    return ask("select count(*) from public.members_member") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "set search_path = pg_temp, public",
        "set local search_path = ''",
        "set enable_seqscan = off",
        "set plan_cache_mode = force_generic_plan",
        "set statement_timeout = 0",
        "set default_transaction_isolation = 'serializable'",
        "set client_encoding = 'SQL_ASCII'",
        "set datestyle = 'German'",
        "set portal.actor_user = 'user.x'",
        "set portal.\"Actor\" = 'x'",
        "set bytea_output = 'escape'",
        "set standard_conforming_strings = off",
        "set transform_null_equals = on",
        "set check_function_bodies = off",
        "set jit = on",
        "select pg_advisory_xact_lock(7301)",
        "select pg_advisory_lock(1), pg_advisory_unlock_all()",
        "select pg_notify('x', 'y')",
        "listen x",
        "select setseed(0)",
        "select txid_current()",
        "savepoint x",
        "set constraints all deferred",
        "create function pg_temp.mine() returns bigint language sql security definer"
        " as 'select count(*) from members_member'; select pg_temp.mine()",
        "alter role current_user set row_security = off",  # of later sessions; it refuses, it does not open
        "alter default privileges grant all on tables to public",  # of tables that the role may not make
        "grant select on members_member to public",  # a warning: nothing is granted
        "grant update on members_placement to portal_app",
        "do $$ begin perform set_config('portal.actor', '', true); exception when others then null; end $$; select 1",
    ],
)
def test_setting_that_is_allowed_shows_no_row_more(acting: Any, statement: str) -> None:
    with acting(CLERK), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute("select count(*) from public.members_member")
            assert cursor.fetchone()[0] <= 1
            cursor.execute("select cardinality(portal.organization_ids('view_members'))")
            assert cursor.fetchone()[0] <= 2
        transaction.set_rollback(True)


def test_temporary_objects_do_not_shadow_the_real_ones(transactional_db: None, acting: Any, world: Any) -> None:
    """Imports make temporary tables, so the role may; they come first on its path, and the resolver names its own."""
    city = world.organization("X").pk
    with acting(CLERK), connection.cursor() as cursor:
        for statement in (
            "create temp table portal_organizationgrant as select * from public.portal_organizationgrant",
            "create temp table portal_organization as select * from public.portal_organization",
            "create temp table portal_roleright as select 'community_clerk' as role, 'grant_access' as \"right\"",
            "create temp table portal_user as select * from public.portal_user",
            "create temp table members_placement (organization_id uuid, member_id uuid, name_pinyin text)",
            f"update pg_temp.portal_organizationgrant set content_object_id = '{city}'",
            "update pg_temp.portal_organization set path = ''",
            "grant all on all tables in schema pg_temp to public",
            "create function pg_temp.granted_nodes(wanted text) returns uuid[] language sql"
            f" as $$ select array['{city}'::uuid] $$",
            "create function pg_temp.uuid_eq(uuid, uuid) returns boolean language sql as 'select true'",
            "create operator pg_temp.= (leftarg = uuid, rightarg = uuid, procedure = pg_temp.uuid_eq)",
            "set local search_path = pg_temp, public, pg_catalog",
        ):
            cursor.execute(statement)
        assert _sees_the_own_only()
        assert ask("select cardinality(portal.organization_ids('view_members'))") == 2  # C111 and its branch
        assert ask("select portal.may('grant_access', %s)", [city]) is False
        assert count("select 1 from portal.member_name_candidates('{秘}', '', 50)") == 1
        transaction.set_rollback(True)


def test_leaky_function_in_a_condition_sees_the_own_rows_only(transactional_db: None, acting: Any) -> None:
    """A cheap function of the caller's must not be asked about hidden rows before the wall judges them."""
    with acting(CLERK), connection.cursor() as cursor:
        cursor.execute("create temp table seen (name text)")
        cursor.execute("create function pg_temp.peek(name text) returns boolean language plpgsql cost 0.0000001 as"
                       " $$ begin insert into pg_temp.seen values (name); return true; end $$")  # fmt: skip
        assert ask("select count(*) from public.members_member where pg_temp.peek(name)") == 1
        assert ask("select count(*) from pg_temp.seen") == 1
        for error in (  # would tell that there is a hidden row
            "1 / (case name when '秘C112秘' then 0 else 1 end) = 1",
            "(case name when '秘C112秘' then name else '1' end)::int = 1",
        ):
            assert ask(f"select count(*) from public.members_member where {error}") == 1
        transaction.set_rollback(True)


def test_security_barrier_view_of_the_caller_runs_as_the_caller(transactional_db: None, acting: Any) -> None:
    with acting(CLERK), connection.cursor() as cursor:
        cursor.execute("create temp view mine as select * from public.members_member")
        assert ask("select count(*) from pg_temp.mine") == 1
        transaction.set_rollback(True)


def test_statement_prepared_by_another_actor_is_judged_anew(acting: Any) -> None:
    """Plans are kept in the session; the wall is asked at every execution, also by a generic plan."""
    statements = [("all_members", "select count(*) from members_member"),
                  ("some_members", "select count(*) from members_member where name <> $1")]  # fmt: skip
    with connection.cursor() as cursor:
        for mode in ("auto", "force_generic_plan", "force_custom_plan"):
            with acting("district_admin@D1"):
                cursor.execute(f"set plan_cache_mode = {mode}")
                for name, statement in statements:
                    cursor.execute(f"prepare {name}{' (text)' if '$1' in statement else ''} as {statement}")
                for _time in range(7):  # past the fifth, a generic plan may be chosen
                    cursor.execute("execute all_members")
                    assert cursor.fetchone() == (4,)
                    cursor.execute("execute some_members('x')")
                    assert cursor.fetchone() == (4,)
            for who, rows in ((CLERK, 1), ("stranger", 0), ("liaison@C112", 1), ("street_clerk@S11", 2)):
                with acting(who):
                    cursor.execute("execute all_members")
                    assert cursor.fetchone() == (rows,), (mode, who)
                    cursor.execute("execute some_members('秘C111秘')")
                    assert cursor.fetchone()[0] <= rows
            cursor.execute("execute all_members")
            assert cursor.fetchone() == (0,)  # nobody acts
            cursor.execute("deallocate all; reset plan_cache_mode")


@pytest.fixture
def held() -> Iterator[str]:
    yield "kept"
    with connection.cursor() as cursor:
        cursor.execute("close all")


def test_cursor_kept_past_the_transaction_does_not_reach_the_next_actor(
    transactional_db: None, acting: Any, held: str
) -> None:
    """A cursor WITH HOLD keeps what its own actor saw; it gives the next one nothing new, and ends with the connection.

    The portal makes none: server-side cursors of the ORM are closed with their iteration, and a test below looks.
    """
    with acting(CLERK), connection.cursor() as cursor:
        cursor.execute(f"declare {held} cursor with hold for select name from members_member")
    with acting("stranger"), connection.cursor() as cursor:
        cursor.execute(f"fetch all from {held}")
        assert set(cursor.fetchall()) <= {("秘C111秘",)}  # read when the clerk's transaction ended, never anew
        assert count("select 1 from members_member") == 0
    connections["default"].close()
    with acting("stranger"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(f"fetch all from {held}")


def test_requests_leave_nothing_behind_in_the_session(transactional_db: None, login: Any) -> None:
    """No cursor, no lock, no listener, no temporary table, no actor, no prepared statement of ours by name."""
    client = login("street_clerk@S11")
    for path in ("/admin/", "/admin/members/member/", "/admin/members/ledgerimport/", "/admin/checkin/reportin/"):
        assert client.get(path).status_code == 200
    assert client.post("/admin/members/ledgerimport/export/", {}).status_code == 200
    left = {
        "select count(*) from pg_cursors where name <> ''": 0,
        "select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'": 0,
        "select count(*) from pg_listening_channels()": 0,
        "select count(*) from pg_class where relpersistence = 't' and relnamespace = pg_my_temp_schema()": 0,
        "select nullif(current_setting('portal.actor', true), '')": None,
        "select count(*) from pg_prepared_statements where name not like '!_pg3!_%%' escape '!'": 0,
        "select count(*) from members_member": 0,
    }
    assert {statement: ask(statement) for statement in left} == left
    assert access.current() is None


def test_large_object_holds_what_its_maker_could_read(transactional_db: None, acting: Any) -> None:
    """Large objects are no way around the wall: they hold what their maker saw."""
    with acting(CLERK):
        with pytest.raises(DatabaseError), transaction.atomic():
            ask("select lo_import('/etc/hostname')")
        names = ask("select lo_from_bytea(0, convert_to(string_agg(name, ','), 'UTF8')) from members_member")
        assert bytes(ask("select lo_get(%s)", [names])).decode() == "秘C111秘"
        transaction.set_rollback(True)


def test_system_catalogues_tell_no_values(acting: Any, owner: Any) -> None:
    """Statistics hold samples of values; the views of them hide those of tables under a policy."""
    owner.execute("analyze members_member")
    assert owner.execute("select count(*) from pg_stats where tablename = 'members_member'").fetchone()[0] > 0
    with acting(CLERK):
        assert ask("select count(*) from pg_stats where tablename = 'members_member'") == 0
        assert ask("select count(*) from pg_stats where most_common_vals::text like '%%秘%%'"
                   " or histogram_bounds::text like '%%秘%%'") == 0  # fmt: skip
        assert (
            ask("select count(*) from pg_stat_activity where usename = 'portal_owner' and query like '%%select%%'") == 0
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            ask("select count(*) from pg_statistic")
