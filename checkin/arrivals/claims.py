"""What a phone asks of the database at a desk: one statement each, in autocommit, without an actor."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection

from checkin.arrivals.codes import DeskCode
from checkin.arrivals.models import Scan


@dataclass(frozen=True)
class ShownDesk:
    """What a code leads to. `state`: open, early, over, closed, revoked, unknown; for a form sent also used (three
    others came with its ticket) or stranger (the phone that was to stand for somebody does not any more). The texts are
    None for an unknown desk."""

    state: str
    title: str | None
    held_on: dt.date | None
    place: str | None
    community: str | None
    opens_at: dt.datetime | None
    has_check_out: bool


@dataclass(frozen=True)
class Sent:
    """A form: what was typed, or `known` for a confirmed phone (the id of its row)."""

    client_key: uuid.UUID
    name: str = ""
    mobile: str = ""
    known: uuid.UUID | None = None
    is_leaving: bool = False


def find_desk(code: DeskCode, device: bytes | None) -> tuple[ShownDesk, list[tuple[str, str]]]:
    """The desk of a code, and (device row, name) of the people whom the asking phone stands for."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.find_desk(%s, %s, %s)", [code.desk_id, code.poster, device])
        *shown, people = cursor.fetchone()
    return ShownDesk(*shown), [(device_id, name) for device_id, name in people or []]


def desk_of_typed(digits: str) -> tuple[uuid.UUID, int] | None:
    """(desk, number of its poster) for eight typed digits; None where no desk in use has them."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.desk_of_typed(%s)", [digits])
        return cursor.fetchone()


def check_in(code: DeskCode, sent: Sent, device: bytes | None) -> tuple[ShownDesk, str]:
    """Store one scan, once for each form. Nothing was stored unless the desk's state is open.

    Returns the desk, and the name of the person where a confirmed phone spoke ("" for what was typed, whoever it is).
    """
    row = Scan(client_key=sent.client_key)
    row.name, row.mobile = sent.name, sent.mobile
    sealed = [row.name_sealed, row.name_digest, row.mobile_sealed, row.mobile_digest]
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.check_in(%s, %s, %s, %s, %s, %s::bytea[], %s, %s, %s)",
            [code.desk_id, code.poster, row.pk, sent.client_key, bytes(row.data_key), sealed, device, sent.known,
             sent.is_leaving],
        )  # fmt: skip
        *shown, person = cursor.fetchone()
    return ShownDesk(*shown), person or ""
