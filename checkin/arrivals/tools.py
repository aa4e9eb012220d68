"""The way from an activity to its check-in."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def desk_tool(activity: Any) -> tuple[str, str]:
    """(address, words) of the check-in of an activity: its list, or the page that opens it."""
    desk = getattr(activity, "desk", None)
    if desk is not None:
        return reverse("checkin:desk", args=[desk.pk]), _("Check-in list")
    return reverse("checkin:open_desk", args=[activity.pk]), _("Open the check-in")
