"""Wall two for every kind of actor: users of all roles, links, purposes, nobody; and what a spoilt policy shows."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest

from portal import access
from tests import databases
from tests.security.reach import GROUPS, MERGED, PLACES, SEES, WRITES, Reach, actor_of, differences, policies_in
from tests.security.walls import WALLS, ask, count
from tests.wide_world import BOTH
from tests.world import CODES

SAMPLE = ("community_clerk@C111", "district_admin@D1", "liaison@C111", "link of C111", "own page of C111",
          "link of C112, closed",
          "system reminders@S11", "expired", "nobody")  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_wide_world(wide_world: None) -> None:
    """These tests commit, so each begins with a database of its own."""
    databases.use_template(databases.WIDE_TEMPLATE)


@pytest.fixture
def one_sided(transactional_db: None, owner: psycopg.Connection, world: Any) -> Reach:
    """A row of every table at every office; the member of two sides, whose rows answer to two rules, is taken out."""
    member = [BOTH["members_member"]]
    owner.execute("delete from contacts_outboundmessage m using contacts_contactobligation o"
                  " where o.id = m.obligation_id and o.member_id = %s", member)  # fmt: skip
    owner.execute("delete from contacts_needaction a using contacts_need n where n.id = a.need_id and n.member_id = %s",
                  member)  # fmt: skip
    for table in (
        "contacts_need",
        "contacts_needevent",
        "contacts_contactlog",
        "contacts_dutydecision",
        "contacts_contactobligation",
        "members_movement",
        "members_phone",
        "members_verification",
        "members_verificationevent",
        "members_stalefile",
    ):
        owner.execute(f"delete from {table} where member_id = %s", member)
    owner.execute("delete from members_samepersoncase where %s in (first_id, second_id)", member)
    owner.execute("delete from members_member where id = %s", member)
    owner.execute("delete from members_movementevent where member_id = %s", member)
    owner.execute("delete from members_memberevent where pgh_obj_id = %s", member)
    owner.execute("insert into contacts_digest"
                  " (id, organization_id, office_id, liaison_id, for_on, state, reason, attempts, is_resend)"
                  " select gen_random_uuid(), organization_id, organization_id, id, '2026-01-01', 'pending', '', 0,"
                  " false"
                  " from contacts_liaison")  # fmt: skip
    # one of them, with what it tells, is for a person who reads no other
    office, reader = world.organization("C111").pk, world.user("liaison@C111").pk
    owner.execute("update contacts_digest set reader_id = %s where organization_id = %s", [reader, office])
    owner.execute("update contacts_outboundmessage m set digest_id = d.id from contacts_digest d"
                  " where d.organization_id = m.organization_id and m.organization_id = %s", [office])  # fmt: skip
    into = world.organization("C221").pk
    owner.execute(
        "update portal_organization set merged_into_id = %s where id = %s", [into, world.organization(MERGED).pk]
    )
    reach = Reach(owner, world, tuple(CODES))
    empty = [(table, key) for table in WALLS for key in PLACES if not reach.rows[table, key]]
    assert empty == [], "a table without a row proves nothing"
    return reach


def _as(actor: access.Actor | None) -> Any:
    return access.acting_as(actor) if actor else nullcontext()


def test_every_table_follows_one_rule() -> None:
    grouped = [table for tables in GROUPS.values() for table in tables]
    assert sorted(grouped) == sorted(WALLS)
    assert set(WRITES) <= set(SEES)


def _wrong(reach: Reach, names: Any, world: Any, owner: psycopg.Connection) -> list[str]:
    wrong = []
    for name in names:
        actor = actor_of(name, world, owner)
        with _as(actor):
            wrong += [f"{name}: {text}" for text in differences(reach, name, actor)]
    return wrong


def test_kinds_of_actors_reach_what_is_written(one_sided: Reach, world: Any, owner: psycopg.Connection) -> None:
    assert _wrong(one_sided, SAMPLE, world, owner) == []


@pytest.mark.matrix
def test_every_kind_of_actor_reaches_what_is_written(one_sided: Reach, world: Any, owner: psycopg.Connection) -> None:
    assert _wrong(one_sided, [name for name in SEES if name not in SAMPLE], world, owner) == []


def test_both_sides_see_a_member_and_their_own_words(transactional_db: None, acting: Any, owner: Any) -> None:
    member = [BOTH["members_member"]]
    for who, sides in (("community_clerk@C111", ["home"]), ("community_clerk@C121", ["host"]),
                       ("district_admin@D1", ["home", "host"]), ("community_clerk@C112", [])):  # fmt: skip
        with acting(who):
            assert count("select 1 from members_member where id = %s", member) == bool(sides)
            assert count("select 1 from members_movement where member_id = %s", member) == bool(sides)
            # the dates of both duties are the agreed minimum; what was said is each side's own
            assert count("select 1 from contacts_contactobligation where member_id = %s", member) == 3 * bool(sides)
            logs = "select array_agg(side::text order by side) from contacts_contactlog where member_id = %s"
            assert (ask(logs, member) or []) == sides
    with acting("community_clerk@C121"):
        for table in ("members_member", "members_movement"):
            column = "id" if table == "members_member" else "member_id"
            setting = "ethnicity = 'x'" if table == "members_member" else "reason = 'x'"
            assert count(f"update {table} set {setting} where {column} = %s", member) == 0
    owner.execute("update members_movement set ended_on = '2026-01' where member_id = %s", member)
    with acting("community_clerk@C121"):
        assert count("select 1 from members_member where id = %s", member) == 0


# --- mutation: one wall is taken away, the tests or the other wall must notice ---------------------------------------


def _create(name: str, table: str, command: str, using: str | None, check: str | None) -> str:
    clauses = (f" using ({using})" if using else "") + (f" with check ({check})" if check else "")
    return f"create policy {name} on {table} {command}{clauses}"


def mutations(owner: psycopg.Connection) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """(name, table, statements that spoil one policy, statements that mend it), for every policy in the catalogue."""
    for name, table, command, using, check in policies_in(owner):
        drop = f"drop policy {name} on {table}"
        yield f"{table}.{name} dropped", table, [drop], [_create(name, table, command, using, check)]
        for clause, expression in (("using", using), ("with check", check)):
            if expression not in (None, "true"):
                opened = f"alter policy {name} on {table} {clause} (true)"
                mended = f"alter policy {name} on {table} {clause} ({expression})"
                yield f"{table}.{name} {clause} (true)", table, [opened], [mended]
    for table in sorted({table for _name, table, *_rest in policies_in(owner)}):
        switch = f"alter table {table} {{}} row level security"
        yield f"{table} without its wall", table, [switch.format("disable")], [switch.format("enable")]


@pytest.mark.matrix
def test_every_spoilt_policy_turns_an_answer_red(one_sided: Reach, world: Any, owner: psycopg.Connection) -> None:
    """Dropped, or opened clause by clause: some actor gets another answer than the one that is written."""
    actors = [(name, actor_of(name, world, owner)) for name in SEES]
    unnoticed, tried = [], 0
    for mutation, table, spoil, mend in list(mutations(owner)):
        tried += 1
        for statement in spoil:
            owner.execute(statement)
        red = False
        for name, actor in actors:
            with _as(actor):
                red = red or bool(differences(one_sided, name, actor, [table]))
            if red:
                break
        for statement in mend:
            owner.execute(statement)
        if not red:
            unnoticed.append(mutation)
    assert not unnoticed, "\n".join(unnoticed)
    assert tried > 2 * len(WALLS)
    assert _wrong(one_sided, SAMPLE, world, owner) == []
