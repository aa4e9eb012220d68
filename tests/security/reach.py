"""What every kind of actor may do with every table under a policy, written by hand from the rules of access.

`SEES[actor][group]` names the offices whose rows are read, `WRITES[actor][group]` those whose rows are made and
changed; a group that is missing is closed. A group holds the tables that follow one rule (`GROUPS`). The clerk's own
expectations are in tests/security/walls.py, where a new table gets its row; here it gets a group.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal import access
from portal.roles import Purpose
from tests.security.walls import WALLS, Rows, Wall, _any_setting, _is_refusal, count

GROUPS: dict[str, tuple[str, ...]] = {
    # with the member they belong to
    "members": ("members_member", "members_movement"),
    "history": (
        "members_memberevent",
        "members_movementevent",
        "members_phoneevent",
        "members_verificationevent",
        "members_stalefile",
    ),  # of the managing side
    "checks": ("members_verification",),
    "imported rows": ("members_importedrow",),
    "phones": ("members_phone",),  # the family's, which these are: of the managing side too
    "duties": ("contacts_contactobligation",),
    "arrangements": ("contacts_dutydecision",),
    "assignments": ("contacts_liaisonassignment", "contacts_liaisonassignmentevent"),
    "attendances": ("activities_attendance",),
    "logs": ("contacts_contactlog",),
    "thoughts": ("contacts_thoughtnote",),  # of the liaison, the branch's secretary and the street's administrator
    "placements": ("members_placement",),
    # with the organization they belong to
    "imports": ("members_ledgerimport", "members_ledgersource"),
    "answers": ("members_ledgeranswer",),  # read, not changed, from below too
    "transfers": ("members_transfer",),
    "exports": ("members_ledgerexport",),
    "export files": ("members_exportfile",),  # through portal.fetch_export alone
    "liaisons": ("contacts_liaison", "contacts_liaisonevent"),
    "activities": ("activities_activity", "activities_activityevent", "activities_parcel"),
    "lost": ("contacts_lostcase", "contacts_lostcaseevent", "contacts_lostreport"),
    "advice": ("contacts_transferadvice",),
    "needs": ("contacts_need", "contacts_needaction", "contacts_needevent"),
    "groups": ("contacts_wechatgroup", "contacts_wechatgroupevent", "contacts_groupmembership"),
    "care": ("contacts_carevisit", "contacts_wish"),
    "robots": ("contacts_channelaccount",),  # of whoever arranges liaisons, and of the rounds of reminders
    "dates": ("contacts_datereminder",),
    "messages": ("contacts_outboundmessage",),
    "digests": ("contacts_digest",),
    "points": ("checkin_checkinpoint", "checkin_checkincode", "checkin_checkinpointevent", "checkin_checkincodeevent"),
    "stationery": ("checkin_letterversion", "checkin_standarddrawing"),  # read from below, too
    "report_ins": (
        "checkin_reportin",
        "checkin_reportinevent",
        "checkin_signedform",
        "checkin_reportinlink",
        "checkin_reportinlinkevent",
    ),
    "phones of members": ("checkin_memberdevice",),
    "desks": ("checkin_desk", "checkin_arrival"),
    "scans": ("checkin_scan",),
    "links": ("portal_worklink",),
    "sent in": ("checkin_memberrequest",),  # by members, for whoever keeps the file
    "grants": ("portal_organizationgrant", "portal_organizationgrantevent"),
    "requests": ("portal_grantrequest",),
    "tree history": ("portal_organizationevent",),
    "interval history": (
        "contacts_contactpolicyevent",
        "contacts_channelaccountevent",
        "contacts_calendardayevent",
        "contacts_dateruleevent",
    ),
    "audit": ("portal_auditentry",),
    "cases": ("members_samepersoncase",),
    # readable to whoever acts, or to all
    "intervals": ("contacts_contactpolicy", "contacts_calendarday", "contacts_daterule"),
    "pillars": ("contacts_pillarmetric",),
    "organizations": ("portal_organization",),
}

COMMUNITY = ("C111", "B111")
STREET = ("C111", "B111", "C112", "S11")
DISTRICT = (*STREET, "C121", "C122")
CITY = (*DISTRICT, "C211", "C212", "C221", "C222")
TREE_OF_DISTRICT = (*DISTRICT, "D1", "S12")
MERGED = "C222"  # into C221: no longer for anybody to change
TREE_OF_CITY = tuple(key for key in (*CITY, "D1", "S12", "X", "D2", "S21", "S22") if key != MERGED)

_OF_MEMBERS = ("members", "duties", "assignments", "attendances")
_OF_VIEWERS = (
    *_OF_MEMBERS,
    "arrangements",
    "history",
    "checks",
    "imported rows",
    "phones",
    "logs",
    "needs",
    "groups",
    "care",
    "dates",
    "placements",
    "liaisons",
    "activities",
    "messages",
    "lost",
    "advice",
    "points",
    "stationery",
)
_OF_CLERKS = (*_OF_VIEWERS, "imports", "answers", "exports", "transfers", "report_ins", "links", "interval history",
              "phones of members", "desks", "scans", "sent in", "robots")  # fmt: skip
_CHECKIN = ("points", "stationery", "report_ins", "desks", "scans")
_OF_ADMINISTRATORS = ("grants", "requests", "tree history")
_WRITTEN_BY_CLERKS = ("members", "phones", "checks", "imported rows", "assignments", "attendances", "logs", "thoughts",
                      "needs", "groups", "care", "robots", "dates", "arrangements", "imports", "answers", "liaisons",
                      "activities", "points", "stationery", "report_ins", "links", "intervals", "lost", "advice",
                      "desks", "phones of members", "sent in")  # fmt: skip


def _all(groups: tuple[str, ...], keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(groups, keys)


SEES: dict[str, dict[str, tuple[str, ...]]] = {
    "community_clerk@C111": _all(_OF_CLERKS, COMMUNITY) | _all(("answers", "stationery"), (*COMMUNITY, "S11")),
    "street_clerk@S11": _all(_OF_CLERKS, STREET),
    "street_admin@S11": _all((*_OF_CLERKS, *_OF_ADMINISTRATORS, "audit", "cases", "thoughts"), STREET),
    "district_admin@D1": _all((*_OF_VIEWERS, *_OF_ADMINISTRATORS, "cases"), DISTRICT),
    "district_viewer@D1": {},
    "city_admin@X": _all((*_OF_ADMINISTRATORS, "cases"), CITY),
    "city_viewer@X": {},
    "branch_secretary@B111": _all((*_OF_VIEWERS, "thoughts"), ("B111",)) | {"stationery": (*COMMUNITY, "S11")},
    "liaison@C111": _all((*_OF_MEMBERS, "logs", "thoughts", "needs", "dates", "messages", "digests"), ("C111",)),
    "visitor@C111": {},
    "auditor@S11": _all(("audit",), STREET),
    "operator@X": {},
    "stranger": {},
    "inactive": {},
    "expired": {},
    "link of C111": _all((*_OF_MEMBERS, "logs", "thoughts", "needs", "dates"), ("C111",)),
    "link of C112, closed": {},
    "link of C121, not bound": {},
    "own page of C111": {},  # what it shows comes out of functions
    "system reminders@S11": _all((*_OF_VIEWERS, "digests", "robots"), STREET),
    "system checkin@S11": _all(_CHECKIN, STREET),
    "system setup@S11": _all(_OF_ADMINISTRATORS, STREET),
    "system duplicates@S11": _all(("cases",), STREET),
    "system demo@S11": _all((*_OF_CLERKS, *_OF_ADMINISTRATORS, "thoughts"), STREET),
    "nobody": {},
}
WRITES: dict[str, dict[str, tuple[str, ...]]] = {
    "community_clerk@C111": _all(_WRITTEN_BY_CLERKS, COMMUNITY),
    "street_clerk@S11": _all(_WRITTEN_BY_CLERKS, STREET),
    "street_admin@S11": _all((*_WRITTEN_BY_CLERKS, "organizations", "pillars"), STREET),
    "district_admin@D1": _all(("organizations",), TREE_OF_DISTRICT) | {"lost": DISTRICT, "pillars": DISTRICT},
    "city_admin@X": _all(("organizations",), TREE_OF_CITY) | {"pillars": CITY},
    "branch_secretary@B111": _all(("logs", "thoughts", "lost", "dates"), ("B111",)),
    "liaison@C111": _all(("logs", "thoughts", "dates"), ("C111",)),
    "link of C111": _all(("logs", "thoughts", "dates"), ("C111",)),
    "system reminders@S11": _all(("messages", "digests"), STREET),
    "system checkin@S11": _all(_CHECKIN, STREET),
    "system setup@S11": _all(("organizations", "pillars"), STREET),
    "system demo@S11": _all((*_WRITTEN_BY_CLERKS, "organizations", "pillars"), STREET),
}  # fmt: skip
# About whose organizations an actor writes audit entries: where it holds some right (an entry about a single member
# whom it reaches otherwise is in tests/portal/test_audit.py).
AUDITS: dict[str, tuple[str, ...]] = {
    "community_clerk@C111": COMMUNITY,
    "district_admin@D1": DISTRICT,
    "district_viewer@D1": DISTRICT,
    "city_admin@X": CITY,
    "city_viewer@X": CITY,
    "operator@X": CITY,
    "branch_secretary@B111": ("B111",),
    "link of C111": ("C111",),  # that a phone was bound
} | _all(("street_clerk@S11", "street_admin@S11", "auditor@S11", "system reminders@S11", "system checkin@S11",
          "system setup@S11", "system duplicates@S11", "system demo@S11"), STREET)  # fmt: skip
# Asked at each of these: own, below, sibling, above, other street, other district, other city.
PLACES = ("C111", "B111", "C112", "S11", "C121", "C211", "C311")
EVERYWHERE = ("intervals", "pillars", "organizations")  # groups that whoever acts may read


def actor_of(name: str, world: Any, owner: psycopg.Connection) -> access.Actor | None:
    """The actor of a name in SEES; bound, closed and expired links are made so here."""
    if name == "nobody":
        return None
    kind, _space, rest = name.partition(" ")
    if kind == "system":
        purpose, _at, key = rest.partition("@")
        return access.system_actor(Purpose(purpose), world.organization(key))
    if kind in ("link", "own"):
        key, subject = rest.removeprefix("page ").removeprefix("of ").partition(",")[0], "liaison"
        if kind == "own":
            subject = "member"
        link = owner.execute("select id from portal_worklink where organization_id = %s and subject_kind = %s",
                             [world.organization(key).pk, subject]).fetchone()  # fmt: skip
        assert link is not None
        if "not bound" not in rest:
            owner.execute("update portal_worklink set device_digest = 'x' where id = %s", [link[0]])
        if "closed" in rest:
            owner.execute("update portal_worklink set closed_at = now(), closed_reason = 'revoked' where id = %s", link)
        return access.link_actor(link[0])
    return access.user_actor(world.user(name))


class Reach:
    """The rows of every table by office, read by the owner before anybody asks."""

    def __init__(self, owner: psycopg.Connection, world: Any, keys: tuple[str, ...]) -> None:
        self.rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.nodes = {key: str(world.organization(key).pk) for key in keys}
        for table, wall in WALLS.items():
            for key, node in self.nodes.items():
                found = owner.execute(
                    f"select {Rows.key_of(table)}::text, to_jsonb({table}.*)::text from {table} where {wall.of}"
                    " order by 1", [node]).fetchall()  # fmt: skip
                self.rows[table, key] = found
        self.own = {tuple(row) for row in owner.execute(
            "select 'portal_organizationgrant', user_id::text, id::text from portal_organizationgrant"
            " union select 'portal_organizationgrantevent', user_id::text, pgh_id::text"
            "   from portal_organizationgrantevent"
            " union select 'contacts_liaison', coalesce(k.id, l.user_id)::text, l.id::text"
            "   from contacts_liaison l left join portal_worklink k on k.subject_id = l.id"
            " union select 'contacts_liaison', l.user_id::text, l.id::text from contacts_liaison l"
            " union select 'contacts_liaisonevent', coalesce(k.id, l.user_id)::text, e.pgh_id::text"
            "   from contacts_liaisonevent e join contacts_liaison l on l.id = e.pgh_obj_id"
            "   left join portal_worklink k on k.subject_id = l.id"
            " union select 'contacts_liaisonevent', l.user_id::text, e.pgh_id::text"
            "   from contacts_liaisonevent e join contacts_liaison l on l.id = e.pgh_obj_id")}  # fmt: skip

    def target(self, column: str) -> str:
        """Where a row would be given away to: the organization, member or point of another city."""
        table = {"member_id": "members_member", "point_id": "checkin_checkinpoint"}.get(column)
        return self.keys_of(table, "C311")[0] if table else self.nodes["C311"]

    def keys_of(self, table: str, key: str) -> list[str]:
        return [pk for pk, _text in self.rows[table, key]]


def differences(reach: Reach, name: str, actor: access.Actor | None, tables: Any = None) -> list[str]:
    """Every answer of the database to the current actor that differs from what is written above. Changes nothing."""
    found = []
    for group, names in GROUPS.items():
        for table in names:
            if tables is None or table in tables:
                found += [f"{table}: {text}" for text in _of_table(reach, name, actor, group, table)]
    return found


def _of_table(reach: Reach, name: str, actor: access.Actor | None, group: str, table: str) -> Iterator[str]:
    wall, seen, written = WALLS[table], SEES[name].get(group, ()), WRITES.get(name, {}).get(group, ())
    if group == "organizations" or (group in ("intervals", "pillars") and actor is not None):
        seen = tuple(reach.nodes)
    for key in PLACES:
        ids = reach.keys_of(table, key)
        wanted = {pk for pk in ids if key in seen or _is_own(reach, table, pk, name, actor)}
        with connection.cursor() as cursor:
            column = f"{Rows.key_of(table)}::text"
            cursor.execute(f"select {column} from {table} where {column} = any(%s)", [ids])
            got = {pk for (pk,) in cursor.fetchall()}
        if got != wanted:
            yield f"select at {key}: {len(got)} rows, expected {len(wanted)}"
        if table == "portal_auditentry":
            yield from _in_whose_name(reach, key, name, actor)
        elif ids and wall.insert is not None:
            made = _insert(reach, table, wall, key)
            if made != ("made" if key in written else "refused"):
                yield f"insert at {key}: {made}, expected otherwise"
    everything = sum(len(reach.keys_of(table, key)) for key in reach.nodes if key in written)
    for command, allowed in (("update", wall.update), ("delete", wall.delete)):
        setting = f"update {table} set {wall.setting or _any_setting(table)}"
        answer = count(setting if command == "update" else f"delete from {table}")
        if answer != (None if allowed is None else everything):
            yield f"{command}: {answer} rows, expected {everything if allowed is not None else 'a refusal'}"

    if wall.moving and written:
        moved = count(f"update {table} set {wall.moving} = %s", [reach.target(wall.moving)])
        if moved is not None:
            yield f"moving by {wall.moving}: {moved} rows, expected a refusal"


def _is_own(reach: Reach, table: str, pk: str, name: str, actor: access.Actor | None) -> bool:
    """An account reads its own grants, and itself as a liaison; so does a link, while it is in force."""
    return actor is not None and "," not in name and (table, actor.id, pk) in reach.own


def _in_whose_name(reach: Reach, key: str, name: str, actor: access.Actor | None) -> Iterator[str]:
    """An audit entry is written by whoever acts, in no other name."""
    own = "made" if key in AUDITS.get(name, ()) else "refused"
    for author, wanted in ((str(actor), own), ("system.world", "refused")):
        made = _insert(reach, "portal_auditentry", Wall(fresh={"actor": author}), key)
        if made != wanted:
            yield f"insert at {key} as {author}: {made}, expected {wanted}"


def _insert(reach: Reach, table: str, wall: Wall, key: str) -> str:
    row = json.loads(reach.rows[table, key][0][1]) | wall.fresh
    if "id" in row:
        row["id"] = str(uuid.uuid4())
    if table == "portal_organization":
        row["parent_id"] = reach.nodes[key]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"insert into {table} select * from jsonb_populate_record(null::{table}, %s::jsonb)", [json.dumps(row)]
            )
            transaction.set_rollback(True)
    except IntegrityError:
        return "made"  # the wall let it through; a constraint came afterwards
    except DatabaseError as error:
        return "refused" if _is_refusal(error) else f"error {error}"
    return "made"


def policies_in(owner: psycopg.Connection) -> list[tuple[str, str, str, str | None, str | None]]:
    """(name, table, what it is for, using, with check) of every policy in the catalogue."""
    commands = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}
    found = owner.execute(
        "select polname, polrelid::regclass::text, polcmd::text, polpermissive, pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid) from pg_policy order by 2, 1"
    )
    return [
        (name, table, f"{'' if permissive else 'as restrictive '}for {commands[command]}", using, check)
        for name, table, command, permissive, using, check in found
    ]
