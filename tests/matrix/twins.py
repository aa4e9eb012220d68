"""A twin of the world's database: the same inside an actor's scope, different outside it.

`change_outside` works as the owner on a database that was copied from the first one, so keys, sessions and all that is
inside stay equal byte for byte. Names of organizations are public and stay, and so do intervals of contact above the
scope, which it inherits. Every change is drawn from a seed and has a name.
"""

import json
import random
import uuid
from collections.abc import Iterable
from typing import Any

import psycopg

from members.models import Member, Movement
from members.names import search_keys
from tests import world
from tests.wide_world import KEYS

CHILDREN_OF_MEMBERS = ("contacts_need", "contacts_groupmembership", "contacts_carevisit", "contacts_wish",
                       "contacts_lostreport", "contacts_datereminder",
                       "activities_attendance", "activities_parcel", "contacts_thoughtnote", "contacts_contactlog",
                       "contacts_contactobligation", "contacts_dutydecision", "contacts_lostcase",
                       "contacts_transferadvice", "contacts_liaisonassignment", "checkin_memberrequest",
                       "checkin_arrival", "checkin_memberdevice",
                       "members_transfer", "members_movement", "members_phone", "members_verification",
                       "members_stalefile", "members_importedrow")  # fmt: skip
TEXTS = {
    "activities_activity": ("title", "place", "summary"),
    "checkin_checkinpoint": ("name", "address", "hours", "contact_name"),
    "checkin_reportin": ("receipt",),
    "checkin_reportinlink": ("contact_phone",),
    "contacts_liaison": ("name", "email", "office_phone"),
    "contacts_wechatgroup": ("name",),
    "contacts_channelaccount": ("name",),
    "members_ledgerimport": ("file_name",),
    "members_ledgeranswer": ("value",),
    "checkin_letterversion": ("title", "body"),
}
# What an office above wrote is read below it, like an interval.
READ_FROM_BELOW = ("members_ledgeranswer", "checkin_letterversion")
# Names around those of the world: 秘 is read mi, so these stand before and after it in every list.
NAMES = ("阿先", "秘", "秘C", "秘秘", "秘秘秘", "左后", "密")


