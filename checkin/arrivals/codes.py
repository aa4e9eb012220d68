"""The text of a desk's code, and the ticket of a form. Nothing about a person or an activity stands in them.

A code has 38 bytes, 51 characters: `version(1) | key id(1) | desk(16) | number(4) | signature(16)`. On the screen the
number counts spans of 15 seconds, and a code is worth something in its own span and five seconds longer, by the clock
of the server; on a poster it is the number of the poster in force. What a code is for is signed, not contained.

Whoever opens the page in time gets a ticket for one form, so that a slow typer is not cut off: ten minutes, for this
code and this form alone. Rotation and margin as in Moodle's attendance (issues 351, 639), signed instead of stored.
"""

import re
import uuid
from dataclasses import dataclass

from checkin import signing
from checkin.arrivals.enums import Assurance

VERSION = 2
SPAN_SECONDS = 15
MARGIN_SECONDS = 5
TICKET_SECONDS = 600
USES = {Assurance.SCREEN: "desk screen", Assurance.POSTER: "desk poster"}
TICKET_USE = "desk form"
CODE_BYTES, TICKET_BYTES = 38, 22
CODE = re.compile(r"[A-Za-z0-9_-]{51}")
TICKET = re.compile(r"[A-Za-z0-9_-]{30}")


@dataclass(frozen=True)
class DeskCode:
    """A genuine code. `number`: the span of a screen, or the number of a poster."""

    desk_id: uuid.UUID
    assurance: Assurance
    number: int

    @property
    def poster(self) -> int | None:
        return self.number if self.assurance == Assurance.POSTER else None

    def is_in_time(self, now: float) -> bool:
        """Whether the page may be opened with it: always for a poster, whose number the database knows."""
        return self.assurance == Assurance.POSTER or self.number in spans_at(now)


def spans_at(now: float) -> tuple[int, ...]:
    """The spans whose codes count at a moment (seconds of the server's clock): its own, and for a margin the last."""
    span = int(now // SPAN_SECONDS)
    return (span, span - 1) if now % SPAN_SECONDS < MARGIN_SECONDS else (span,)


def make_code(desk_id: uuid.UUID, assurance: Assurance, number: int) -> str:
    """The 51 characters that stand in the address of a code."""
    key_id = signing.newest_key()
    head = bytes([VERSION, key_id]) + desk_id.bytes + number.to_bytes(4)
    return signing.to_text(head + signing.mac(USES[assurance], key_id, head))


def screen_code(desk_id: uuid.UUID, now: float) -> str:
    return make_code(desk_id, Assurance.SCREEN, int(now // SPAN_SECONDS))


def read_code(text: str) -> DeskCode | None:
    """What this portal signed; None for everything else, for whatever reason. Says nothing about time."""
    packed = signing.from_text(text, CODE_BYTES) if CODE.fullmatch(text) else None
    if packed is None or packed[0] != VERSION:
        return None
    key_id, head, signature = packed[1], packed[:22], packed[22:]
    for assurance, use in USES.items():
        # the screen shows codes of the newest key within seconds of a rotation; posters hang for weeks
        is_old = assurance == Assurance.SCREEN and key_id != signing.newest_key()
        if not is_old and signing.is_genuine(use, key_id, head, signature):
            return DeskCode(uuid.UUID(bytes=packed[2:18]), assurance, int.from_bytes(packed[18:22]))
    return None


def make_ticket(code: str, form: uuid.UUID, now: float) -> str:
    """Leave to send one form within ten minutes of now."""
    head = bytes([VERSION, signing.newest_key()]) + int(now).to_bytes(4)
    return signing.to_text(head + signing.mac(TICKET_USE, head[1], head + form.bytes + code.encode()))


def is_ticket(text: str, code: str, form: uuid.UUID, now: float) -> bool:
    """Whether the ticket was made for this code and form, and not more than ten minutes ago."""
    packed = signing.from_text(text, TICKET_BYTES) if TICKET.fullmatch(text) else None
    if packed is None or packed[0] != VERSION or packed[1] != signing.newest_key():
        return False
    head, signature = packed[:6], packed[6:]
    age = now - int.from_bytes(head[2:])
    is_young = -1 <= age <= TICKET_SECONDS
    return signing.is_genuine(TICKET_USE, packed[1], head + form.bytes + code.encode(), signature) and is_young
