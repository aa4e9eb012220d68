"""An open check-in: the activity of today, with scans that wait for the steward."""

import datetime as dt

from django.utils import timezone

from activities.models import Activity
from checkin import devices
from checkin.arrivals.claims import Sent, check_in
from checkin.arrivals.codes import DeskCode
from checkin.arrivals.enums import Assurance
from checkin.arrivals.models import Desk
from portal.demo import add_missing, key
from portal.demo.people import mobile, name, person

# Numbers of the people who scanned: members of the community, one who lives elsewhere, one with a mistyped number.
SCANS = ((1, None), (6, None), (64, None), (11, 3999))


def add_desk() -> None:
    """The desk of the first activity, open for the whole day on which the demo was made."""
    activity = Activity.objects.get(pk=key("activity", 0))
    begin = dt.datetime.combine(activity.held_on, dt.time(0), tzinfo=timezone.get_current_timezone())
    desk = Desk(
        pk=key("desk"), activity=activity, organization_id=activity.organization_id, opens_at=begin,
        closes_at=begin + dt.timedelta(hours=24), has_check_out=True, typed_code="10010010", poster_number=1,
    )  # fmt: skip
    add_missing([desk])
    for number, other in SCANS:
        known = person(number) if number < 45 else None
        number_typed = mobile(other) if other else known.mobile if known else mobile(3000 + number)
        sent = Sent(key("scan", number), known.name if known else name(number), number_typed)
        phone = devices.digest(f"phone of scan {number} in the demo")  # one each, which nobody has
        check_in(DeskCode(desk.pk, Assurance.SCREEN, 0), sent, phone)
