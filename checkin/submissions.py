"""What the public page asks of the database: one statement each, in autocommit, without an actor."""

import uuid
from dataclasses import dataclass

from django.db import connection

from checkin.codes import receipt_number
from checkin.models import ReportIn

CONSENT_VERSION = "2026-11"  # of the notice in templates/checkin/report_in.html; a changed text gets a new version


@dataclass(frozen=True)
class PublicPoint:
    """What a poster shows. `state` is active, revoked or unknown; the texts are None for an unknown code."""

    state: str
    name: str | None
    address: str | None
    hours: str | None
    contact_name: str | None
    contact_phone: str | None
    community: str | None
    street: str | None


def find_point(code_id: uuid.UUID) -> PublicPoint:
    """The point that a code was printed for."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.checkin_point(%s)", [code_id])
        return PublicPoint(*cursor.fetchone())


def submit_report_in(*, code_id: uuid.UUID, client_key: uuid.UUID, name: str, mobile: str) -> tuple[PublicPoint, str]:
    """Put a submission into the queue of the point's organization, once for each form.

    Returns the point and the receipt number, which are the same whoever the person is and however often the form is
    sent. Nothing was written when the point's state is not active.
    """
    row = ReportIn(client_key=client_key)
    row.name, row.mobile = name, mobile
    receipt = receipt_number(client_key)
    sealed = [row.name_sealed, row.name_digest, row.mobile_sealed, row.mobile_digest]
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.submit_report_in(%s, %s, %s, %s, %s::bytea[], %s, %s)",
            [code_id, row.pk, client_key, bytes(row.data_key), sealed, receipt, CONSENT_VERSION],
        )
        return PublicPoint(*cursor.fetchone()), receipt
