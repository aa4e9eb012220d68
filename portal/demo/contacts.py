"""Liaisons, who looks after whom, and contacts in the past: some members are overdue, some due soon, most on time."""

import datetime as dt
from typing import Any

from django.utils import timezone

from contacts.enums import DecisionKind, DecisionReason, LiaisonKind, Method, Outcome, Side
from contacts.models import (
    ContactLog,
    ContactPolicy,
    DutyDecision,
    Liaison,
    LiaisonAssignment,
    LostCase,
    ThoughtNote,
)
from members.enums import Direction
from members.models import Member
from portal.demo import add_missing, key
from portal.demo.members import direction
from portal.demo.offices import LINDIAN, STREET
from portal.demo.people import mobile, name
from portal.models import Organization, User

PER_COMMUNITY = {"001": 2, "002": 3, "003": 2, "004": 1, "005": 1, "006": 1}
CAPACITY = 5
OUT_OF_REACH = {40: 210, 31: 120, 42: 75}  # member → days since the last contact
OVERDUE_OF_LIAISON = 15  # one of the members whom the demo's liaison looks after
PAUSED, EXEMPT = 23, 24
TARGET_DAYS, LIMIT_DAYS, LIVE_FOR_DAYS = 90, 120, 200
NOTES = (
    "电话问候，近况良好，工作稳定。", "微信联系，已转发本月学习资料。", "上门走访，了解租房和孩子入学情况。",
    "约好下月参加主题党日。", "反映想参加技能培训，已记下。",
)  # fmt: skip

# (days ago, what was logged)
TOPICS: tuple[tuple[int, dict[str, Any]], ...] = (
    (6, {"note": "近况良好。", "work": "在汽车市场跑运输，活儿稳定。", "life": "孩子今年上初中。"}),
    (2, {"note": "聊了半小时。", "work": "想换到离家近的厂。", "next_step": "把招聘会的消息发给他", "next_in": 0}),
    (3, {"next_step": "带上次说的社保材料", "next_in": 4, "method": Method.VISIT}),
    (5, {"outcome": Outcome.THROUGH_OTHERS, "through": "同住的老乡", "note": "出车未归，老乡转告。"}),
    (4, {"outcome": Outcome.DEAD_NUMBER, "note": "停机，待问新号码。"}),
    (8, {"note": "上周走访，回来补记。", "method": Method.VISIT, "is_late": True}),
)


def add_policy(street: Organization) -> None:
    """The street's interval; in use for long enough that first due dates have passed."""
    if not ContactPolicy.objects.filter(organization=street).exists():
        ContactPolicy.objects.create(
            pk=key("policy", street.code), organization=street, target_days=TARGET_DAYS, limit_days=LIMIT_DAYS,
            capacity=CAPACITY - 1,  # so that somebody is shown with too many
            go_live_on=timezone.localdate() - dt.timedelta(days=LIVE_FOR_DAYS),
        )  # fmt: skip


def add_liaisons(organizations: dict[str, Organization], users: dict[str, User]) -> list[Liaison]:
    """Ten liaisons; the demo logins liaison and community belong to two of 林店社区's."""
    logins = {("002", 0): users["liaison"], ("002", 1): users["community"]}
    rows: list[Liaison] = []
    for ending, count in PER_COMMUNITY.items():
        for place in range(count):
            number = 45 + len(rows)
            user = logins.get((ending, place))
            row = Liaison(
                pk=key("liaison", ending, place), organization=organizations[STREET + ending], name=name(number),
                kind=(LiaisonKind.COMMITTEE, LiaisonKind.BACKBONE)[number % 2], user=user,
                email=user.email if user else f"liaison{number - 44}@example.invalid",
            )  # fmt: skip
            row.mobile = mobile(2000 + number)
            rows.append(row)
    add_missing(rows)
    return rows


