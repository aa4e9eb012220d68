"""Random offices with a naive answer to every question that the resolver is asked: plain loops over plain dicts.

Nothing here is shared with the code under test but the table of roles, which is the rule itself.
"""

import datetime as dt
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from portal import roles
from portal.roles import PURPOSE_RIGHTS, ROLE_RIGHTS, permission_codename

# Roles that are worth something only beside one of these roles, on the same node or above it.
BASES: dict[str, tuple[str, ...]] = getattr(roles, "ROLE_BASES", {})
NODES, USERS, GRANTS, MEMBERS, MOVES = 40, 10, 45, 25, 15


@dataclass
class Grant:
    user: uuid.UUID
    node: uuid.UUID
    role: str
    until: dt.date | None


@dataclass
class Person:
    """A member: the managing node, and for each movement (home, host, is it open)."""

    node: uuid.UUID
    sides: list[tuple[uuid.UUID | None, uuid.UUID | None, bool]] = field(default_factory=list)


class Office:
    """A random tree (several tops), users, grants and members, as plain values."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
        self.parent: dict[uuid.UUID, uuid.UUID | None] = {}
        for _number in range(NODES):
            known = list(self.parent)
            top = not known or self.chance.random() < 0.05
            self.parent[self._id()] = None if top else self.chance.choice(known)
        self.users = {self._id(): self.chance.random() < 0.85 for _number in range(USERS)}  # False: switched off
        self.grants: list[Grant] = []
        taken = set()
        for _number in range(GRANTS):
            user, node, role = self._any(self.users), self._any(self.parent), self._any(ROLE_RIGHTS)
            if (user, node, role) not in taken:
                taken.add((user, node, role))
                days = self.chance.choice([None, None, -400, -1, 0, 1, 400])
                until = None if days is None else self.today + dt.timedelta(days=days)
                self.grants.append(Grant(user, node, str(role), until))
        self.members = {self._id(): self._person() for _number in range(MEMBERS)}

    def _id(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def _any(self, values: Any) -> Any:
        return self.chance.choice(list(values))

    def _person(self) -> Person:
        person = Person(self._any(self.parent))
        for _direction in range(self.chance.randrange(3)):
            home, host = (self._any([None, *self.parent]) for _side in range(2))
            is_open = self.chance.random() < 0.7
            if is_open and person.sides and person.sides[0][2]:  # open episodes agree on the home and on the host
                home, host = person.sides[0][0] or home, person.sides[0][1] or host
            person.sides.append((home, host, is_open))
        return person

    # --- the naive answers --------------------------------------------------------------------------------------

    def line(self, node: uuid.UUID) -> list[uuid.UUID]:
        """The node and everything above it."""
        above, here = [], node
        while here is not None:
            above.append(here)
            here = self.parent[here]
        return above

    def granted(self, user: uuid.UUID) -> set[tuple[str, uuid.UUID]]:
        """(right, node) of the grants in force, without what lies below."""
        mine = [grant for grant in self.grants if grant.user == user and self._in_force(grant)]
        found = set()
        for grant in mine if self.users[user] else []:
            bases = [str(base) for base in BASES.get(grant.role, ())]
            line = self.line(grant.node)
            if not bases or any(other.role in bases and other.node in line for other in mine):
                found |= {(str(right), grant.node) for right in ROLE_RIGHTS[grant.role]}
        return found

    def _in_force(self, grant: Grant) -> bool:
        return grant.until is None or grant.until >= self.today

    def held(self, user: uuid.UUID) -> set[tuple[str, uuid.UUID]]:
        """(right, node) with everything below the granted nodes."""
        return self.spread(self.granted(user))

    def spread(self, granted: set[tuple[str, uuid.UUID]]) -> set[tuple[str, uuid.UUID]]:
        return {(right, node) for right, top in granted for node in self.parent if top in self.line(node)}

    def has_grant(self, user: uuid.UUID) -> bool:
        return self.users[user] and any(grant.user == user and self._in_force(grant) for grant in self.grants)

    def seen_members(self, held: set[tuple[str, uuid.UUID]]) -> set[uuid.UUID]:
        return {pk for pk, nodes in self._sides() if any(("view_members", node) in held for node in nodes)}

    def placements(self) -> set[tuple[uuid.UUID, uuid.UUID]]:
        """(node, member) for every node that a member belongs to, and everything above."""
        return {(above, pk) for pk, nodes in self._sides() for node in nodes for above in self.line(node)}

    def _sides(self) -> Iterator[tuple[uuid.UUID, list[uuid.UUID]]]:
        """Each member with the managing node, and home and host of the open movements."""
        for pk, person in self.members.items():
            both = [node for home, host, is_open in person.sides if is_open for node in (home, host)]
            yield pk, [node for node in (person.node, *both) if node is not None]

    # --- changes ------------------------------------------------------------------------------------------------

    def move(self, owner: psycopg.Connection) -> None:
        """Hang some nodes somewhere else, never below themselves."""
        for _number in range(MOVES):
            moved, target = self._any(self.parent), self._any(self.parent)
            if moved not in self.line(target):
                self.parent[moved] = target
                owner.execute("update portal_organization set parent_id = %s where id = %s", [target, moved])

    def change_people(self, owner: psycopg.Connection) -> None:
        """Switch accounts on or off, end a few grants, and close the movements of some members."""
        for user in self.chance.sample(list(self.users), 3):
            self.users[user] = not self.users[user]
            owner.execute("update portal_user set is_active = %s where id = %s", [self.users[user], user])
        for grant in self.chance.sample(self.grants, 8):
            grant.until = self.today - dt.timedelta(days=1)
            owner.execute(
                "update portal_organizationgrant g set until = %s from auth_permission p where p.id = g.permission_id"
                " and g.user_id = %s and g.content_object_id = %s and p.codename = %s",
                [grant.until, grant.user, grant.node, permission_codename(grant.role)],
            )
        for pk in self.chance.sample(list(self.members), 5):
            self.members[pk].sides = [(home, host, False) for home, host, _is_open in self.members[pk].sides]
            owner.execute("update members_movement set ended_on = '2026-01' where member_id = %s", [pk])

    # --- into the database --------------------------------------------------------------------------------------

    def store(self, owner: psycopg.Connection) -> None:
        """Write everything as the owner, beside the world of the tests."""
        for number, (node, parent) in enumerate(self.parent.items()):
            owner.execute(
                "insert into portal_organization (id, code, name, short_name, party_name, kind, sector, parent_id,"
                " path, is_active) values (%s, %s, 'n', 'n', '', 'street', '', %s, '', true)",
                [node, f"R{node.hex[:8]}{number}", parent],
            )
        for user, is_active in self.users.items():
            owner.execute(
                "insert into portal_user (id, username, name, email, password, is_active, is_superuser,"
                " must_change_password, created_at) values (%s, %s, '', '', '!', %s, false, false, now())",
                [user, user.hex, is_active],
            )
        for grant in self.grants:
            owner.execute(
                "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at,"
                " until, reason) select gen_random_uuid(), %s, id, %s, now(), %s, '' from auth_permission"
                " where codename = %s",
                [grant.user, grant.node, grant.until, permission_codename(grant.role)],
            )
        self._store_members(owner)

    def _store_members(self, owner: psycopg.Connection) -> None:
        """Copies of rows of the world with keys of their own: what is sealed in them is not read here."""
        for table, changes in (("members_member", self._member_rows()), ("members_movement", self._movement_rows())):
            row = owner.execute(f"select to_jsonb(t) from {table} t limit 1").fetchone()
            assert row is not None
            rows = [row[0] | changed for changed in changes]
            owner.execute(
                f"insert into {table} select * from jsonb_populate_recordset(null::{table}, %s::jsonb)",
                [json.dumps(rows, default=str)],
            )

    def _member_rows(self) -> list[dict[str, Any]]:
        return [{"id": pk, "organization_id": person.node, "id_number_digest": None}
                for pk, person in self.members.items()]  # fmt: skip

    def _movement_rows(self) -> list[dict[str, Any]]:
        return [
            {"id": self._id(), "member_id": pk, "direction": direction, "home_organization_id": home,
             "host_organization_id": host, "ended_on": "" if is_open else "2026-01"}
            for pk, person in self.members.items()
            for direction, (home, host, is_open) in zip(("inflow", "outflow"), person.sides, strict=False)
        ]  # fmt: skip


def purpose_rights(purpose: str, node: uuid.UUID) -> set[tuple[str, uuid.UUID]]:
    return {(str(right), node) for right in PURPOSE_RIGHTS[purpose]}
