"""Seven check-in points with codes, and report-ins that wait for a clerk."""

from checkin.enums import PointKind
from checkin.letters.wording import BODY, TITLE
from checkin.models import CheckinCode, CheckinPoint, LetterVersion
from checkin.submissions import submit_report_in
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


def add_points(organizations: dict[str, Organization]) -> None:
    """The points, each with a code in force for its poster."""
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
        submit_report_in(
            code_id=code.pk, client_key=key("report-in", number), name=known.name if known else name(number),
            mobile=known.mobile if known else mobile(3000 + number),
        )  # fmt: skip
