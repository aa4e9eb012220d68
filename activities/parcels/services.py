"""Send parcels to members, and note what became of them."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.parcels.models import Parcel, ParcelState
from members.models import Member
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

MOST_AT_ONCE = 300
ABROAD = "境外"
BEFORE = {  # SENT again: the office pressed the wrong button; what the member said stands
    ParcelState.RECEIVED: Q(state=ParcelState.SENT),
    ParcelState.RETURNED: Q(state=ParcelState.SENT),
    ParcelState.CHECKED: Q(state=ParcelState.RETURNED),
    ParcelState.SENT: Q(state__in=(ParcelState.RECEIVED, ParcelState.RETURNED), closed_by__isnull=False),
}


@dataclass(frozen=True)
class Recipients:
    """Chosen members by whether a parcel can go to them: `abroad` never (product.md, rule 10), `lost`: no address."""

    ready: list[Member]
    lost: list[Member]
    abroad: list[Member]


def recipients(members: Any, by: access.Actor) -> Recipients:
    """Sort chosen members by whether a parcel can go to them. Raises PermissionDenied where one is out of reach, or may
    not be sent anything by the actor; ValidationError for more than MOST_AT_ONCE."""
    access.must_act(by)
    rows = list(members.select_related("organization").order_by("name_pinyin", "id")[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE:
        raise ValidationError(_("Please choose at most %(most)s people at once.") % {"most": MOST_AT_ONCE})
    reach = set(access.organization_ids(Right.MANAGE_ACTIVITIES))
    if not {row.organization_id for row in rows} <= reach:
        raise PermissionDenied(Right.MANAGE_ACTIVITIES)
    away = Member.objects.filter(pk__in=[row.pk for row in rows], movements__ended_on="", movements__scope=ABROAD)
    abroad = set(away.values_list("pk", flat=True))
    here = [row for row in rows if row.pk not in abroad]
    return Recipients(
        ready=[row for row in here if row.current_address],
        lost=[row for row in here if not row.current_address],
        abroad=[row for row in rows if row.pk in abroad],
    )


def send_parcels(*, members: Any, content: str, sent_on: dt.date, by: access.Actor, key: uuid.UUID) -> int:
    """One parcel for each of the members to whom one can go; the same form sent twice sends once.

    Returns how many are on the way. Errors as `recipients`, and ValidationError without a content.
    """
    content = content.strip()[:60]
    if not content:
        raise ValidationError(_("Please write what is sent."))
    ready = recipients(members, by).ready
    rows = [
        Parcel(id=uuid.uuid5(key, str(member.pk)), batch=key, member=member, organization_id=member.organization_id,
               content=content, sent_on=sent_on, sent_by_id=by.user_id)
        for member in ready
    ]  # fmt: skip
    for row in rows:
        row.address = row.member.current_address
    Parcel.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def note_number(*, parcel: uuid.UUID, number: str, by: access.Actor) -> None:
    """Write the carrier's number down. Raises Http404 for a parcel out of reach."""
    if not _reach(parcel, by).update(tracking_number=number.strip()[:40]):
        raise Http404


def change_parcel(*, parcel: uuid.UUID, state: ParcelState, by: access.Actor) -> None:
    """It was received, came back, or the address of one that came back was checked, as of today; or none of it (SENT).

    Raises Http404 for a parcel out of reach, ValidationError where somebody was quicker.
    """
    rows = _reach(parcel, by)
    if not rows.exists():
        raise Http404
    closed = {"closed_on": timezone.localdate(), "closed_by_id": by.user_id}
    if state == ParcelState.SENT:
        closed = dict.fromkeys(closed)
    if not rows.filter(BEFORE[state]).update(state=state, **closed):
        raise ValidationError(_("This parcel has changed meanwhile. Please look at it again."))


def labels(by: access.Actor) -> list[Parcel]:
    """Every parcel on the way that the actor may send, for address labels; audited, because full numbers and addresses
    are printed. Raises PermissionDenied without the right to see these."""
    access.must_act(by)
    access.require(Right.REVEAL_IDENTITY)
    rows = Parcel.objects.visible_to(by, Right.MANAGE_ACTIVITIES).filter(
        state=ParcelState.SENT, organization__in=access.organization_ids(Right.REVEAL_IDENTITY)
    )
    found = list(rows.select_related("member", "organization").order_by("sent_on", "member__name_pinyin", "id")
                 [:MOST_AT_ONCE])  # fmt: skip
    AuditEntry.objects.bulk_create(
        AuditEntry(actor=str(by), action="print_labels", organization_id=row.organization_id, object_type="member",
                   object_id=row.member_id)
        for row in found
    )  # fmt: skip
    return found


def _reach(parcel: uuid.UUID, by: access.Actor) -> Any:
    access.must_act(by)
    return Parcel.objects.visible_to(by, Right.MANAGE_ACTIVITIES).filter(pk=parcel)
