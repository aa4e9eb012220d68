"""What plain tables send: ticked rows and a day."""

import datetime as dt
import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _


def posted_day(request: HttpRequest, name: str) -> dt.date:
    """The day of this field. Raises ValidationError without one."""
    try:
        day = parse_date(request.POST.get(name, ""))
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(_("Please give the day."))
    return day


def posted_keys(request: HttpRequest, name: str, most: int) -> set[uuid.UUID]:
    """The ticked rows. Raises Http404 for what no page of ours sends: no keys, or more than `most`."""
    try:
        keys = {uuid.UUID(pk) for pk in request.POST.getlist(name)}
    except ValueError:
        raise Http404 from None
    if len(keys) > most:
        raise Http404
    return keys
