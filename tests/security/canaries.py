"""What must not be seen: strings and keys that only rows of foreign communities hold."""

import re
import urllib.parse
import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg

from members.masks import mask_id_number, mask_mobile
from tests.security.documents import texts_in
from tests.wide_world import BOTH, BOTH_FAMILY, BOTH_MOBILE, KEYS, VISITING, VISITS
from tests.world import canary, family_mobile, id_number, mobile, waiting_mobile

# Tables with a row per community, and the way from the row to its organization.
OWNED = {
    "members_member": "organization_id",
    "members_ledgerimport": "organization_id",
    "members_ledgerexport": "organization_id",
    "members_ledgeranswer": "organization_id",
    "members_samepersoncase": "organization_id",
    "members_transfer": "from_organization_id",
    "contacts_liaison": "organization_id",
    "contacts_contactlog": "organization_id",
    "contacts_thoughtnote": "organization_id",
    "contacts_need": "organization_id",
    "contacts_wechatgroup": "organization_id",
    "contacts_carevisit": "organization_id",
    "contacts_wish": "organization_id",
    "contacts_lostreport": "sender_id",
    "contacts_channelaccount": "organization_id",
    "contacts_datereminder": "organization_id",
    "contacts_contactobligation": "organization_id",
    "contacts_dutydecision": "organization_id",
    "contacts_contactpolicy": "organization_id",
    "contacts_lostcase": "organization_id",
    "contacts_transferadvice": "organization_id",
    "contacts_outboundmessage": "organization_id",
    "activities_activity": "organization_id",
    "activities_parcel": "organization_id",
    "checkin_checkinpoint": "organization_id",
    "checkin_reportin": "organization_id",
    "checkin_desk": "organization_id",
    "checkin_arrival": "organization_id",
    "checkin_reportinlink": "organization_id",
    "checkin_letterversion": "organization_id",
    "checkin_standarddrawing": "organization_id",
    "portal_grantrequest": "organization_id",
    "portal_auditentry": "organization_id",
}
POINT_TO_MEMBER = ("members_movement", "members_phone", "contacts_liaisonassignment", "activities_attendance",
                   "contacts_contactlog", "contacts_contactobligation", "contacts_dutydecision", "contacts_need",
                   "contacts_carevisit", "contacts_datereminder", "contacts_wish", "contacts_lostreport",
                   "contacts_thoughtnote", "checkin_memberrequest", "activities_parcel")  # fmt: skip
OF_MEMBER = ("members_movement", "members_phone", "contacts_liaisonassignment", "activities_attendance",
             "checkin_memberrequest")  # fmt: skip


def keys_by_table(owner: psycopg.Connection) -> dict[str, dict[str, str]]:
    """{table: {community: id of its row}} of the committed world, seen behind the wall; without the rows of `BOTH`."""
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
    statements["checkin_signedform"] = (
        "select o.short_name, t.id from checkin_signedform t join checkin_reportin r on r.id = t.report_in_id"
        " join portal_organization o on o.id = r.organization_id"
    )
    both, visiting = BOTH["members_member"], [*VISITING.values(), *VISITS.values()]
    parts, values = [], []
    for table, statement in statements.items():
        found[table] = {}
        of_member = "t.id" if table == "members_member" else "t.member_id" if table in POINT_TO_MEMBER else "null"
        parts.append(f"select '{table}', x.* from ({statement}"
                     f" where {of_member} is distinct from %s and t.id <> all (%s)) x(place, id)")  # fmt: skip
        values += [both, visiting]
    for table, place, pk in owner.execute(" union all ".join(parts), values):
        assert isinstance(pk, uuid.UUID), "other keys are not found in a text"
        found[table][place.removeprefix("样例")] = str(pk)
    return found


_KEY = re.compile(r"(?=([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))")  # wherever one begins


@dataclass(frozen=True)
class Canaries:
    """Strings of each community; `strings` and `keys` are compared apart because an address may name a key."""

    strings: dict[str, frozenset[str]]
    keys: dict[str, frozenset[str]]
    _hidden: dict[tuple[str, ...], tuple[set[str], set[str]]] = field(default_factory=dict)

    def found_in(self, response: Any, *, readable: tuple[str, ...], asked: str = "") -> set[str]:
        """What of other keys than `readable` a response holds; `asked` is the address it answers.

        Whoever reads an organization's texts may read the names of its accounts; `accounts_of` allows these alone.
        """
        if readable not in self._hidden:
            self._hidden[readable] = self._hidden_from((*readable, *accounts_of(*readable), *names_of(*readable)))
        words, keys = self._hidden[readable]
        text = text_of(response)
        held = {pk for pk in keys.intersection(_KEY.findall(text)) if pk not in asked}
        return {word for word in words if word in text} | held

    def _hidden_from(self, readable: tuple[str, ...]) -> tuple[set[str], set[str]]:
        """The strings and the keys that only others hold."""
        allowed = set().union(*(self.strings[key] for key in readable if key in self.strings))
        allowed_keys = set().union(*(self.keys[key] for key in readable if key in self.keys))
        foreign = [key for key in self.strings if key not in readable]
        words = {word for key in foreign for word in self.strings[key] - allowed}
        return words, {pk for key in foreign for pk in self.keys.get(key, frozenset()) - allowed_keys}


def canaries(keys: dict[str, dict[str, str]]) -> Canaries:
    named = {name: frozenset(_spellings(canary(key))) for key in KEYS for name in names_of(key)}
    members = {name: frozenset([keys["members_member"][key]]) for key in KEYS for name in names_of(key)
               if key in keys.get("members_member", ())}  # fmt: skip
    every = {key: frozenset(rows[key] for rows in keys.values() if key in rows) for key in (*KEYS, "both")}
    return Canaries(
        strings={key: frozenset(_strings(key)) for key in KEYS} | _two_sides() | _accounts() | named,
        keys=every | members,
    )


def names_of(*keys: str) -> tuple[str, ...]:
    """The keys of the canaries in the members' names alone (and the members' keys), without their numbers."""
    return tuple(f"names at {key}" for key in keys)


def accounts_of(*keys: str) -> tuple[str, ...]:
    """The keys of the canaries in the staff accounts of these organizations."""
    return tuple(f"accounts of {key}" for key in keys)


def _accounts() -> dict[str, frozenset[str]]:
    return {name: frozenset([f"账号{key}", f".{key}@example"]) for key in KEYS for name in accounts_of(key)}


def _two_sides() -> dict[str, frozenset[str]]:
    """What the file of the member with two sides holds, and what each side wrote."""
    own = {
        "both": [BOTH_MOBILE, mask_mobile(BOTH_MOBILE)],
        "kept": [BOTH_FAMILY, mask_mobile(BOTH_FAMILY)],
        "home": [],
        "host": [],
    }
    return {key: frozenset([*_spellings(canary(key)), *more]) for key, more in own.items()}


def _spellings(text: str) -> list[str]:
    return [text, urllib.parse.quote(text), text.encode("unicode_escape").decode()]


def _strings(key: str) -> list[str]:
    waiting = waiting_mobile(key)
    plain = [id_number(key), mobile(key), waiting, family_mobile(key), f"R-{key}"]
    masked = [mask_id_number(id_number(key)), mask_mobile(mobile(key)), mask_mobile(waiting)]
    return plain + masked + _spellings(canary(key))


def text_of(response: Any) -> str:
    """Everything that leaves: status line, headers, cookies, body, and the texts inside a file."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return "\n".join(
        [str(response.headers), response.cookies.output(), body.decode("utf-8", "replace"), *texts_in(body)]
    )
