"""What one clerk may do with every table under a policy, written by hand; and the questions that prove it.

The clerk of C111 acts. `see` and `insert` name the positions whose rows may be read or made; `update` and `delete`
count the rows that a statement without any condition may touch (None: the app role does not hold the privilege at
all). A statement without condition reads no column, so the policy of the command answers alone.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import DatabaseError, IntegrityError, connection, transaction

CLERK = "community_clerk@C111"
PLACES = {"own": "C111", "sibling": "C112", "street": "C121"}
EVERYWHERE = ("own", "sibling", "street")
OWN = ("own",)
NOWHERE = ()


@dataclass(frozen=True)
class Wall:
    """`of` selects the rows of one organization (%s is its id); `setting` is an update that does little harm;
    `moving` is the column that a row would be given away by; `fresh` replaces values of a copy that is inserted."""

    of: str = "organization_id = %s"
    see: tuple[str, ...] = OWN
    insert: tuple[str, ...] | None = None
    update: int | None = None
    delete: int | None = None
    setting: str = ""
    moving: str = ""
    fresh: dict[str, Any] = field(default_factory=dict)


_MEMBER = "member_id in (select id from members_member where organization_id = %s)"
_POINT = "point_id in (select id from checkin_checkinpoint where organization_id = %s)"

WALLS = {
    "members_placement": Wall(),
    "members_member": Wall(insert=OWN, update=1, setting="ethnicity = 'x'", moving="organization_id"),
    "members_movement": Wall(_MEMBER, insert=OWN, update=1, setting="reason = 'x'", moving="member_id"),
    "members_phone": Wall(_MEMBER, insert=OWN, update=1, setting="use = 'work'", moving="member_id"),
    "members_phoneevent": Wall(_MEMBER),
    "members_verification": Wall(_MEMBER, insert=OWN, update=1, setting="verified_on = verified_on - 1",
                                 moving="member_id", fresh={"part": "work"}),
    "members_verificationevent": Wall(_MEMBER),
    "members_stalefile": Wall(_MEMBER),
    "members_importedrow": Wall(_MEMBER),
    "members_ledgerimport": Wall(insert=OWN, update=1, setting="direction = ''", moving="organization_id"),
    "members_ledgersource": Wall("batch_id in (select id from members_ledgerimport where organization_id = %s)",
                                 insert=OWN, delete=1),
    "members_ledgeranswer": Wall(insert=OWN, update=1, delete=1, setting="value = ''", moving="organization_id"),
    "members_samepersoncase": Wall(see=NOWHERE),
    "members_ledgerexport": Wall(),
    "members_exportfile": Wall("export_id in (select id from members_ledgerexport where organization_id = %s)",
                               see=NOWHERE),
    "members_transfer": Wall("from_organization_id = %s"),
    "members_memberevent": Wall(),
    "members_movementevent": Wall(_MEMBER),
    "contacts_liaison": Wall(insert=OWN, update=1, setting="email = ''", moving="organization_id",
                             fresh={"user_id": None}),
    "contacts_liaisonassignment": Wall(_MEMBER, insert=OWN, update=1, setting="is_primary = false",
                                       moving="member_id"),
    "contacts_liaisonassignmentevent": Wall(_MEMBER),
    "contacts_contactpolicy": Wall(see=EVERYWHERE, insert=OWN, update=1, delete=1, setting="target_days = 5",
                                   moving="organization_id"),
    "contacts_contactobligation": Wall(),
    "contacts_dutydecision": Wall(insert=OWN, update=1, setting="ended_on = '2026-11-20'", moving="organization_id"),
    "contacts_contactlog": Wall(insert=OWN),
    "contacts_thoughtnote": Wall(see=NOWHERE, insert=OWN),  # a community's clerk reads what the clerk wrote alone
    "contacts_lostcase": Wall(insert=OWN, update=1, setting="body = 'x'", moving="organization_id"),
    "contacts_lostcaseevent": Wall(),
    "contacts_transferadvice": Wall(insert=OWN),
    "contacts_need": Wall(update=1, setting="category = 'other'", moving="organization_id"),
    "contacts_needaction": Wall("need_id in (select id from contacts_need where organization_id = %s)", insert=OWN),
    "contacts_needevent": Wall(),
    "contacts_channelaccount": Wall(insert=OWN, update=1, setting="test_state = ''", moving="organization_id"),
    "contacts_wechatgroup": Wall(insert=OWN, update=1, setting="opened_on = opened_on", moving="organization_id"),
    "contacts_wechatgroupevent": Wall(),
    "contacts_groupmembership": Wall("group_id in (select id from contacts_wechatgroup where organization_id = %s)",
                                     insert=OWN, update=1, setting="left_on = '2027-01-01'", moving="member_id"),
    "contacts_carevisit": Wall(insert=OWN, update=1, delete=1, setting="year = 2020", moving="organization_id"),
    "contacts_wish": Wall(insert=OWN, update=1, setting="claimant = ''", moving="organization_id"),
    "contacts_lostreport": Wall("sender_id = %s", insert=OWN, fresh={"told_on": "2026-01-01"}),
    "contacts_calendarday": Wall(see=EVERYWHERE, insert=OWN, update=1, delete=1, setting="name = 'x'",
                                 moving="organization_id"),
    "contacts_pillarmetric": Wall(see=EVERYWHERE, insert=NOWHERE, update=0, delete=0, setting="weight = 3"),
    "contacts_daterule": Wall(see=EVERYWHERE, insert=OWN, update=1, delete=1, setting="days_before = 3",
                              moving="organization_id"),
    "contacts_datereminder": Wall(update=1, setting="state = 'done'"),
    "contacts_outboundmessage": Wall(update=0, setting="reason = ''"),
    "contacts_digest": Wall(see=NOWHERE, update=0, setting="reason = ''"),
    "activities_activity": Wall(insert=OWN, update=1, setting="place = ''", moving="organization_id"),
    "activities_attendance": Wall(_MEMBER, insert=OWN, delete=1),
    "activities_parcel": Wall(insert=OWN, update=1, setting="tracking_number = ''", moving="organization_id"),
    "checkin_checkinpoint": Wall(insert=OWN, update=1, setting="hours = ''", moving="organization_id"),
    "checkin_checkincode": Wall(_POINT, insert=OWN, update=1, setting="revoked_at = now()", moving="point_id"),
    "checkin_reportin": Wall(insert=OWN, update=1, setting="receipt = ''", moving="organization_id",
                             fresh={"way": "window"}),
    "checkin_signedform": Wall("report_in_id in (select id from checkin_reportin where organization_id = %s)",
                               insert=OWN, setting="added_at = now()"),
    "checkin_reportinlink": Wall(insert=OWN, update=1, setting="contact_phone = ''", moving="organization_id",
                                 fresh={"word": "another"}),
    "checkin_reportinlinkevent": Wall(),
    "checkin_memberrequest": Wall(_MEMBER, update=1, setting="state = 'done'"),
    "checkin_memberdevice": Wall(_MEMBER, update=1, setting="revoked_at = now()", moving="member_id"),
    "checkin_desk": Wall(insert=OWN, update=1, setting="has_check_out = true", moving="organization_id",
                         fresh={"typed_code": "12345678"}),
    "checkin_scan": Wall(),
    "checkin_arrival": Wall(insert=OWN, update=1, setting="reason = 'x'", moving="organization_id",
                            fresh={"scan_id": None}),
    "checkin_letterversion": Wall(insert=OWN, fresh={"number": 9}),
    "checkin_standarddrawing": Wall(insert=OWN, update=1, delete=1, setting="width = 3", moving="organization_id"),
    "checkin_checkinpointevent": Wall(),
    "checkin_checkincodeevent": Wall(_POINT),
    "checkin_reportinevent": Wall(),
    "contacts_liaisonevent": Wall(),
    "contacts_contactpolicyevent": Wall(),
    "contacts_channelaccountevent": Wall(),
    "contacts_calendardayevent": Wall(),
    "contacts_dateruleevent": Wall(),
    "activities_activityevent": Wall(),
    "portal_organizationevent": Wall("id = %s", see=NOWHERE),  # for administrators
    "portal_organizationgrantevent": Wall("content_object_id = %s"),
    "portal_organizationgrant": Wall("content_object_id = %s"),
    "portal_grantrequest": Wall(see=NOWHERE),
    "portal_auditentry": Wall(see=NOWHERE, insert=NOWHERE),  # not in somebody else's name
    "portal_worklink": Wall(insert=OWN, update=1, setting="closed_reason = 'revoked'", moving="organization_id"),
    "portal_organization": Wall("id = %s", see=EVERYWHERE, insert=NOWHERE, update=0, setting="sector = ''",
                                fresh={"code": "990101001009"}),
}  # fmt: skip


class Rows:
    """The rows of the world behind the wall, read by the owner before the clerk asks."""

    def __init__(self, owner: psycopg.Connection, world: Any) -> None:
        self.places = {name: str(world.organization(key).pk) for name, key in PLACES.items()}
        self.ids: dict[tuple[str, str], list[str]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        mine = f"user_id = '{world.user(CLERK).pk}' and " if owner else ""
        for table, wall in WALLS.items():
            key = self.key_of(table)
            for name, place in self.places.items():
                own_grant = mine if table.startswith("portal_organizationgrant") and name == "own" else ""
                found = owner.execute(
                    f"select {key}::text, to_jsonb({table}.*)::text from {table} where {own_grant}{wall.of} order by 1",
                    [place],
                ).fetchall()
                assert found, f"the world has no row of {table} for {name}: a test without data proves nothing"
                self.ids[table, name] = [row[0] for row in found]
                self.texts[table, name] = found[0][1]
        self.members = {name: self.ids["members_member", name][0] for name in PLACES}
        self.points = {name: self.ids["checkin_checkinpoint", name][0] for name in PLACES}

    @staticmethod
    def key_of(table: str) -> str:
        if table == "members_placement":
            return "organization_id::text || member_id"
        if table == "members_exportfile":
            return "export_id"
        if table == "members_stalefile":
            return "member_id"
        if table == "members_importedrow":
            return "batch_id::text || member_id"
        return "pgh_id" if table.endswith("event") else "id"

    def target(self, column: str) -> str:
        """What a row would be moved to: the sibling's organization, member or point."""
        pools = {"organization_id": self.places, "member_id": self.members, "point_id": self.points}
        return pools[column]["sibling"]