class Twin:
    """`tops`: keys of the organizations below which the actor sees rows; `audited`: below which audit entries;
    `person`: whose own roles stay, wherever they are."""

    def __init__(
        self, owner: psycopg.Connection, seed: str, tops: tuple[str, ...], audited: tuple[str, ...],
        person: uuid.UUID | None = None,
    ) -> None:  # fmt: skip
        self.owner, self.chance, self.person = owner, random.Random(seed), person
        by_code = {str(code): pk for code, pk in owner.execute("select code, id from portal_organization")}
        self.nodes = {key: by_code[code] for key, code in world.CODES.items()}
        self.inside = self._below(tops)
        self.outside = [pk for pk in self.nodes.values() if pk not in self.inside]
        self.peopled = [self.nodes[key] for key in KEYS if self.nodes[key] not in self.inside]
        self.own = [key for key in KEYS if self.nodes[key] in self.inside] or ["C111"]
        audible = self._below(audited)
        self.unaudited = [pk for pk in self.nodes.values() if pk not in audible]
        self.members = self._hidden_members()
        self.gone = self.chance.choice(self.peopled)  # this office loses nearly all its rows

    def _below(self, tops: tuple[str, ...]) -> list[uuid.UUID]:
        return [pk for (pk,) in self.owner.execute(
            "select distinct o.id from portal_organization o join portal_organization t on o.path <@ t.path"
            " where t.id = any(%s) order by 1", [[self.nodes[key] for key in tops]])]  # fmt: skip

    def _unrelated(self) -> list[uuid.UUID]:
        """Organizations that are neither in the scope, nor above it, nor the other side of somebody in it."""
        return [pk for (pk,) in self.owner.execute(
            "with near as (select unnest(%s::uuid[]) as id union select p.organization_id from members_placement p"
            "   where not p.member_id = any(%s) and exists"
            "     (select 1 from members_placement i where i.member_id = p.member_id and i.organization_id = any(%s)))"
            " select o.id from portal_organization o where not exists (select 1 from near"
            " join portal_organization n on n.id = near.id where n.path <@ o.path) order by 1",
            [self.inside, self.members, self.inside])]  # fmt: skip

    def _hidden_members(self) -> list[uuid.UUID]:
        return [pk for (pk,) in self.owner.execute(
            "select id from members_member m where not exists (select 1 from members_placement p"
            " where p.member_id = m.id and p.organization_id = any(%s)) and not exists (select 1"
            # whoever is a superior, or is asked, reads the surname and the office of the other file of a case
            " from members_samepersoncase c where m.id in (c.first_id, c.second_id) and c.organization_id = any(%s))"
            " order by id", [self.inside, self.inside])]  # fmt: skip

    def change_outside(self) -> list[str]:
        """Do every change, in a random order. Returns their names."""
        changes = [self.other_names, self.other_numbers, self.fewer_rows, self.more_members, self.more_rows,
                   self.other_texts, self.other_grants, self.other_intervals, self.other_words_of_the_other_side,
                   self.other_links, self.other_cases, self.other_needs, self.other_company,
                   self.other_reminders, self.other_imports,
                   self.other_exports, self.other_audit]  # fmt: skip
        self.chance.shuffle(changes)
        for change in changes:
            change()
        return [change.__name__ for change in changes]

    def _run(self, statement: str, *values: Any) -> None:
        self.owner.execute(statement, values)

    def _some(self, rows: Iterable[Any], share: float = 0.6) -> list[Any]:
        kept = [row for row in rows if self.chance.random() < share]
        return kept or list(rows)[:1]

    def other_cases(self) -> None:
        """Where neither the superior nor a side that is asked is inside."""
        self._run("update members_samepersoncase c set state = 'refused', reason = 'not_ours'"
                  " where organization_id = any(%s) and not exists (select 1 from members_placement p"
                  " where p.member_id in (c.first_id, c.second_id) and p.organization_id = any(%s))",
                  self.outside, self.inside)  # fmt: skip

    def other_needs(self) -> None:
        """Those of the other side of a member of both too: neither side reads the other's."""
        self._run("insert into contacts_needaction (id, need_id, step, outcome, done_on, recorded_at)"
                  " select gen_random_uuid(), id, 'answered', 'met', '2026-11-01', now() from contacts_need"
                  " where organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("update contacts_need set category = 'law', state = 'answered', outcome = 'met',"
                  " answered_on = '2026-11-01' where organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("insert into contacts_need (id, member_id, organization_id, category, raised_on, due_on, state,"
                  " outcome, reopened, created_at) select gen_random_uuid(), m.id, m.organization_id, 'housing',"
                  " '2026-01-01', '2026-01-02', 'open', '', 0, now() from members_member m, generate_series(1, 40)"
                  " where m.id = any(%s)", self._some(self.members))  # fmt: skip

    def other_company(self) -> None:
        """Chat groups, robots, visits of care, small wishes, reminders of dates, what was told about lost contacts."""
        self._run("update contacts_channelaccount set is_active = true, test_state = 'failed', tested_at = now()"
                  " where organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("update contacts_datereminder set state = 'done', day = '2029-02-03' where organization_id = any(%s)",
                  self._some(self.outside))  # fmt: skip
        self._run("insert into contacts_datereminder (id, organization_id, member_id, kind, festival, day, announce_on,"
                  " state) select gen_random_uuid(), m.organization_id, m.id, 'probation', '', '2026-11-01',"
                  " '2026-10-01', 'open' from members_member m where m.id = any(%s)",
                  self._some(self.members))  # fmt: skip
        self._run("update contacts_groupmembership m set left_on = '2026-12-01' from contacts_wechatgroup g"
                  " where g.id = m.group_id and g.organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("insert into contacts_groupmembership (id, group_id, member_id, joined_on) select gen_random_uuid(),"
                  " g.id, m.id, '2026-10-01' from contacts_wechatgroup g, members_member m where g.organization_id ="
                  " any(%s) and m.id = any(%s) on conflict do nothing", self.outside,
                  self._some(self.members))  # fmt: skip
        self._run("update contacts_wish set state = 'claimed', claimant = '改', claimed_on = '2026-11-19'"
                  " where organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("update activities_parcel set state = 'received', closed_on = '2026-11-21', content = '改'"
                  " where organization_id = any(%s)", self._some(self.outside))  # fmt: skip
        self._run("update contacts_lostreport set attempts = 7, receiver_text = '改' where sender_id = any(%s)",
                  self._some(self.outside))  # fmt: skip
        self._run("update contacts_carevisit set visited_on = '2026-10-01', note_sealed = null, note_digest = null"
                  " where organization_id = any(%s)", self._some(self.outside))  # fmt: skip

    # --- members ------------------------------------------------------------------------------------------------

    def other_names(self) -> None:
        for pk in self._some(self.members):
            name = self.chance.choice(NAMES)
            keys = search_keys(name)
            self._run("update members_member set name = %s, name_pinyin = %s, name_initials = %s, name_grams = %s,"
                      " occupation = %s, state = %s, gender = 'female' where id = %s",
                      name, keys["name_pinyin"], keys["name_initials"], keys["name_grams"], name,
                      self.chance.choice(["floating", "returned", "pending"]), pk)  # fmt: skip

    def other_numbers(self) -> None:
        for member in Member.objects.using("owner").filter(pk__in=self._some(self.members)):
            member.mobile = f"1370000{self.chance.randrange(10_000):04}"
            member.remark = member.current_address = "改"
            member.save(using="owner")

    def fewer_rows(self) -> None:
        """One office loses its members with everything about them, its queue, its activities, its imports."""
        lost = [pk for (pk,) in self.owner.execute(
            "select id from members_member where organization_id = %s and id = any(%s)",
            [self.gone, self.members])]  # fmt: skip
        self._run("delete from checkin_signedform f using checkin_reportin r where r.id = f.report_in_id"
                  " and r.organization_id = %s", self.gone)  # fmt: skip
        self._run("delete from checkin_reportin where organization_id = %s", self.gone)
        self._run("delete from contacts_outboundmessage m using contacts_contactobligation o"
                  " where o.id = m.obligation_id and o.member_id = any(%s)", lost)  # fmt: skip
        self._run("delete from members_samepersoncase where first_id = any(%s) or second_id = any(%s)", lost, lost)
        self._run("delete from contacts_needaction a using contacts_need n where n.id = a.need_id"
                  " and n.member_id = any(%s)", lost)  # fmt: skip
        for table in CHILDREN_OF_MEMBERS:
            self._run(f"delete from {table} where member_id = any(%s)", lost)
        for table in ("checkin_arrival", "checkin_scan", "checkin_desk"):
            self._run(f"delete from {table} where organization_id = %s", self.gone)
        self._run("delete from members_member where id = any(%s)", lost)
        self._run("delete from activities_activity a where organization_id = %s and not exists"
                  " (select 1 from activities_attendance t where t.activity_id = a.id)", self.gone)  # fmt: skip
        self._run("delete from members_importedrow r using members_ledgerimport b"
                  " where b.id = r.batch_id and b.organization_id = %s", self.gone)  # fmt: skip
        self._run("delete from members_ledgersource s using members_ledgerimport b"
                  " where b.id = s.batch_id and b.organization_id = %s", self.gone)  # fmt: skip
        self._run("delete from members_exportfile f using members_ledgerexport e"
                  " where e.id = f.export_id and e.organization_id = %s", self.gone)  # fmt: skip
        for table in ("members_ledgerimport", "members_ledgerexport"):
            self._run(f"delete from {table} where organization_id = %s", self.gone)
        self._run("delete from members_ledgeranswer where organization_id = %s and organization_id = any(%s)",
                  self.gone, self._unrelated())  # fmt: skip
        self.members = [pk for pk in self.members if pk not in lost]

    def more_members(self) -> None:
        """Just before and after the own rows in every order, with the own people's ID and mobile numbers among them."""
        for number in range(self.chance.choice([1, 7, 60])):
            node = self.chance.choice(self.peopled)
            twin_of = self.chance.choice(self.own)
            member = Member(organization_id=node, state=self.chance.choice(["floating", "pending", "left"]),
                            ethnicity="汉族", gender="male", birth_date="1950-01-01", join_date="1999-07")  # fmt: skip
            member.set_name(self.chance.choice((*NAMES, world.canary(twin_of))))
            if number < 2:
                member.id_number = world.id_number(twin_of)
            member.mobile = world.mobile(twin_of)
            if not Member.objects.using("owner").filter(organization_id=node,
                                                        id_number_digest=member.id_number_digest).exists():  # fmt: skip
                member.save(using="owner", force_insert=True)
                home = self.chance.choice([None, *self.peopled])
                Movement(member=member, direction="inflow", host_organization_id=node, started_on="2025-03",
                         home_organization_id=home).save(using="owner")  # fmt: skip

    # --- rows of organizations ----------------------------------------------------------------------------------

    def more_rows(self) -> None:
        """Copies of hidden rows with keys of their own."""
        for table, fresh in (("activities_activity", {}), ("checkin_checkinpoint", {}), ("members_ledgerimport", {}),
                             ("checkin_reportin", {"client_key": uuid.uuid4}),
                             ("contacts_liaison", {"user_id": lambda: None})):  # fmt: skip
            rows = self.owner.execute(
                f"select to_jsonb(t) from {table} t where organization_id = any(%s) order by id limit 3", [self.peopled]
            ).fetchall()
            copies = [
                row | {"id": uuid.uuid4()} | {name: make() for name, make in fresh.items()}
                for (row,) in rows
                for _copy in range(self.chance.choice([1, 30]))
            ]
            self._run(f"insert into {table} select * from jsonb_populate_recordset(null::{table}, %s::jsonb)",
                      json.dumps(copies, default=str))  # fmt: skip
        self._attend()

    def _attend(self) -> None:
        self._run("insert into activities_attendance (id, activity_id, member_id, is_late_entry, recorded_at)"
                  " select gen_random_uuid(), a.id, m.id, true, now() from activities_activity a, members_member m"
                  " where a.organization_id = any(%s) and m.id = any(%s) limit 40 on conflict do nothing",
                  self.outside, self.members)  # fmt: skip

    def other_texts(self) -> None:
        for table, columns in TEXTS.items():
            changed = ", ".join(f"{column} = left('改' || {column}, 16)" for column in columns)
            nodes = self._unrelated() if table in READ_FROM_BELOW else self.peopled
            self._run(f"update {table} set {changed} where organization_id = any(%s)", self._some(nodes))
        self._run("update contacts_liaisonassignment set ended_on = '2026-10-01' where member_id = any(%s)",
                  self._some(self.members))  # fmt: skip
        self._run("update checkin_checkincode c set revoked_at = now() from checkin_checkinpoint p"
                  " where p.id = c.point_id and p.organization_id = any(%s)", self._some(self.peopled))  # fmt: skip
        self._run("update checkin_signedform f set added_at = now() from checkin_reportin r where r.id = f.report_in_id"
                  " and r.organization_id = any(%s)", self._some(self.peopled))  # fmt: skip
        self._run("update checkin_standarddrawing set width = 3 where organization_id = any(%s)", self._unrelated())
        self._run("update checkin_reportin set state = 'returned' where organization_id = any(%s)",
                  self._some(self.peopled))  # fmt: skip

    def other_intervals(self) -> None:
        """Not above the scope: an interval is inherited, and moves the dates that both sides may know."""
        free = self._unrelated()
        self._run("update contacts_contactpolicy set target_days = 33, limit_days = 44 where organization_id = any(%s)",
                  self._some(free))  # fmt: skip
        self._run("delete from contacts_contactpolicy where organization_id = any(%s)", self._some(free, 0.3))
        self._run("update contacts_daterule set is_on = true, days_before = 9 where organization_id = any(%s)",
                  self._some(free))  # fmt: skip
        self._run("update contacts_pillarmetric set pillar = '改', weight = 9 where organization_id = any(%s)",
                  self._some(free))  # fmt: skip
        self._run("update contacts_calendarday set is_workday = true, name = '改' where organization_id = any(%s)",
                  self._some(free))  # fmt: skip

    def other_words_of_the_other_side(self) -> None:
        """What the other side wrote about a member of both: not its date, which both may know."""
        self._run("update contacts_contactlog set note_sealed = null, note_digest = null, liaison_id = null,"
                  " method = 'visit' where organization_id = any(%s)", self.outside)  # fmt: skip
        self._run("update contacts_thoughtnote set note_sealed = null, note_digest = null"
                  " where organization_id = any(%s)", self.outside)  # fmt: skip
        self._run("update contacts_dutydecision set note_sealed = null, reason = 'ill', target_days = 10"
                  " where member_id = any(%s)", self._some(self.members))  # fmt: skip
        self._run("insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction,"
                  " method, outcome, source, recorded_at) select gen_random_uuid(), m.id, m.organization_id, 'host',"
                  " '2026-06-01', 'to_member', 'phone', 'no_answer', 'logged', now() from members_member m"
                  " where m.id = any(%s)", self._some(self.members))  # fmt: skip

    def other_grants(self) -> None:
        """More people outside, with all roles; and some of those outside lose theirs."""
        far = [pk for pk in self._unrelated() if pk in self.outside]
        for number in range(self.chance.choice([2, 25])):
            user = uuid.uuid4()
            self._run("insert into portal_user (id, username, name, email, password, is_active, is_superuser,"
                      " must_change_password, created_at) values (%s, %s, '外人', 'x@example.invalid', '!', true,"
                      " false, false, now())", user, f"a{number}-{user.hex}")  # fmt: skip
            self._run("insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, "
                      " granted_at, reason) select gen_random_uuid(), %s, id, %s, now(), '外' from auth_permission"
                      " where codename like 'role!_%%' escape '!' order by random() limit 2",
                      user, self.chance.choice(far))  # fmt: skip
        self._run("update portal_grantrequest set reason = '外', state = 'expired'"
                  " where organization_id = any(%s)", far)  # fmt: skip
        self._run("update portal_organizationgrant g set until = '2026-01-01' where content_object_id = any(%s)"
                  " and g.user_id is distinct from %s and not exists (select 1 from portal_organizationgrant o"
                  " where o.user_id = g.user_id and o.content_object_id <> all(%s))", far, self.person,
                  far)  # fmt: skip

        self._run("update portal_grantrequest set reason = '改', state = 'expired' where organization_id = any(%s)",
                  self._some(far))  # fmt: skip

    def other_links(self) -> None:
        self._run("update portal_worklink set closed_at = now(), closed_reason = 'revoked', wrong_tries = 3"
                  " where organization_id = any(%s)", self._some(self.peopled))  # fmt: skip

    def other_reminders(self) -> None:
        self._run("update contacts_outboundmessage set state = 'failed', reason = 'no_recipient', sent_at = null"
                  " where organization_id = any(%s)", self._some(self.peopled))  # fmt: skip
        self._run("insert into contacts_outboundmessage (id, obligation_id, organization_id, due_on, step, state,"
                  " reason, planned_at)"
                  " select gen_random_uuid(), id, organization_id, due_on, 'limit', 'pending', '', now()"
                  " from contacts_contactobligation where organization_id = any(%s) and due_on is not null"
                  " on conflict do nothing",
                  self.peopled)  # fmt: skip
        self._run("insert into contacts_digest (id, organization_id, office_id, liaison_id, for_on, state, reason,"
                  " attempts, is_resend)"
                  " select gen_random_uuid(), organization_id, organization_id, id, '2026-11-19', 'pending', '', 0,"
                  " false"
                  " from contacts_liaison where organization_id = any(%s)", self.peopled)  # fmt: skip

    def other_imports(self) -> None:
        """A later layout somewhere near: the own export must not follow it."""
        self._run("update members_ledgerimport set state = 'applied', applied_at = now(), counts = '{\"new\": 7}',"
                  " columns = '[[\"别的表头\", \"name\"]]' where organization_id = any(%s)",
                  self._some(self.peopled))  # fmt: skip

    def other_exports(self) -> None:
        self._run("update members_ledgerexport set count = 7, state = 'waiting' where organization_id = any(%s)",
                  self._some(self.peopled))  # fmt: skip
        self._run("update members_exportfile f set members = '{}' from members_ledgerexport e"
                  " where e.id = f.export_id and e.organization_id = any(%s)", self._some(self.peopled))  # fmt: skip

    def other_audit(self) -> None:
        self._run("update portal_auditentry set detail = '{\"text\": \"改\"}', action = 'other'"
                  " where organization_id = any(%s)", self._some(self.unaudited))  # fmt: skip
        self._run("insert into portal_auditentry (id, at, actor, action, organization_id, object_type, detail)"
                  " select gen_random_uuid(), now(), 'system.x', 'more', o, '', '{}'"
                  " from unnest(%s::uuid[]) o, generate_series(1, 9)", self.unaudited)  # fmt: skip
