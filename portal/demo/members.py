"""Forty-five floating members, outgoing and incoming, with their movements."""

import datetime as dt

from django.utils import timezone

from members.enums import Direction, MemberState, MemberType, PhoneUse
from members.models import Member, Movement, Phone
from portal.demo import add_missing, key
from portal.demo.offices import DRIVERS_BRANCH, MARKET_BRANCH, STREET
from portal.demo.people import person
from portal.models import Organization

COUNT = 45
# How many members each community manages; the street itself holds those whose community nobody knows yet.
PER_COMMUNITY = {"001": 8, "002": 9, "003": 7, "004": 6, "005": 6, "006": 6, "": 3}
ETHNICITIES = ("汉族", "汉族", "汉族", "汉族", "回族", "汉族", "汉族", "满族", "汉族", "土家族")
EDUCATIONS = ("高中", "大专", "本科", "初中", "中专", "研究生")
# Occupation and employer; the first four are new employment groups.
WORK = (
    ("货车司机", "样例货运服务部"), ("快递员", "样例快递五里营业点"), ("网约配送员", "样例外卖配送站"),
    ("网约车司机", "样例出行服务站"), ("汽车销售员", "样例汽车市场"), ("建筑工人", "样例建筑劳务公司"),
    ("个体经营者", "样例五金店"), ("技术员", "样例电子公司"), ("护理员", "样例养老服务中心"), ("退休", ""),
)  # fmt: skip
EMPLOYMENT_GROUPS = ("货车司机", "快递员", "网约配送员", "网约车司机")
FORMER = ("农牧渔民", "工勤技能人员", "未就业毕业生", "")
REASONS = ("务工经商", "务工经商", "就业", "随迁（照顾家人）", "居住地变更", "退休异地居住")
AWAY = (
    "上海市闵行区",
    "江苏省苏州市昆山市",
    "浙江省杭州市余杭区",
    "广东省深圳市宝安区",
    "江苏省南京市江宁区",
    "北京市丰台区",
)
HOMES = (
    "六安市霍邱县样例镇东村党支部", "阜阳市临泉县样例乡第二村党支部", "信阳市固始县样例镇中心村党支部",
    "安庆市大观区样例社区第三党支部", "滁州市南谯区样例镇机关党支部", "宿州市埇桥区样例街道党工委",
)  # fmt: skip


def codes() -> list[str]:
    """The managing organization of each member, in the order of their numbers."""
    waiting = dict(PER_COMMUNITY)
    order: list[str] = []
    while len(order) < COUNT:
        for ending in waiting:
            if waiting[ending]:
                waiting[ending] -= 1
                order.append(STREET + ending)
    return order


def add_members(organizations: dict[str, Organization]) -> list[Member]:
    """All members of the demo, with movements; those that were there already are returned as they are now."""
    managed_by = codes()
    pks = [key("member", number) for number in range(COUNT)]
    known = set(Member.objects.filter(pk__in=pks).values_list("pk", flat=True))
    fresh = [_member(number, organizations[managed_by[number]]) for number in range(COUNT) if pks[number] not in known]
    Member.objects.bulk_create(fresh)
    _add_phones(fresh)
    rows = {row.pk: row for row in Member.objects.filter(pk__in=pks).select_related("organization")}
    numbers = {pk: number for number, pk in enumerate(pks)}
    add_missing([_movement(numbers[member.pk], member, organizations) for member in fresh])
    return [rows[pk] for pk in pks]


def _add_phones(members: list[Member]) -> None:
    """A former number here and a spouse's there."""
    phones = []
    for number, member in enumerate(members):
        if number % 6 == 1:
            phone = Phone(member=member, use=PhoneUse.FAMILY if number % 12 == 1 else PhoneUse.OWN)
            phone.until_on = "" if phone.use == PhoneUse.FAMILY else "2025-06"
            phone.number = person(number + 200).mobile
            phones.append(phone)
    Phone.objects.bulk_create(phones)


def direction(number: int) -> str:
    return Direction.INFLOW if number % 9 in (0, 2, 3, 5, 8) else Direction.OUTFLOW