def violations(rows: Rows, tables: Any = None) -> list[str]:
    """Every answer of the database that differs from WALLS, as the current actor (the clerk). Changes nothing."""
    found: list[str] = []
    for table in tables or WALLS:
        found += [f"{table}: {text}" for text in _differences(rows, table, WALLS[table])]
    return found


def _differences(rows: Rows, table: str, wall: Wall) -> Iterator[str]:
    for name in PLACES:
        seen = count(f"select 1 from {table} where {rows.key_of(table)}::text = any(%s)", [rows.ids[table, name]])
        wanted = len(rows.ids[table, name]) if name in wall.see else 0
        if seen != wanted:
            yield f"select {name}: {seen} rows, expected {wanted}"
        made = _insert(rows, table, wall, name)
        wanted_insert = "refused" if wall.insert is None or name not in wall.insert else "made"
        if made != wanted_insert:
            yield f"insert {name}: {made}, expected {wanted_insert}"
    for command, touched, statement in (
        ("update", wall.update, f"update {table} set {wall.setting or _any_setting(table)}"),
        ("delete", wall.delete, f"delete from {table}"),
    ):
        answer = count(statement)
        if answer != touched:
            yield f"{command}: {answer} rows, expected {touched}"
    if wall.moving:
        moved = count(f"update {table} set {wall.moving} = %s", [rows.target(wall.moving)])
        if moved is not None:
            yield f"moving by {wall.moving}: {moved} rows, expected a refusal"


