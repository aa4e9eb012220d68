"""What a member reads and sends on the own page. The actor is the personal link; the database hands out and takes in
(checkin/sql/own_page.sql), and no other row is in sight."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils import timezone

from checkin.own_page.enums import RequestKind, RequestState
from checkin.own_page.models import MemberRequest
from contacts.models import ContactLog, Need
from contacts.needs.services import confirm_need, raise_need
from members.models import Member
from portal import access
from portal.asking import ask_database, ask_rows
from portal.limits import HourlyCounter

FORMS_AN_HOUR = 20
MOST_SHOWN = 30
FILE = ("id", "data_key", "organization_id", "name", "gender", "ethnicity", "birth_date", "id_number_sealed",
        "mobile_sealed", "member_type", "join_date", "full_member_date", "education", "certificate_number",
        "occupation", "employer_sealed", "current_address_sealed", "updated_at")  # fmt: skip
_forms = HourlyCounter("own page")


@dataclass(frozen=True)
class Office:
    """Whom the member turns to. `phone`: the office's, as on its poster; "" or None where none is known."""

    organization: str
    liaison: str | None
    place: str | None
    address: str | None
    hours: str | None
    phone: str | None


@dataclass(frozen=True)
class OwnActivity:
    title: str
    held_on: dt.date
    place: str
    has_come: bool


@dataclass(frozen=True)
class OwnNeed:
    id: uuid.UUID
    category: str
    raised_on: dt.date
    due_on: dt.date
    state: str
    outcome: str


@dataclass(frozen=True)
class OwnParcel:
    id: uuid.UUID
    content: str
    sent_on: dt.date
    tracking_number: str


@dataclass(frozen=True)
class OwnRequest:
    kind: str
    made_at: dt.datetime
    state: str
    from_on: dt.date | None
    until_on: dt.date | None

    @property
    def kind_label(self) -> str:
        return str(RequestKind(self.kind).label)

    @property
    def state_label(self) -> str:
        return str(RequestState(self.state).label)

    @property
    def is_waiting(self) -> bool:
        return self.state == RequestState.WAITING


@dataclass(frozen=True)
class Reminders:
    """What the own page reminds of; all None unless `is_wanted`. Of the own yearly report: the last one, since when the
    next one is due, and by which day. Of activities: the next one within a week."""

    is_wanted: bool
    last_on: dt.date | None
    due_on: dt.date | None
    limit_on: dt.date | None
    activity: str | None
    held_on: dt.date | None


@dataclass(frozen=True)
class Away:
    direction: str
    home: str
    host: str
    started_on: str


@dataclass(frozen=True)
class View:
    """One look into the file: the day, the unit, what was done (an audit action), which field, and why."""

    seen_on: dt.date
    unit: str
    action: str
    field: str
    reason: str


def own_file(by: access.Actor) -> Member:
    """The agreed parts of the acting member's file, never to be saved. Raises Http404 where there is no page."""
    access.must_act(by)
    for row in ask_rows("own_file"):
        return Member(**dict(zip(FILE, row, strict=True)))
    raise Http404


def office(by: access.Actor) -> Office:
    access.must_act(by)
    return Office(*ask_rows("own_office")[0])


def activities(by: access.Actor) -> list[OwnActivity]:
    """Those the member came to and those to come, the latest first."""
    access.must_act(by)
    return [OwnActivity(*row) for row in ask_rows("own_activities", MOST_SHOWN)]


def needs(by: access.Actor) -> list[OwnNeed]:
    access.must_act(by)
    return [OwnNeed(*row) for row in ask_rows("own_needs", MOST_SHOWN)]


def parcels(by: access.Actor) -> list[OwnParcel]:
    """Those on the way to the acting member, the earliest first."""
    access.must_act(by)
    return [OwnParcel(*row) for row in ask_rows("own_parcels")]


def confirm_parcel(parcel: uuid.UUID, by: access.Actor) -> None:
    """The acting member says that it arrived. One that is not on the way to the member: nothing happens."""
    access.must_act(by)
    ask_database("confirm_own_parcel", parcel)


def requests(by: access.Actor, most: int = MOST_SHOWN) -> list[OwnRequest]:
    access.must_act(by)
    return [OwnRequest(*row) for row in ask_rows("own_requests", most)]


def reminders(by: access.Actor) -> Reminders:
    """What there is to remind the acting member of today. No channel but the own page reaches members."""
    access.must_act(by)
    return Reminders(*ask_rows("own_reminders")[0])


def movements(by: access.Actor) -> list[Away]:
    access.must_act(by)
    return [Away(*row) for row in ask_rows("own_movements")]


def views(by: access.Actor) -> list[View]:
    """Who looked into the file in the last year, the latest first; units, never people."""
    access.must_act(by)
    return [View(*row) for row in ask_rows("own_views", MOST_SHOWN)]


def may_send_more(by: access.Actor) -> bool:
    """Count one form; False when this hour's are used up."""
    return _forms.count(str(by)) <= FORMS_AN_HOUR


def send_request(*, own: Member, kind: str, by: access.Actor, key: uuid.UUID, **said: Any) -> None:
    """Send in a number, a place, a journey, a message, or whether to be reminded (RequestKind). `said`: text, from_on,
    until_on.

    The same key is stored once. A message is a contact from the member's side as well. Raises PermissionDenied where
    the link is not in force any more.
    """
    access.must_act(by)
    text = said.get("text", "")
    if kind == RequestKind.MESSAGE:
        row: Any = ContactLog(id=key, member=own)
        row.note = text
        sealed, mark = row.note_sealed, row.note_digest
    else:
        row = MemberRequest(id=key, member=own)
        row.text = text
        sealed, mark = row.text_sealed, row.text_digest
    ask_database("send_own_request", key, kind, sealed, mark, said.get("from_on"), said.get("until_on"))


def ask_for_help(*, own: Member, category: str, detail: str, by: access.Actor, key: uuid.UUID) -> None:
    """Raise a need. It is told in a contact from the member's side, from which the office sees where it came from."""
    access.must_act(by)
    ask_database("log_own_contact", key, None, None)
    raise_need(
        member=own, organization=None, category=category, detail=detail, by=by, key=key, contact=key,
        raised_on=timezone.localdate(),
    )  # fmt: skip


def say_whether_met(*, own: Member, need_id: str, is_met: bool, by: access.Actor) -> None:
    """What the member says about a need that was answered; nothing happens to one that does not wait for that.

    Raises Http404 for a need that is not the member's.
    """
    access.must_act(by)
    for row in needs(by):
        if str(row.id) == need_id:
            confirm_need(need=Need(id=row.id, member=own), is_met=is_met, by=by)
            return
    raise Http404


def stop(by: access.Actor) -> None:
    """End the page on this phone: the link is closed. Raises PermissionDenied where it is not in force."""
    access.must_act(by)
    ask_database("stop_own_page")


def card_number(by: access.Actor) -> str:
    """Eight figures that stand for the acting member today."""
    access.must_act(by)
    return str(ask_database("own_card_number"))


def leads_somewhere(link_id: uuid.UUID) -> bool:
    """Whether a link that waits for its first phone leads to a page; not to that of somebody who went abroad."""
    return bool(ask_database("own_page_waits", link_id))


def note_binding(by: access.Actor) -> None:
    """Write down that a phone was bound to the acting link. Raises PermissionDenied where there is no page."""
    access.must_act(by)
    ask_database("note_own_binding")
