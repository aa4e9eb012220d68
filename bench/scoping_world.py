"""The world of bench/scoping.py: a tree, members with one and with two sides, officers, and the peers' tables.

Everything is loaded set-based as the owner; the placements are made by the portal's own function. The peers get a
narrow table of their own (`bench_member`, both sides as columns, indexed) and no foreign keys to check.
"""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

DISTRICTS = STREETS = COMMUNITIES = 10
STREET_MEMBERS = 10_000  # the measured street sees as many at every size: one answer, a growing table around it
CHUNK = 100_000
ACTORS = {"community": "99000000", "street": "990000", "district": "9900", "city": "99"}  # code of the officer's node
ROLES = {
    "community": ("community_clerk",),
    "street": ("street_clerk",),
    "district": ("district_admin",),
    "city": ("city_viewer", "drill_down"),  # a city sees single members by an extra grant
}
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "建国明华芳丽伟静强磊军洋勇艳杰娟涛敏超秀英霞平刚桂香文辉玲斌红梅健俊海波宁鹏飞鑫宇婷雪春兰凤云志永福"
MEMBER_COLUMNS = (
    "id, data_key, organization_id, name, name_pinyin, name_initials, name_grams, gender, ethnicity, birth_date,"
    " id_number_is_checked, mobile_sealed, mobile_digest, member_type, join_date, full_member_date, education,"
    " occupation, state, is_synthetic, created_at, updated_at"
)
MOVEMENT_COLUMNS = (
    "id, member_id, direction, home_organization_id, home_text, host_organization_id, host_text, started_on,"
    " expected_end_on, ended_on, reason, created_at"
)
PEER_MEMBERS = """
insert into bench_member (id, name, name_pinyin, gender, state, member_type, home_id, host_id)
select m.id, m.name, m.name_pinyin, m.gender, m.state, m.member_type, m.organization_id, v.host_organization_id
  from members_member m join members_movement v on v.member_id = m.id
"""
# Whoever sees a member by a placement holds a row for it; one officer a node.
ROW_GRANTS = """
insert into bench_membergrant (permission_id, user_id, content_object_id)
select %(direct)s, u.id, p.member_id
  from members_placement p join portal_user u on u.username = p.organization_id::text;
insert into guardian_userobjectpermission (permission_id, user_id, content_type_id, object_pk)
select %(generic)s, u.id, %(type)s, p.member_id::text
  from members_placement p join portal_user u on u.username = p.organization_id::text;
insert into bench_organizationgrant (permission_id, user_id, content_object_id)
select %(organization)s, u.id, below.id
  from portal_organization above join portal_organization below on below.path <@ above.path
  join portal_user u on u.username = above.id::text where below.kind = 'community';
"""
FOREIGN_KEYS = """
select conrelid::regclass::text, conname from pg_constraint
 where contype = 'f' and (conrelid::regclass::text like 'bench!_%%' escape '!'
                          or conrelid = 'guardian_userobjectpermission'::regclass)
"""
INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
 where indrelid = any (%s::regclass[]) and not indisunique and not indisexclusion
"""


def fill(size: int, peers: Any) -> None:
    """Make tree, officers, members and row grants; `peers` is the module of the peers' models."""
    from django.db import connections

    communities = _tree()
    with connections["owner"].cursor() as cursor:
        with _indexed_afterwards(cursor, "members_member", "members_movement"):
            _members(cursor, size, communities)
        _place(cursor)
    _officers()
    _peers(peers)
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")


@contextmanager
def _indexed_afterwards(cursor: Any, *tables: str) -> Iterator[None]:
    """Load first, sort once: the indexes of these tables are made anew at the end."""
    cursor.execute(INDEXES, [list(tables)])
    known = cursor.fetchall()
    for name, _ in known:
        cursor.execute(f"drop index {name}")
    yield
    for _, definition in known:
        cursor.execute(definition)


@contextmanager
def _copy(cursor: Any, model: Any, columns: str) -> Iterator[Callable[[tuple[Any, ...]], None]]:
    """Write rows of these columns; all others that must hold something get what the model gives them."""
    named = columns.replace(" ", "").split(",")
    others = [field for field in model._meta.concrete_fields if not field.null and field.column not in named]
    rest = tuple(field.get_db_prep_save(field.get_default(), cursor.db) for field in others)
    names = ", ".join([*named, *(field.column for field in others)])
    with cursor.copy(f"copy {model._meta.db_table} ({names}) from stdin") as copy:
        yield lambda row: copy.write_row(row + rest)