def _member(number: int, organization: Organization) -> Member:
    someone = person(number)
    occupation, employer = WORK[number % len(WORK)]
    joined = someone.birth_date.replace(year=someone.birth_date.year + 20 + number % 9)
    is_new = number % 15 == 4
    member = Member(
        pk=key("member", number), organization=organization, gender=someone.gender,
        ethnicity=ETHNICITIES[number % len(ETHNICITIES)], birth_date=someone.birth_date.isoformat(),
        member_type=MemberType.PROBATIONARY if is_new else MemberType.FULL,
        education=EDUCATIONS[number % len(EDUCATIONS)], occupation=occupation,
        state=MemberState.PENDING if number in (17, 31) else MemberState.FLOATING, is_synthetic=True,
    )  # fmt: skip
    member.set_name(someone.name)
    if is_new:
        days = 345 if number == 4 else 100 + number  # one whose probationary period ends within a month
        member.join_date = (timezone.localdate() - dt.timedelta(days=days)).isoformat()
    else:
        member.join_date = joined.isoformat() if number % 4 else joined.isoformat()[:7]
        member.full_member_date = joined.replace(year=joined.year + 1).isoformat()[: len(member.join_date)]
    # a few files are not complete, as in every office
    member.id_number = someone.id_number if number % 14 != 13 else ""
    member.mobile = someone.mobile if number % 22 != 21 else ""
    member.employer = employer
    house = 10 + number - (number % 6 == 1)  # some live together
    member.current_address = f"{organization}样例路{house}号" if direction(number) == Direction.INFLOW else ""
    member.new_employment = occupation if occupation in EMPLOYMENT_GROUPS else ""
    member.certificate_number = f"样例证{1000 + number}" if number % 3 == 0 else ""
    member.former_occupation = FORMER[number % len(FORMER)]
    member.details = {
        "wechat_id": f"demo-wx-{number:02}" if number % 2 else "",
        "in_group": "是" if number % 3 else "否",
        "native_place": HOMES[number % len(HOMES)][:6],
        "household_address": f"{HOMES[number % len(HOMES)][:9]}样例村{number + 1}号" if number % 4 else "",
        "membership_status": "正常",
        "family_contact": f"样例家属 {person(number + 100).mobile}" if number % 5 == 0 else "",
        "skills": ("维修电器", "货车驾驶", "写春联", "")[number % 4],
        "care_tags": "独居" if number % 11 == 5 else "",
        "contact_note": "每月通话一次" if number % 7 == 3 else "",
    }
    member.remark = "台账备注：每季度返乡一次" if number % 10 == 6 else ""
    return member


def _movement(number: int, member: Member, organizations: dict[str, Organization]) -> Movement:
    started = timezone.localdate() - dt.timedelta(days=60 + (number * 97) % 1500)
    row = Movement(
        pk=key("movement", number), member=member, direction=direction(number), reason=REASONS[number % len(REASONS)],
        started_on=started.isoformat() if number % 3 else started.isoformat()[:7],
    )  # fmt: skip
    own = member.organization
    if row.direction == Direction.OUTFLOW:
        row.home_organization = own
        place = AWAY[number % len(AWAY)]
        row.scope = "跨省" if not place.startswith("安徽") else "省内跨市"
        row.destination_kind = ("非公", "个体工商户", "城市社区")[number % 3]
        row.host_text = f"{place}样例街道党群服务中心" if number % 2 else ""
        row.destination = f"{place}样例路{number + 1}号"
    else:
        row.home_text = HOMES[number % len(HOMES)]
        row.host_organization = _host(number, own, organizations)
    return row


def _host(number: int, own: Organization, organizations: dict[str, Organization]) -> Organization:
    """Drivers of 林店社区 live in the drivers' branch, car sellers in the market's; the others in their community."""
    if own.code == f"{STREET}002":
        return organizations[DRIVERS_BRANCH]
    return organizations[MARKET_BRANCH] if WORK[number % len(WORK)][0] == "汽车销售员" else own