def add_assignments(members: list[Member], liaisons: list[Liaison]) -> None:
    """A liaison of the own community for most members, at most five each; a few stay without one."""
    taken: dict[object, int] = {}
    rows = []
    has_one = set(LiaisonAssignment.objects.filter(ended_on=None).values_list("member_id", flat=True))
    for number, member in enumerate(members):
        own = [liaison for liaison in liaisons if liaison.organization_id == member.organization_id]
        free = [liaison for liaison in own if taken.get(liaison.pk, 0) < CAPACITY]
        if not free or number in (11, 29):
            continue
        liaison = free[0]
        taken[liaison.pk] = taken.get(liaison.pk, 0) + 1
        if member.pk in has_one:
            continue
        started = timezone.localdate() - dt.timedelta(days=LIVE_FOR_DAYS - number)
        rows.append(LiaisonAssignment(pk=key("assignment", number), member=member, liaison=liaison, started_on=started))
    deputies = [
        LiaisonAssignment(pk=key("deputy", row.pk), member_id=row.member_id, liaison=other, is_primary=False,
                          started_on=row.started_on)
        for row in rows[::4]
        for other in [one for one in liaisons if one.organization_id == row.liaison.organization_id
                      and one.pk != row.liaison_id][:1]
    ]  # fmt: skip
    add_missing(rows)
    add_missing(deputies)


def add_visitors(members: list[Member], lindian: Organization, users: dict[str, User]) -> None:
    """A grid worker with the demo login and a building head without one; both visit people of 林店社区."""
    kinds = ((LiaisonKind.GRID, users["visitor"]), (LiaisonKind.BUILDING, None))
    visitors = [
        Liaison(pk=key("visitor", place), organization=lindian, name=name(60 + place), kind=kind, user=user)
        for place, (kind, user) in enumerate(kinds)
    ]
    add_missing(visitors)
    nearby = [member for member in members if member.organization_id == lindian.pk]
    add_missing(
        [
            LiaisonAssignment(
                pk=key("visit", place, member.pk), member=member, liaison=visitors[place % 2], is_primary=False,
                started_on=timezone.localdate() - dt.timedelta(days=30),
            )
            for place, member in enumerate(nearby)
        ]
    )  # fmt: skip


def add_contacts(members: list[Member], users: dict[str, User]) -> None:
    """What was logged so far. The due dates follow from it in the database."""
    liaisons = dict(
        LiaisonAssignment.objects.filter(ended_on=None, is_primary=True).values_list("member_id", "liaison_id")
    )
    rows = []
    for number, member in enumerate(members):
        for step, (days, outcome) in enumerate(_history(number)):
            row = ContactLog(
                pk=key("contact", number, step), member=member, organization=member.organization,
                side=Side.HOME if direction(number) == Direction.OUTFLOW else Side.HOST,
                liaison_id=liaisons.get(member.pk), contacted_on=timezone.localdate() - dt.timedelta(days=days),
                method=list(Method)[(number + step) % 4], outcome=outcome,
                recorded_by=users["community" if member.organization.code == LINDIAN else "street"],
            )  # fmt: skip
            row.recorded_at = _in_the_afternoon(row.contacted_on)
            row.note = NOTES[(number + step) % len(NOTES)] if outcome == Outcome.REACHED else "未接通，择日再联系。"
            rows.append(row)
    add_missing(rows)


def is_due(number: int) -> bool:
    """Whether this member's lamp shall not be green."""
    return number == OVERDUE_OF_LIAISON or number in OUT_OF_REACH or number % 9 < 4


def _in_the_afternoon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(16, 20)))


