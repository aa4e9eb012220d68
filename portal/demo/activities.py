"""A year of activities with the members who came."""

import datetime as dt

from django.utils import timezone

from activities.enums import ActivityKind as Kind
from activities.models import Activity, Attendance
from members.models import Member
from portal.demo import add_missing, key
from portal.demo.contacts import is_due
from portal.demo.offices import STREET
from portal.models import Organization, User

# (days ago, ending of the community's code or "" for the street, kind, title, hours, place)
PLAN = (
    (0, "002", Kind.THEME_DAY, "林店社区主题党日", "1.5", "社区党群服务站"),
    (3, "", Kind.LECTURE, "就业政策专题讲座", "2", "街道党群服务中心"),
    (12, "001", Kind.VOLUNTEER, "整理电动车停放志愿服务", "2", "五里社区"),
    (34, "", Kind.JOB_FAIR, "秋季招聘会", "4", "街道文化广场"),
    (41, "002", Kind.CHECK_UP, "货车司机健康体检", "3", "货车司机驿站"),
    (58, "003", Kind.MICRO_LESSON, "微党课：规范经营与诚信服务", "1", "汽车市场"),
    (77, "006", Kind.FOLK, "中秋包饼联欢", "2", "松竹社区"),
    (96, "", Kind.TRAINING, "流动党员示范培训班", "6", "街道党群服务中心"),
    (121, "004", Kind.VOLUNTEER, "防溺水宣传", "2", "灵璧路社区"),
    (144, "", Kind.ASSEMBLY, "流动党员大会", "2", "街道会议室"),
    (168, "005", Kind.CONSULTATION, "法律咨询服务日", "2", "汲桥新村社区"),
    (195, "002", Kind.DISCUSSION, "货车司机座谈会", "1.5", "货车司机驿站"),
    (230, "001", Kind.FILM, "集中观影学习", "2", "五里社区"),
    (262, "", Kind.LESSON, "新春第一课", "1.5", "街道会议室"),
    (290, "003", Kind.VOLUNTEER, "扫雪除冰应急志愿", "3", "金都社区"),
)
CANCELLED = 8
MET_WITHIN = 150  # days; attendance is a contact, and some members are to be due


def add_activities(organizations: dict[str, Organization], members: list[Member], users: dict[str, User]) -> None:
    """The log of the year: members come to their community's activities, and some to the street's."""
    activities, attendance = [], []
    for number, (days, ending, kind, title, hours, place) in enumerate(PLAN):
        organization = organizations[STREET + ending]
        activity = Activity(
            pk=key("activity", number), organization=organization, kind=kind, title=title, hours=hours, place=place,
            held_on=timezone.localdate() - dt.timedelta(days=days), is_cancelled=number == CANCELLED,
            summary="活动按计划开展，流动党员积极参加。" if number != CANCELLED else "因天气原因取消。",
        )  # fmt: skip
        activities.append(activity)
        if activity.is_cancelled:
            continue
        for position, member in enumerate(members):
            if is_due(position) and (days < MET_WITHIN or position % 9 == 3):
                continue  # came, and so was met
            is_own = member.organization_id == organization.pk
            if (is_own and position % 4) or (not ending and position % 3 == number % 3):
                attendance.append(
                    Attendance(
                        pk=key("attendance", number, position), activity=activity, member=member,
                        recorded_by=users["street"],
                    )
                )  # fmt: skip
    add_missing(activities)
    add_missing(attendance)
