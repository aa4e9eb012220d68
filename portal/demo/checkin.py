"""Seven check-in points with codes, report-ins that wait for a clerk, and what members sent in from their own pages."""

import datetime as dt
from typing import Any

from django.utils import timezone

from checkin.enums import PointKind
from checkin.letters.wording import BODY, TITLE
from checkin.models import CheckinCode, CheckinPoint, LetterVersion, ReportInLink
from checkin.own_page import giving, services
from checkin.own_page.enums import RequestKind
from checkin.submissions import Door, submit_report_in
from members.models import Member
from portal import access, links
from portal.demo import add_missing, key
from portal.demo.offices import STREET
from portal.demo.people import mobile, name, person
from portal.models import Organization

POINTS = (
    ("", PointKind.SERVICE_CENTRE, "杏花村街道党群服务中心", "样例大道1号一楼大厅"),
    ("001", PointKind.COMMUNITY, "五里社区报到点", "样例路11号社区居委会"),
    ("002", PointKind.COMMUNITY, "林店社区报到点", "样例路22号社区居委会"),
    ("002", PointKind.STATION, "货车司机驿站报到点", "样例物流园北门"),
    ("003", PointKind.MARKET, "汽车市场报到点", "样例汽车市场服务台"),
    ("005", PointKind.COMMUNITY, "汲桥新村社区报到点", "样例路55号社区居委会"),
    ("006", PointKind.COMMUNITY, "松竹社区报到点", "样例路66号社区居委会"),
)
# (point, number of the person): the fourth is a member already, the last one sent the form twice.
WAITING = ((2, 60), (3, 61), (0, 62), (2, 1), (4, 63))
# What some of them said beside name and number.
MORE: dict[int, dict[str, object]] = {
    61: {"home": "样例县样例镇样例村党支部", "since": "2026-03", "occupation": "货车司机", "id_tail": "00123X",
         "sensitive": True},
    62: {"home": "样例集团党委", "since": "2025", "branch_contact": "韩书记", "branch_phone": "0559-0000001",
         "sensitive": True},
    63: {"proxy_name": "卢小满", "proxy_relation": "女儿", "proxy_phone": "13800003999"},
}  # fmt: skip


def add_points(organizations: dict[str, Organization]) -> None:
    """The points, each with a code in force for its poster, and the street's address for those without one."""
    add_missing(
        [
            CheckinPoint(
                pk=key("point", number), organization=organizations[STREET + ending], kind=kind, name=title,
                address=address, hours="工作日 9:00–17:30", contact_name=f"{name(70 + number)[0]}老师",
                contact_phone=f"0551-0000{number + 1:04d}",
            )
            for number, (ending, kind, title, address) in enumerate(POINTS)
        ]
    )  # fmt: skip
    add_missing([ReportInLink(pk=key("report-in link", 0), organization=organizations[STREET], word="xinghua",
                              contact_phone="0551-00000001")])  # fmt: skip
    coded = set(CheckinCode.objects.filter(revoked_at=None).values_list("point_id", flat=True))
    add_missing(
        [
            CheckinCode(pk=key("code", number), point_id=key("point", number))
            for number in range(len(POINTS))
            if key("point", number) not in coded
        ]
    )
    greeting = BODY.replace("您好！", "您好，一路辛苦！", 1)  # the street's own words, so a version of its own
    add_missing(
        [LetterVersion(pk=key("letter", 1), organization=organizations[STREET], number=1, title=TITLE, body=greeting)]
    )


def add_report_ins() -> None:
    """Submissions through the function that the public page calls; sent again they change nothing."""
    for point, number in WAITING:
        code = CheckinCode.objects.filter(point_id=key("point", point), revoked_at=None).first()
        if code is None:
            continue
        known = person(number) if number < 45 else None
        given: dict[str, object] = {"name": known.name if known else name(number),
                 "mobile": known.mobile if known else mobile(3000 + number), **MORE.get(number, {})}  # fmt: skip
        submit_report_in(door=Door(code.pk), client_key=key("report-in", number), given=given)


def add_own_pages(members: list[Member], by: access.Actor) -> None:
    """Three members with a page of their own, on phones that nobody has, and what they sent in from there."""
    start = timezone.localdate() + dt.timedelta(days=70)
    sent: tuple[tuple[RequestKind, dict[str, Any]], ...] = (
        (RequestKind.MOBILE, {"text": mobile(3100)}),
        (RequestKind.JOURNEY, {"text": "全家一起回来", "from_on": start, "until_on": start + dt.timedelta(days=12)}),
        (RequestKind.MESSAGE, {"text": "这边一切都好，请放心。"}),
    )
    fit = (member for member in members if giving.known_figures(member) and not giving.why_none(member))
    for member, (kind, said) in zip(fit, sent, strict=False):
        if giving.latest_link(member) is not None:
            continue
        issued = giving.issue_link(member=member, by=by)
        links.try_pin(issued.token, issued.pin)
        with access.acting_as(access.link_actor(issued.link.pk)) as own:
            services.send_request(
                own=services.own_file(own), kind=kind.value, by=own, key=key("own page", kind.value), **said
            )