def add_topics(members: list[Member], users: dict[str, User]) -> None:
    """What the log can hold: work and life apart, a next step with its day, thoughts, who told, a dead number, an entry
    of last week, and a record that was corrected."""
    own = [(number, member) for number, member in enumerate(members) if not is_due(number)]
    today, rows = timezone.localdate(), []
    for place, (ago, details) in enumerate(TOPICS):
        number, member = own[place]
        row = ContactLog(
            pk=key("topic", place), member=member, organization=member.organization, recorded_by=users["street"],
            side=Side.HOME if direction(number) == Direction.OUTFLOW else Side.HOST,
            contacted_on=today - dt.timedelta(days=ago),
        )  # fmt: skip
        row.recorded_at = timezone.now() if details.get("is_late") else _in_the_afternoon(row.contacted_on)
        for text in ("note", "work", "life", "next_step", "through"):
            setattr(row, text, details.get(text, ""))
        row.outcome, row.method = details.get("outcome", Outcome.REACHED), details.get("method", Method.PHONE)
        if "next_in" in details:
            row.next_on = today + dt.timedelta(days=details["next_in"])
        rows.append(row)
    add_missing(rows)
    first = rows[0]
    corrected = ContactLog(
        pk=key("topic", "corrected"), member=first.member, organization=first.organization, side=first.side,
        contacted_on=first.contacted_on, method=Method.VISIT, recorded_by=users["street"], amends=first,
        recorded_at=first.recorded_at + dt.timedelta(hours=1),
    )  # fmt: skip
    corrected.note, corrected.work, corrected.life = "更正：是上门走访，不是电话。", first.work, first.life
    told = rows[1]
    thought = ThoughtNote(
        pk=key("topic", "thought"), contact=told, member=told.member, organization=told.organization
    )  # fmt: skip
    thought.note = "希望多参加集体活动，离家远，有时觉得孤单。"
    add_missing([corrected])
    add_missing([thought])


def add_decisions(members: list[Member]) -> None:
    """One member in hospital for a while, one who needs no calls."""
    rows = []
    for number, kind, reason, note in (
        (PAUSED, DecisionKind.PAUSE, DecisionReason.ILL, "住院治疗，家属请求暂缓联系。"),
        (EXEMPT, DecisionKind.EXEMPT, DecisionReason.NEAR, "在居委会值班，天天见面。"),
    ):
        member = members[number]
        row = DutyDecision(
            pk=key("decision", number), member=member, organization=member.organization, kind=kind, reason=reason,
            side=Side.HOME if direction(number) == Direction.OUTFLOW else Side.HOST,
        )  # fmt: skip
        row.until_on = timezone.localdate() + dt.timedelta(days=40) if kind == DecisionKind.PAUSE else None
        row.note = note
        rows.append(row)
    add_missing(rows)


def add_lost(members: list[Member]) -> None:
    """A check that was begun about the one whom nobody has reached for longest."""
    number = max(OUT_OF_REACH, key=lambda one: OUT_OF_REACH[one])
    case = LostCase(
        pk=key("lost", number), member=members[number], organization=members[number].organization,
        opened_on=timezone.localdate() - dt.timedelta(days=10), family_on=timezone.localdate() - dt.timedelta(days=9),
    )  # fmt: skip
    case.note = "家属表示已数月未联系，号码可能已换。"
    add_missing([case])


def _history(number: int) -> list[tuple[int, str]]:
    """(days ago, outcome), the oldest first. Every ninth member is overdue, two of nine are due soon."""
    if number in OUT_OF_REACH:
        return [(OUT_OF_REACH[number], Outcome.REACHED), (60, Outcome.NO_ANSWER), (40, Outcome.NO_ANSWER),
                (20, Outcome.DEAD_NUMBER)]  # fmt: skip
    kind = 0 if number == OVERDUE_OF_LIAISON else number % 9
    if kind == 3:
        return []
    if kind == 0:
        return [(135 + number, Outcome.REACHED), (20 + number % 7, Outcome.NO_ANSWER)]
    if kind in (1, 2):
        return [(190 + number % 10, Outcome.REACHED), (94 + number % 20, Outcome.REACHED)]
    return [(150 + number % 30, Outcome.REACHED), (4 + (number * 7) % 80, Outcome.REACHED)]
