"""Dates of the own members on a liaison's phone: what is near, in words that tell a stranger nothing; ticked off."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.copy_texts import text_to_report
from contacts.dates.enums import DateKind, DateState
from contacts.dates.models import DateReminder
from contacts.dates.services import mark
from contacts.querysets import assigned_to
from portal import access

SOON = dt.timedelta(days=7)

# A phone lies about: what somebody is, stands on none of its pages.
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    DateKind.PROBATION: (_("a year is over"), _("Ask the office what is to be done.")),
    DateKind.RETURN_SOON: (_("expected back soon"), _("Ask whether this stands, and tell the office.")),
    DateKind.RETURN_DAY: (_("expected back"), _("Ask whether this stands, and tell the office.")),
    DateKind.HALF_YEAR: (_("half a year abroad"), _("Ask how things are.")),
    DateKind.GRADUATED: (_("two years since leaving school"), _("Ask the office which papers are due.")),
    DateKind.DUES: (_("a month to remind of"), _("Ask the office what to remind of.")),
    DateKind.OWN_REPORT: (_("should get in touch by then"), _("Ask the person to call the office or to write.")),
    DateKind.BIRTHDAY: (_("a day to congratulate"), _("A greeting, best in person or by phone.")),
}


@dataclass
class PhoneDate:
    """One date that is told: whose, what, what to do, and a text to copy for it ("" where there is none)."""

    pk: uuid.UUID
    member: uuid.UUID
    name: str
    day: dt.date
    what: str | Promise
    to_do: str | Promise
    text: str = ""


def near_dates(actor: access.Actor, today: dt.date) -> dict[str, list[PhoneDate]]:
    """`today` (and what is late) and `soon` (within a week): the open dates of the acting liaison's members of which
    the rules tell by that day. Those of the managing side, as everywhere. One query."""
    access.must_act(actor)
    rows = DateReminder.objects.filter(member__in=assigned_to(actor), organization=F("member__organization"))
    rows = rows.current().filter(state=DateState.OPEN, announce_on__lte=today, day__lte=today + SOON)
    found: dict[str, list[PhoneDate]] = {"today": [], "soon": []}
    for row in rows.select_related("member", "organization__parent").order_by("day", "member__name_pinyin", "kind"):
        if row.member is not None and row.kind in WORDS:
            one = PhoneDate(row.pk, row.member.pk, row.member.name, row.day, *WORDS[row.kind])
            if row.kind == DateKind.OWN_REPORT:
                one.text = text_to_report(row.organization)
            found["today" if row.day <= today else "soon"].append(one)
    return found


def tick_off(text: str, *, by: access.Actor) -> None:
    """The date with this key is done. Raises Http404 for another's, and for what is no key."""
    try:
        mark(reminders=[uuid.UUID(text)], state=DateState.DONE, by=by)
    except (ValueError, PermissionDenied):
        raise Http404 from None
