"""What an office sends to somebody who wants to report in: where, when, what to bring. All of it is on the poster."""

from django.utils.translation import gettext as _

from checkin.models import CheckinPoint


def point_text(point: CheckinPoint) -> str:
    """One line each; what the point does not name is left out. Says nothing of membership."""
    office_phone = " ".join(filter(None, (point.contact_name, point.contact_phone)))
    lines = [
        _("Check-in point: %(name)s") % {"name": point.name},
        _("Address: %(address)s") % {"address": point.address},
        _("Open: %(hours)s") % {"hours": point.hours} if point.hours else "",
        _("Ask: %(contact)s") % {"contact": office_phone} if office_phone else "",
        _("Please bring your ID card and your mobile phone; there you scan a code and fill in a short form."),
    ]
    return "\n".join(filter(None, lines))
