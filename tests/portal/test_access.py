"""Who may do what, asked of the one resolver."""

import uuid

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from contacts.models import ContactLog, Liaison
from members.models import Member, MemberEvent, Movement, Placement
from portal import access
from portal.models import Organization
from portal.roles import Purpose


def test_app_role_is_neither_owner_nor_superuser(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, pg_has_role(current_user, 'portal_owner', 'member')"
            " from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("select count(*) from pg_class where relowner = (select oid from pg_roles"
                       " where rolname = current_user)")  # fmt: skip
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("street_clerk@S11", {"C111", "C112"}),
        ("community_clerk@C111", {"C111"}),
        ("district_admin@D1", {"C111", "C112", "C121", "C122"}),
        ("liaison@C111", {"C111"}),
        ("branch_secretary@B111", set()),
        ("city_admin@X", set()),
        ("city_viewer@X", set()),
        ("operator@X", set()),
        ("auditor@S11", set()),
        ("visitor@C111", set()),
        ("stranger", set()),
        ("inactive", set()),
    ],
)
def test_members_seen_by_role(acting, who, seen):
    with acting(who):
        names = set(Member.objects.values_list("name", flat=True))
    assert names == {f"秘{key}秘" for key in seen}


@pytest.mark.parametrize("model", [Member, Movement, Placement, MemberEvent, Liaison, ContactLog])
def test_rows_without_an_actor_are_none(world, model):
    assert model.objects.count() == 0


def test_forged_or_foreign_tokens_see_nothing(world):
    clerk = access.user_actor(world.user("street_clerk@S11"))
    other = f"user.{world.user('district_admin@D1').pk}"
    with transaction.atomic():
        true_token = access._announce(clerk).token
    kind, who, pid, expiry, mac = true_token.split(".")
    forgeries = [
        f"{other}.{pid}.{expiry}.{mac}",
        f"{kind}.{who}.{int(pid) + 1}.{expiry}.{mac}",
        f"{kind}.{who}.{pid}.{int(expiry) + 60}.{mac}",
        f"{kind}.{who}.{pid}.{expiry}.{'0' * 64}",
        f"{kind}.{who}.{pid}.{expiry}",
        "user",
        "....",
    ]
    for token in forgeries:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('portal.actor', %s, true)", [token])
            assert Member.objects.count() == 0, token
            cursor.execute("select set_config('portal.actor', %s, true)", [true_token])
            assert Member.objects.count() == 2  # the true one works, so the forgeries had something to leak


@pytest.mark.parametrize(
    "statement",
    [
        "select portal.hmac_sha256('x')",
        "select * from vault.actor_key",
        "delete from members_member",
        "insert into members_placement values (gen_random_uuid(), gen_random_uuid(), '')",
        "insert into members_memberevent default values",
        "update portal_roleright set \"right\" = 'view_members'",
        "insert into portal_organizationgrant select * from portal_organizationgrant",
        "alter table members_member disable row level security",
        "set role portal_owner",
        "truncate members_member",
        "create table stolen (x int)",
    ],
)
def test_statements_that_raise_privileges_are_refused(acting, statement):
    with (
        acting("street_admin@S11"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(statement)


def test_member_cannot_be_made_or_moved_outside_the_scope(acting, world):
    with acting("community_clerk@C111"):
        stray = Member(organization=world.organization("C112"))
        stray.set_name("外来")
        with pytest.raises(DatabaseError), transaction.atomic():
            stray.save(force_insert=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            Member.objects.update(organization=world.organization("C112"))


def test_actor_is_known_where_a_pooler_changes_the_session(acting, world, monkeypatch):
    """What the driver takes for the session's number is wrong there; the database's own is signed."""
    with acting("community_clerk@C111"):
        direct = Member.objects.count()
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda info: 1))
    with acting("community_clerk@C111"):
        assert Member.objects.count() == direct > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_pooled", [False, True])
def test_call_in_one_statement_is_its_actors_and_leaves_nobody_behind(world, monkeypatch, caplog, is_pooled):
    street = world.organization("S11")
    actor = access.system_actor(Purpose.REMINDERS, street)
    if is_pooled:
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda info: 1))
    (ids,) = access.call_as(actor, "portal.organization_ids(%s)", ["send_reminders"])
    assert street.pk in ids
    assert world.organization("S12").pk not in ids
    assert not [record for record in caplog.records if record.name == "portal.alarm"]  # never called while nobody acts
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('portal.actor', true)")
        assert not cursor.fetchone()[0]
    with access.acting_as(access.user_actor(world.user("community_clerk@C111"))):
        (inner,) = access.call_as(actor, "portal.organization_ids(%s)", ["send_reminders"])
        assert set(inner) == set(ids)
        assert access.may("change_members", world.organization("C111"))
        assert Member.objects.exclude(organization=world.organization("C111")).count() == 0


