"""What the public page asks of the database: one statement each, in autocommit, without an actor."""

import base64
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from checkin.codes import receipt_number
from checkin.models import DETAILS, ReportIn
from portal import crypto
from portal.models import Organization

CONSENT_VERSION = "2026-12"  # of the notice in templates/checkin/consent.html; a changed text gets a new version
MOST_HOMES = 8
TAIL_DIGITS = 4


@dataclass(frozen=True)
class Door:
    """How somebody came in: by the code of a poster, or by the word of a permanent address and a community's code."""

    code_id: uuid.UUID | None = None
    word: str = ""
    community: str = ""


@dataclass(frozen=True)
class PublicPoint:
    """What a poster shows. `state` is active, revoked or unknown; the texts are None where there are none."""

    state: str
    name: str | None
    address: str | None
    hours: str | None
    contact_name: str | None
    contact_phone: str | None
    community: str | None
    street: str | None
    head: bytes | None = None  # the street's drawing, small

    @property
    def head_picture(self) -> str:
        """The drawing as an address of a PNG that lies in the page itself; "" where there is none."""
        return "data:image/png;base64," + base64.b64encode(self.head).decode() if self.head else ""


@dataclass(frozen=True)
class Choice:
    """One community behind a permanent address; `is_top` is the office itself."""

    code: str
    name: str
    is_top: bool


@dataclass(frozen=True)
class Status:
    """How far a submission has got: received, incomplete, done or unknown; who has it."""

    state: str
    on_day: dt.date | None
    community: str | None
    contact_phone: str | None


def find_point(door: Door) -> PublicPoint:
    """The point that a code was printed for, or the community behind a permanent address."""
    with connection.cursor() as cursor:
        if door.code_id is not None:
            cursor.execute("select * from portal.checkin_point(%s)", [door.code_id])
        else:
            cursor.execute("select * from portal.linked_point(%s, %s)", [door.word, door.community])
        return PublicPoint(*cursor.fetchone())


def link_choices(word: str) -> list[Choice]:
    """What may be chosen behind a permanent address, the office itself first; nothing for an unknown word."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.link_choices(%s)", [word])
        return [Choice(*row) for row in cursor.fetchall()]


def find_homes(text: str) -> list[Organization]:
    """Party organizations of the tree whose name holds the text, the shortest names first; names are public."""
    wanted = "".join(text.split())
    if len(wanted) < 2 or "\0" in wanted:
        return []
    named = Q(name__contains=wanted) | Q(short_name__contains=wanted) | Q(party_name__contains=wanted)
    rows = Organization.objects.filter(named, is_active=True, kind__in=("street", "community", "branch"))
    return list(rows.select_related("parent").order_by("kind", "code")[:MOST_HOMES])


def status_digest(receipt: str, mobile_tail: str) -> bytes:
    """By which a state is found: neither number is of use without the other, nor to a reader of the database."""
    return crypto.digest("report_in_status", f"{receipt}|{mobile_tail}")


def submit_report_in(*, door: Door, client_key: uuid.UUID, given: dict[str, Any]) -> tuple[PublicPoint, str]:
    """Put a submission into the queue of the point's organization, once for each form.

    `given`: name, mobile, any of checkin.models.DETAILS, `sensitive` for the second consent. Returns the point and the
    receipt number, which are the same whoever the person is and however often the form is sent. Nothing was written
    when the point's state is not active.
    """
    row = ReportIn(client_key=client_key)
    row.name, row.mobile = given["name"], given["mobile"]
    row.details = {key: given.get(key, "") for key in DETAILS}
    receipt = receipt_number(client_key)
    sealed = [row.name_sealed, row.name_digest, row.mobile_sealed, row.mobile_digest, row.details_sealed,
              row.details_digest, status_digest(receipt, row.mobile[-TAIL_DIGITS:])]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.submit_report_in(%s, %s, %s, %s, %s, %s, %s::bytea[], %s, %s, %s, %s)",
            [door.code_id, door.word, door.community, row.pk, client_key, bytes(row.data_key), sealed, receipt,
             CONSENT_VERSION, bool(given.get("sensitive")), "proxy" if given.get("proxy_name") else "self"],
        )  # fmt: skip
        return PublicPoint(*cursor.fetchone()), receipt


def find_status(*, client_key: uuid.UUID | None = None, receipt: str = "", mobile_tail: str = "") -> Status:
    """How far a submission has got, by the key of its form, or by receipt number and tail of the mobile number."""
    proof = None if client_key else status_digest(receipt, mobile_tail)
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.report_in_status(%s, %s)", [client_key, proof])
        return Status(*cursor.fetchone())
