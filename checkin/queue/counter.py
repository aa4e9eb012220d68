"""窗口登记: the clerk writes down somebody who came in person, or a paper form that was filled in earlier."""

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.codes import receipt_number
from checkin.enums import ReportInWay
from checkin.models import DETAILS, ReportIn, SignedForm
from checkin.queue import photos
from checkin.submissions import CONSENT_VERSION, TAIL_DIGITS, status_digest
from members.revealing import TooMany
from portal import access, limits
from portal.models import AuditEntry, Organization
from portal.roles import Right

MOST_PHOTOS = 4


@transaction.atomic
def take_in(
    *, organization: Organization, client_key: uuid.UUID, given: dict[str, Any], by: access.Actor,
    filled_on: dt.date | None = None,
) -> ReportIn:  # fmt: skip
    """Put somebody into the own queue. `given` as for `submit_report_in`; `filled_on`: the day on a paper form that is
    entered later. The consent is the signature on the form. Sent again by the same person: the row that is there.
    `client_key` is mixed with who sends it, so that no form of another office can be in the way.

    Raises PermissionDenied without the right.
    """
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, organization)
    key = uuid.uuid5(client_key, str(by))
    row = ReportIn(organization=organization, client_key=key, receipt=receipt_number(key))
    row.name, row.mobile = given["name"], given["mobile"]
    row.details = {key: given.get(key, "") for key in DETAILS}
    row.way = ReportInWay.PAPER if filled_on else ReportInWay.WINDOW
    row.consent_version, row.has_sensitive_consent = CONSENT_VERSION, True
    row.status_digest = status_digest(row.receipt, row.mobile[-TAIL_DIGITS:])
    ReportIn.objects.bulk_create([row], ignore_conflicts=True)
    same = ReportIn.objects.filter(client_key=key, details_digest=row.details_digest)
    stored = same.filter(name_digest=row.name_digest, mobile_digest=row.mobile_digest).first()
    if stored is None:  # sent to an office that is not in reach any more
        raise PermissionDenied("client_key")
    if stored.pk == row.pk:
        if filled_on:
            noon = dt.datetime.combine(filled_on, dt.time(12), timezone.get_default_timezone())
            ReportIn.objects.filter(pk=row.pk).update(submitted_at=noon)
        _record(stored, "report_in_taken", by)
    return stored


def form_printed(*, report_in: ReportIn, by: access.Actor) -> None:
    """Record that the full numbers leave on paper. Raises PermissionDenied without the right, TooMany beyond the hour's
    number."""
    _must_read_numbers(report_in, by)
    _record(report_in, "report_in_printed", by)


@transaction.atomic
def add_photo(*, report_in: ReportIn, content: bytes, by: access.Actor) -> None:
    """Keep a photograph of the signed form, sealed.

    Raises ValidationError for what is no photograph or one too many, PermissionDenied without the right.
    """
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, report_in.organization)
    ReportIn.objects.select_for_update().get(pk=report_in.pk)
    if report_in.signed_forms.count() >= MOST_PHOTOS:
        raise ValidationError(_("There are %(count)d photographs already.") % {"count": MOST_PHOTOS})
    form = SignedForm(report_in=report_in, added_by_id=by.user_id)
    form.content = photos.seal(form, photos.redrawn(content))
    SignedForm.objects.bulk_create([form])  # no RETURNING: reading back is a right of its own
    _record(report_in, "report_in_photo_added", by)


def open_photo(*, signed_form: SignedForm, by: access.Actor) -> bytes:
    """The photograph as a JPEG; recorded, and counted as a full number. Raises as form_printed."""
    _must_read_numbers(signed_form.report_in, by)
    _record(signed_form.report_in, "report_in_photo_shown", by)
    return photos.opened(signed_form)


def _must_read_numbers(report_in: ReportIn, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.REVEAL_IDENTITY, report_in.organization)
    if not limits.may_reveal_more(str(by)):
        raise TooMany


def _record(row: ReportIn, action: str, by: access.Actor) -> None:
    AuditEntry.objects.create(
        actor=str(by), action=action, organization=row.organization, object_type="checkin.reportin", object_id=row.pk
    )