def test_actor_of_an_outer_scope_comes_back(acting, world):
    with acting("community_clerk@C111"):
        with acting("community_clerk@C112"):
            assert world.member("C112")
        assert [m.organization.short_name for m in Member.objects.select_related("organization")] == ["样例C111"]
        with pytest.raises(RuntimeError), acting("community_clerk@C112"):
            raise RuntimeError
        assert Member.objects.filter(organization=world.organization("C111")).count() == 1


def test_system_purpose_acts_on_its_node_only(world):
    with access.acting_as(access.system_actor(Purpose.REMINDERS, world.organization("S11"))):
        assert Member.objects.count() == 2
        assert not access.may("change_members")


@pytest.mark.parametrize(
    ("who", "right", "key", "answer"),
    [
        ("street_clerk@S11", "change_members", "C112", True),
        ("street_clerk@S11", "change_members", "C121", False),
        ("street_clerk@S11", "grant_access", "S11", False),
        ("street_admin@S11", "grant_access", "B111", True),
        ("city_admin@X", "view_members", "C111", False),
        ("inactive", "view_members", "C111", False),
    ],
)
def test_may_answers_for_the_subtree(acting, world, who, right, key, answer):
    organization = world.organization(key)
    with acting(who):
        assert access.may(right, organization) is answer
        assert access.may(right, organization.pk) is answer


def test_users_with_names_the_nearest_first(acting, world):
    with acting("street_clerk@S11"):
        found = access.users_with("log_contacts", world.organization("C111"))
    names = [user.username for user in found]
    assert names[0] == "community_clerk@C111"
    assert set(names[1:]) == {"street_clerk@S11", "street_admin@S11"}


def test_tree_move_carries_path_and_placements(owner, acting, world):
    with acting("street_clerk@S12"):
        assert Member.objects.count() == 2
    assert Organization.objects.below(world.organization("S11")).count() == 4


def _acts_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("select portal.actor()")
        return cursor.fetchone()[0]


def _assert_acting(who):
    """Python and the database agree on who acts, and the wall follows."""
    assert access.current() == who
    assert _acts_in_the_database() == (str(who) if who else None)


class _OnPurpose(Exception):
    pass


@pytest.mark.parametrize("way", ["leaves", "raises", "asks for a rollback", "breaks a statement", "rolls back a part"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_former_actor_is_restored_however_a_scope_ends(transactional_db, world, depth, way):
    """Users, a system purpose and a link inside one another; each scope ends in the same way."""
    link = access.link_actor(uuid.uuid4())
    actors = [
        access.user_actor(world.user("community_clerk@C111")),
        access.system_actor(Purpose.REMINDERS, world.organization("S12")),
        link,
        access.user_actor(world.user("community_clerk@C112")),
    ][: depth + 1]

    def enter(rest):
        if not rest:
            return
        former = access.current()
        try:
            with access.acting_as(rest[0]) as actor:
                _assert_acting(actor)
                enter(rest[1:])
                _assert_acting(actor)
                if former is not None:
                    _end(way)
        except (_OnPurpose, DatabaseError):
            pass
        _assert_acting(former)

    enter(actors)
    _assert_acting(None)
    assert Member.objects.count() == 0


def _end(way):
    if way == "raises":
        raise _OnPurpose
    if way == "asks for a rollback":
        transaction.set_rollback(True)
    if way == "breaks a statement":
        with connection.cursor() as cursor:
            cursor.execute("select 1/0")
    if way == "rolls back a part":
        with pytest.raises(_OnPurpose), transaction.atomic():
            raise _OnPurpose


def test_actor_set_inside_a_savepoint_does_not_survive_it(transactional_db, world):
    clerk, other = (access.user_actor(world.user(f"community_clerk@{key}")) for key in ("C111", "C112"))
    with access.acting_as(clerk):
        point = transaction.savepoint()
        with access.acting_as(other):
            assert world.member("C112")
        transaction.savepoint_rollback(point)
        _assert_acting(clerk)
        assert [str(member.organization) for member in Member.objects.select_related("organization")] == ["样例C111"]
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("select set_config('portal.actor', '', true), 1/0")
        _assert_acting(clerk)
    _assert_acting(None)


def test_scope_of_a_thread_is_its_own(transactional_db, world):
    from threading import Thread

    from django.db import connections

    seen = []

    def ask():
        seen.append((access.current(), Member.objects.count()))
        connections.close_all()

    with access.acting_as(access.user_actor(world.user("street_clerk@S11"))):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    assert seen == [(None, 0)]
