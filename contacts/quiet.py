"""When nobody is sent anything."""

from datetime import datetime

from django.utils import timezone

QUIET_FROM_HOUR = 21  # rules of the field: quiet hours 21:00–08:00, local time
QUIET_UNTIL_HOUR = 8


def is_quiet(now: datetime) -> bool:
    """Whether `now` (aware) lies in the quiet hours of the portal's time zone."""
    hour = timezone.localtime(now).hour
    return hour >= QUIET_FROM_HOUR or hour < QUIET_UNTIL_HOUR