def _tree() -> list[Any]:
    from portal.models import Organization

    def grow(parents: list[Any], kind: str, count: int) -> list[Any]:
        rows = [
            Organization(code=f"{parent.code if parent else '99'}{f'{n:02}' if parent else ''}", name=f"样例{n}",
                         kind=kind, parent=parent) for parent in parents for n in range(count)
        ]  # fmt: skip
        return Organization.objects.using("owner").bulk_create(rows)

    nodes = grow([None], "city", 1)
    for kind, count in (("district", DISTRICTS), ("street", STREETS), ("community", COMMUNITIES)):
        nodes = grow(nodes, kind, count)
    return nodes


def _sides(size: int, communities: list[Any]) -> Iterator[tuple[Any, Any]]:
    """(home, host or None) of each member: every second one has two sides."""
    chance = random.Random(11)
    street, others = communities[:COMMUNITIES], communities[COMMUNITIES:]
    for number in range(size):
        if number >= STREET_MEMBERS:
            home, host = chance.choice(others), chance.choice(others)
        elif number % 2:  # seen by the measured street from outside
            home, host = chance.choice(others), chance.choice(street)
        else:
            home, host = chance.choice(street), chance.choice(others)
            yield home.pk, host.pk if number % 4 else None
            continue
        yield home.pk, host.pk if number % 2 else None


def _members(cursor: Any, size: int, communities: list[Any]) -> None:
    from django.utils import timezone

    from members.models import Member, Movement
    from members.names import search_keys

    tables = ("members_member", "members_movement")
    for table in tables:  # row history is not what is measured here
        cursor.execute(f"alter table {table} disable trigger user")
    chance, now, known = random.Random(7), timezone.now(), {}
    sample = Member(id=uuid.UUID(int=1))
    sample.mobile = "13000000000"
    sides = list(_sides(size, communities))
    ids = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(size)]
    with _copy(cursor, Member, MEMBER_COLUMNS) as copy:
        for pk, (home, _host) in zip(ids, sides, strict=True):
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            key = known.get(name) or known.setdefault(name, search_keys(name))
            copy((
                pk, sample.data_key, home, name, key["name_pinyin"], key["name_initials"], key["name_grams"], "male",
                "汉族", "1980-01", True, sample.mobile_sealed, pk.bytes * 2, "full", "2005", "", "", "", "floating",
                True, now, now,
            ))  # fmt: skip
    with _copy(cursor, Movement, MOVEMENT_COLUMNS) as copy:
        for pk, (home, host) in zip(ids, sides, strict=True):
            text = "" if host else "外地支部"
            copy((uuid.uuid4(), pk, "outflow", home, "", host, text, "2025-03", "", "", "", now))
    for table in tables:
        cursor.execute(f"alter table {table} enable trigger user")


def _place(cursor: Any) -> None:
    """By the portal's own function, in chunks: what it looks for of earlier rows it finds by an index."""
    cursor.execute("select id from members_member order by id")
    ids = [pk for (pk,) in cursor.fetchall()]
    cursor.execute("analyze members_member, members_movement, portal_organization")
    cursor.execute("set work_mem = '256MB'; drop index placement_list")
    for first in range(0, len(ids), CHUNK):
        cursor.execute("select portal.place_members(%s)", [ids[first : first + CHUNK]])
        if not first:
            cursor.execute("analyze members_placement")
    cursor.execute(
        "create index placement_list on members_placement (organization_id, name_pinyin, member_id); reset work_mem"
    )


def _officers() -> None:
    """One officer for every node, by the roles of its kind."""
    from django.contrib.auth.models import Permission

    from portal.models import Organization, OrganizationGrant, User
    from portal.roles import permission_codename

    permissions = dict(Permission.objects.using("owner").values_list("codename", "pk"))
    roles = dict(ROLES)
    if permission_codename("drill_down") not in permissions:
        roles["city"] = roles["district"]  # any role that may view members does for the measurement
    nodes = list(Organization.objects.using("owner").all())
    users = User.objects.using("owner").bulk_create([User(username=str(node.pk)) for node in nodes])
    OrganizationGrant.objects.using("owner").bulk_create(
        OrganizationGrant(user=user, permission_id=permissions[permission_codename(role)], content_object=node)
        for user, node in zip(users, nodes, strict=True)
        for role in roles[node.kind]
    )


def _peers(peers: Any) -> None:
    from django.db import connections

    with connections["owner"].schema_editor() as editor:
        for model in peers.TABLES:
            editor.create_model(model)
    with connections["owner"].cursor() as cursor:
        cursor.execute(FOREIGN_KEYS)
        for table, name in cursor.fetchall():
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        with _indexed_afterwards(cursor, "bench_member", "bench_membergrant", "guardian_userobjectpermission"):
            cursor.execute(PEER_MEMBERS)
            cursor.execute(ROW_GRANTS, peers.permissions())
