"""What must not be seen: strings and keys that only rows of foreign communities hold."""

import io
import urllib.parse
import zipfile
from dataclasses import dataclass
from typing import Any

import psycopg

from members.models import mask_id_number, mask_mobile
from tests.world import COMMUNITIES, canary, id_number, mobile

# Tables with a row per community, and the way from the row to its organization.
OWNED = {
    "members_member": "organization_id",
    "members_ledgerimport": "organization_id",
    "contacts_liaison": "organization_id",
    "contacts_contactlog": "organization_id",
    "contacts_contactobligation": "organization_id",
    "contacts_contactpolicy": "organization_id",
    "contacts_outboundmessage": "organization_id",
    "activities_activity": "organization_id",
    "checkin_checkinpoint": "organization_id",
    "checkin_reportin": "organization_id",
    "portal_grantrequest": "organization_id",
    "portal_auditentry": "organization_id",
}
OF_MEMBER = ("members_movement", "contacts_liaisonassignment", "activities_attendance")


def keys_by_table(owner: psycopg.Connection) -> dict[str, dict[str, str]]:
    """{table: {community: id of its row}} of the committed world, seen behind the wall."""
    found: dict[str, dict[str, str]] = {}
    statements = {table: f"select o.short_name, t.id from {table} t join portal_organization o on o.id = t.{path}"
                  for table, path in OWNED.items()}  # fmt: skip
    for table in OF_MEMBER:
        statements[table] = (f"select o.short_name, t.id from {table} t join members_member m on m.id = t.member_id"
                             " join portal_organization o on o.id = m.organization_id")  # fmt: skip
    statements["checkin_checkincode"] = (
        "select o.short_name, t.id from checkin_checkincode t join checkin_checkinpoint p on p.id = t.point_id"
        " join portal_organization o on o.id = p.organization_id"
    )
    for table, statement in statements.items():
        found[table] = {name.removeprefix("样例"): str(pk) for name, pk in owner.execute(statement)}
    return found


@dataclass(frozen=True)
class Canaries:
    """Strings of each community; `strings` and `keys` are compared apart because an address may name a key."""

    strings: dict[str, frozenset[str]]
    keys: dict[str, frozenset[str]]

    def found_in(self, response: Any, *, readable: tuple[str, ...], asked: str = "") -> set[str]:
        """What of other communities than `readable` a response holds; `asked` is the address it answers."""
        text = text_of(response)
        allowed = set().union(*(self.strings[key] for key in readable)) if readable else set()
        foreign = [key for key in COMMUNITIES if key not in readable]
        leaked = {word for key in foreign for word in self.strings[key] - allowed if word in text}
        return leaked | {pk for key in foreign for pk in self.keys[key] if pk in text and pk not in asked}


def canaries(keys: dict[str, dict[str, str]]) -> Canaries:
    return Canaries(
        strings={key: frozenset(_strings(key)) for key in COMMUNITIES},
        keys={key: frozenset(rows[key] for rows in keys.values() if key in rows) for key in COMMUNITIES},
    )


def _strings(key: str) -> list[str]:
    waiting = f"139000{key[1:]}00"
    plain = [canary(key), id_number(key), mobile(key), waiting, f"账号{key}", f".{key}@example", f"R{key}"]
    masked = [mask_id_number(id_number(key)), mask_mobile(mobile(key)), mask_mobile(waiting)]
    return plain + masked + [urllib.parse.quote(canary(key)), canary(key).encode("unicode_escape").decode()]


def text_of(response: Any) -> str:
    """Everything that leaves: status line, headers, cookies, body, and what a packed body holds."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [str(response.headers), response.cookies.output(), body.decode("utf-8", "replace")]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts += [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
    return "\n".join(parts)
