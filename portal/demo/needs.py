"""Needs in every state, two chat groups, and the plan of visits for the coming festival."""

import datetime as dt

from django.utils import timezone

from contacts.care.festivals import festival_day
from contacts.care.models import CareVisit
from contacts.groups.models import GroupMembership, WechatGroup
from contacts.models import ChannelAccount, Liaison
from contacts.needs import services
from contacts.needs.models import Need
from members.models import Member
from portal import access
from portal.demo import add_missing, key
from portal.demo.offices import LINDIAN, STREET
from portal.models import Organization, User

# (member's number, days ago, days to answer, kind, what is needed, how far it has come)
NEEDS = (
    (0, 3, 14, "work", "想找离家近的夜班岗位", "open"),
    (1, 6, 14, "school", "孩子秋季入学需要办居住证明", "open"),
    (2, 40, 14, "housing", "租房合同到期,想申请公租房", "open"),
    (3, 20, 30, "insurance", "异地社保转移手续不清楚", "doing"),
    (4, 35, 14, "health", "慢性病用药想在本地报销", "doing"),
    (5, 12, 20, "papers", "想了解材料转接怎么办", "doing"),
    (6, 30, 14, "law", "被拖欠工资,想找法律援助", "answered"),
    (7, 25, 14, "work", "想参加驾驶技能培训", "answered"),
    (8, 60, 14, "hardship", "家里老人住院,一时周转困难", "confirmed"),
    (9, 90, 30, "school", "孩子转学", "confirmed"),
    (10, 50, 14, "housing", "小区停车位不够", "again"),
    (12, 70, 14, "other", "想借社区场地办老乡会", "dropped"),
)
GROUPS = ((LINDIAN, "林店社区流动党员学习群", 10), (STREET, "街道流动党员服务群", 14))
PLANNED, VISITED = 6, 2


def add_needs(members: list[Member], users: dict[str, User], by: access.Actor) -> None:
    """A dozen needs; what was done about each is written by the services. One that is there stays as it is."""
    known = set(Need.objects.values_list("id", flat=True))
    today = timezone.localdate()
    for number, days, until, kind, detail, state in NEEDS:
        member, raised_on = members[number], today - dt.timedelta(days=days)
        source = key("need", number)
        if services.key_of(source, member) in known:
            continue
        pk = services.raise_need(
            member=member, organization=member.organization_id, category=kind, detail=detail, by=by, key=source,
            raised_on=raised_on, due_on=raised_on + dt.timedelta(days=until),
        )  # fmt: skip
        need = services.access_need(by, pk)
        owner = users["community" if member.organization.code == LINDIAN else "street"]
        _work_on(need, state, owner, by)


def _work_on(need: Need, state: str, owner: User, by: access.Actor) -> None:
    if state == "open":
        return
    services.take_need(need=need, by=by, owner=owner)
    services.note_action(need=need, text="已联系有关部门,等待回复。", by=by)
    if state == "doing":
        services.plan_need(need=need, by=by, follow_on=timezone.localdate() + dt.timedelta(days=3))
        return
    outcome, text = ("dropped", "本人来电说不需要了。") if state == "dropped" else ("met", "已办好,告知本人。")
    services.answer_need(need=need, outcome=outcome, text=text, by=by)
    if state in ("confirmed", "dropped"):
        services.confirm_need(need=need, is_met=True, by=by)
    if state == "again":
        services.reopen_need(need=need, text="本人反映仍未解决。", by=by)


def add_groups(organizations: dict[str, Organization], members: list[Member], liaisons: list[Liaison]) -> None:
    """Two groups; the people of 林店社区 and some of the street are in one."""
    groups, memberships = [], []
    opened = timezone.localdate() - dt.timedelta(days=300)
    for code, name, count in GROUPS:
        organization = organizations[code]
        owner = next((one for one in liaisons if one.organization_id == organization.pk), None)
        group = WechatGroup(pk=key("group", code), organization=organization, name=name, owner=owner, opened_on=opened)
        groups.append(group)
        inside = [one for one in members if code == STREET or one.organization_id == organization.pk][:count]
        for number, member in enumerate(inside):
            joined = opened + dt.timedelta(days=number * 7)
            memberships.append(
                GroupMembership(pk=key("in group", code, member.pk), group=group, member=member, joined_on=joined)
            )
    add_missing(groups)
    add_missing(memberships)


def add_robot(organizations: dict[str, Organization]) -> None:
    """A robot of a work group as it is before somebody pastes its address."""
    add_missing([ChannelAccount(pk=key("robot"), organization=organizations[LINDIAN], name="林店社区联系人工作群")])


def add_visits(members: list[Member], liaisons: list[Liaison]) -> None:
    """Visits planned for the coming Spring Festival; two of this year's National Day were made."""
    today = timezone.localdate()
    year = today.year if festival_day("spring", today.year) >= today else today.year + 1
    day = festival_day("spring", year) - dt.timedelta(days=7)
    rows = []
    for number, member in enumerate(members[: PLANNED + VISITED]):
        visitor = next((one for one in liaisons if one.organization_id == member.organization_id), None)
        is_past = number >= PLANNED
        rows.append(
            CareVisit(
                pk=key("visit", number), member=member, organization=member.organization, visitor=visitor,
                festival="national" if is_past else "spring", year=today.year if is_past else year,
                planned_for=today - dt.timedelta(days=20) if is_past else day,
                visited_on=today - dt.timedelta(days=20) if is_past else None,
            )
        )  # fmt: skip
    add_missing(rows)
