"""Liaisons, who looks after whom, and contacts in the past: some members are overdue, some due soon, most on time."""

import datetime as dt

from django.utils import timezone

from contacts.enums import DecisionKind, DecisionReason, LiaisonKind, Method, Outcome, Side
from contacts.models import ContactLog, ContactPolicy, DutyDecision, Liaison, LiaisonAssignment
from members.enums import Direction
from members.models import Member
from portal.demo import add_missing, key
from portal.demo.members import direction
from portal.demo.offices import LINDIAN, STREET
from portal.demo.people import mobile, name
from portal.models import Organization, User

PER_COMMUNITY = {"001": 2, "002": 3, "003": 2, "004": 1, "005": 1, "006": 1}
CAPACITY = 5
OVERDUE_OF_LIAISON = 15  # one of the members whom the demo's liaison looks after
PAUSED, EXEMPT = 22, 24
TARGET_DAYS, LIMIT_DAYS, LIVE_FOR_DAYS = 90, 120, 200
NOTES = (
    "电话问候，近况良好，工作稳定。", "微信联系，已转发本月学习资料。", "上门走访，了解租房和孩子入学情况。",
    "约好下月参加主题党日。", "反映想参加技能培训，已记下。",
)  # fmt: skip


def add_policy(street: Organization) -> None:
    """The street's interval; in use for long enough that first due dates have passed."""
    if not ContactPolicy.objects.filter(organization=street).exists():
        ContactPolicy.objects.create(
            pk=key("policy", street.code), organization=street, target_days=TARGET_DAYS, limit_days=LIMIT_DAYS,
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
    add_missing(rows)


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
            row.note = NOTES[(number + step) % len(NOTES)] if outcome == Outcome.REACHED else "未接通，择日再联系。"
            rows.append(row)
    add_missing(rows)


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


def _history(number: int) -> list[tuple[int, str]]:
    """(days ago, outcome), the oldest first. Every ninth member is overdue, two of nine are due soon."""
    kind = 0 if number == OVERDUE_OF_LIAISON else number % 9
    if kind == 3:
        return []
    if kind == 0:
        return [(135 + number, Outcome.REACHED), (20 + number % 7, Outcome.NO_ANSWER)]
    if kind in (1, 2):
        return [(190 + number % 10, Outcome.REACHED), (94 + number % 20, Outcome.REACHED)]
    return [(150 + number % 30, Outcome.REACHED), (4 + (number * 7) % 80, Outcome.REACHED)]
