"""The one resolver against a naive walk over random trees, grants and members; and its inverse."""

import os
import uuid
from typing import Any

import pytest
from django.db import connection

from members.models import Member
from portal import access
from portal.roles import Purpose, Right
from tests.security.offices import Office, purpose_rights

SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")
RIGHTS = [str(right) for right in Right]
SAMPLE = 12  # (right, node) pairs that `may` is asked one by one, beside all of them at once


def _rows(statement: str, values: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def _all_may(office: Office) -> set[tuple[str, uuid.UUID]]:
    """Every (right, node) of the office that the database says yes to."""
    found = _rows(
        "select r, o.id from unnest(%s::text[]) r cross join portal_organization o"
        " where o.id = any(%s) and portal.may(r, o.id)",
        [RIGHTS, list(office.parent)],
    )
    return set(found)


def _wrong_answers(office: Office, actor: access.Actor, granted: set[tuple[str, uuid.UUID]]) -> list[str]:
    """What the database and Python answer to this actor, where it differs from the naive walk."""
    held = office.spread(granted)
    wrong = []

    def check(name: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            wrong.append(f"{actor}: {name} answers {found!r}, a walk answers {wanted!r}")

    with access.acting_as(actor):
        check("held_rights", set(_rows('select "right", organization_id from portal.held_rights()')), granted)
        check("may (all)", _all_may(office), held)
        for right in RIGHTS:
            wanted = {node for name, node in held if name == right}
            check(f"granted_nodes {right}", set(access.granted_nodes(right)), {n for r, n in granted if r == right})
            check(f"organization_ids {right}", set(access.organization_ids(right)), wanted)
            check(f"may {right} anywhere", access.may(right), bool(wanted))
        some = sorted({str(right) for right, _node in granted})[:3] or ["view_members"]
        for right in some:
            found = set(access.organizations(right).values_list("pk", flat=True))
            check(f"organizations {right}", found, {node for name, node in held if name == right})
        for _number in range(SAMPLE):
            right, node = office.chance.choice(RIGHTS), office.chance.choice(list(office.parent))
            check(f"may {right} on {node}", access.may(right, node), (right, node) in held)
        seen = office.seen_members(held)
        members = Member.objects.filter(pk__in=list(office.members))
        check("members behind the wall", set(members.values_list("pk", flat=True)), seen)
        check("members visible to", set(members.visible_to(actor).values_list("pk", flat=True)), seen)
    return wrong


def _check(office: Office, owner: Any) -> list[str]:
    wrong = []
    placed = owner.execute(
        "select organization_id, member_id from members_placement where member_id = any(%s)", [list(office.members)]
    ).fetchall()
    if set(placed) != office.placements():
        wrong.append(f"placements differ: {set(placed) ^ office.placements()}")
    for user in office.users:
        actor = access.Actor("user", str(user))
        wrong += _wrong_answers(office, actor, office.granted(user))
        with access.acting_as(actor):
            if _rows("select portal.has_grant()") != [(office.has_grant(user),)]:
                wrong.append(f"{actor}: has_grant")
    for purpose in Purpose.values:
        node = office.chance.choice(list(office.parent))
        wrong += _wrong_answers(office, access.system_actor(purpose, node), purpose_rights(purpose, node))
    return wrong + _not_inverse(office)


def _not_inverse(office: Office) -> list[str]:
    """`users_with` names exactly the users who hold a right on a node, for every right and node."""
    everybody = {user: office.held(user) for user in office.users}
    asking = access.Actor("user", str(next(iter(office.users))))
    with access.acting_as(asking):
        found = _rows(
            "select r, o.id, array(select distinct u.user_id from portal.users_with(r, o.id) u)"
            " from unnest(%s::text[]) r cross join portal_organization o where o.id = any(%s)",
            [RIGHTS, list(office.parent)],
        )
        right, node = office.chance.choice(RIGHTS), office.chance.choice(list(office.parent))
        in_python = {user.pk for user in access.users_with(right, node)}
    wrong = [
        f"users_with({right}, {node}): {sorted(users)}"
        for right, node, users in found
        if set(users) != {user for user, held in everybody.items() if (right, node) in held}
    ]
    if in_python != {user for user, held in everybody.items() if (right, node) in held}:
        wrong.append(f"access.users_with({right}, {node}): {sorted(in_python)}")
    assert len(found) == len(RIGHTS) * len(office.parent)
    return wrong


def _run(number: int, owner: Any) -> None:
    seed = f"{SEED}-{number}"
    print(f"office {seed}")
    office = Office(seed)
    office.store(owner)
    assert any(office.seen_members(office.held(user)) for user in office.users), "an office where nobody sees anybody"
    assert _check(office, owner) == [], f"seed {seed}"
    office.move(owner)
    office.change_people(owner)
    assert _check(office, owner) == [], f"seed {seed}, after moves"


def test_resolver_answers_as_a_naive_walk(transactional_db: None, owner: Any) -> None:
    _run(0, owner)


@pytest.mark.matrix
@pytest.mark.parametrize("number", range(1, 41))
def test_resolver_answers_as_a_naive_walk_over_many_trees(number: int, transactional_db: None, owner: Any) -> None:
    _run(number, owner)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("function", "text", "broken"),
    [
        ("held_rights", "and u.is_active", ""),
        ("held_rights", "g.until >=", "g.until <>"),
        ("held_rights", "g.until is null or", ""),
        ("held_rights", "g.user_id = who_id::uuid", "true"),
        ("held_rights", "r.purpose = split_part(who_id, '@', 1)", "true"),
        ("organization_ids", "<@", "@>"),
        ("organization_ids", "portal.granted_nodes(wanted)", "portal.granted_nodes('view_aggregates')"),
        ("may", "@>", "<@"),
        ("may", "node.id = organization and", ""),
        ("users_with", "@>", "<@"),
        ("users_with", "and u.is_active", ""),
        ("users_with", "and r.\"right\" = wanted", ""),
        ("users_with", "g.until >=", "g.until >"),
        ("has_grant", "and u.is_active", ""),
        ("place_members", "where v.ended_on = ''", "where true"),
        ("place_members", "(v.home_organization_id), (v.host_organization_id)", "(v.home_organization_id)"),
        ("place_after_tree_move", "operator(public.<@) new.path", "= new.path"),
    ],
)  # fmt: skip
def test_broken_resolver_is_noticed(function: str, text: str, broken: str, transactional_db: None, owner: Any) -> None:
    definition = owner.execute(
        "select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'portal' and p.proname = %s", [function],
    ).fetchone()[0]  # fmt: skip
    assert text in definition, "the function was rewritten: break it in another way"
    owner.execute(definition.replace(text, broken))
    office = Office(f"{SEED}-0")
    office.store(owner)
    wrong = _check(office, owner)
    office.move(owner)
    office.change_people(owner)
    assert wrong or _check(office, owner)