_HARMLESS = {"is_late_entry": "false", "is_leaving": "false", "note_digest": "null", "touched_on": "current_date"}


def _any_setting(table: str) -> str:
    column = {"members_transfer": "state", "members_ledgerexport": "reason",
              "members_exportfile": "content_sealed", "members_placement": "name_pinyin",
              "portal_organizationgrant": "reason", "portal_auditentry": "action",
              "portal_grantrequest": "reason", "members_samepersoncase": "reason",
              "members_ledgersource": "kind", "members_importedrow": "sheet", "members_stalefile": "touched_on",
              "contacts_transferadvice": "reason", "contacts_contactobligation": "side", "contacts_contactlog": "side",
              "contacts_thoughtnote": "note_digest",
              "contacts_needaction": "step", "contacts_lostreport": "body",
              "checkin_letterversion": "title",
              "checkin_scan": "is_leaving",
              "activities_attendance": "is_late_entry"}.get(table, "pgh_label")  # fmt: skip
    return f"{column} = " + _HARMLESS.get(column, "''")


def _insert(rows: Rows, table: str, wall: Wall, name: str) -> str:
    row = json.loads(rows.texts[table, name]) | wall.fresh
    if "id" in row:
        row["id"] = str(uuid.uuid4())
    if table == "portal_organization":
        row["parent_id"] = rows.places[name]
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


def count(statement: str, values: Any = ()) -> int | None:
    """Rows of a statement that is undone; None when the database refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            transaction.set_rollback(True)
            return cursor.rowcount
    except IntegrityError as error:
        return -1 if "duplicate" in str(error) else -2
    except DatabaseError as error:
        if _is_refusal(error):
            return None
        raise


def _is_refusal(error: Exception) -> bool:
    return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)


def ask(statement: str, values: Any = ()) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        row = cursor.fetchone()
        return row[0] if row else None


def is_refused(statement: str, values: Any = ()) -> bool:
    return count(statement, values) is None
