"""What a phone asks of the database at a desk: one statement each, in autocommit, without an actor."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from checkin.arrivals.codes import DeskCode
from checkin.arrivals.models import Scan
from portal import crypto
from portal.public import AWAY


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
    *shown, people = _ask("select * from portal.find_desk(%s, %s, %s)", [code.desk_id, code.poster, device])
    return ShownDesk(*shown), [(device_id, name) for device_id, name in people or []]


def desk_of_typed(digits: str) -> tuple[uuid.UUID, int] | None:
    """(desk, number of its poster) for eight typed digits; None where no desk in use has them."""
    return _ask("select * from portal.desk_of_typed(%s)", [digits])


def check_in(code: DeskCode, sent: Sent, device: bytes | None) -> tuple[ShownDesk, str]:
    """Store one scan, once for each form. Nothing was stored unless the desk's state is open.

    Returns the desk, and the name of the person where a confirmed phone spoke ("" for what was typed, whoever it is).
    """
    scan, data_key, cipher = crypto.fresh_row()
    place = f"{Scan._meta.db_table}|{scan}"
    sealed = [*Scan.name.seal(cipher, place, sent.name), *Scan.mobile.seal(cipher, place, sent.mobile)]
    *shown, person = _ask(
        "select * from portal.check_in(%s, %s, %s, %s, %s, array[%s, %s, %s, %s]::bytea[], %s, %s, %s)",
        [code.desk_id, code.poster, scan, sent.client_key, data_key, *sealed, device, sent.known, sent.is_leaving],
    )
    return ShownDesk(*shown), person or ""


def _ask(statement: str, values: list[Any]) -> Any:
    """The one row of a statement that may be sent twice without harm.

    So the connection is not tried before each phone's statement, which cost a tenth of its page: one that was cut off
    since the last phone is opened anew.
    """
    connection.health_check_done = True
    if connection.connection is None:
        return _row(statement, values)
    try:
        return _row(statement, values)
    except AWAY:
        connection.close()
        return _row(statement, values)


def _row(statement: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
