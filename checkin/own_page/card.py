"""The code on a member's card: who, and of which day, signed. It names nobody to whoever is no steward.

36 bytes, 48 characters: `version(1) | key id(1) | member(16) | day(2) | signature(16)`. It counts on its day and the
next, by the clock of the server, and only while the member has a page (checkin/sql/own_card.sql).
"""

import base64
import datetime as dt
import re
import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from checkin import signing
from checkin.qr import qr_png

VERSION = 3
USE = "own card"
HEAD_BYTES, CODE_BYTES = 20, 36
CODE = re.compile(r"[A-Za-z0-9_-]{48}")
MODULE = 6  # pixels for each module: 300 to 320 px on a phone


def make_code(member_id: uuid.UUID, day: dt.date) -> str:
    """The 48 characters that stand in the address of a card."""
    key_id = signing.newest_key()
    head = bytes([VERSION, key_id]) + member_id.bytes + _number(day).to_bytes(2)
    return signing.to_text(head + signing.mac(USE, key_id, head))


def read_code(text: str, today: dt.date) -> uuid.UUID | None:
    """The member of a card that this portal signed today or yesterday; None for everything else alike."""
    packed = signing.from_text(text, CODE_BYTES) if CODE.fullmatch(text) else None
    if packed is None or packed[0] != VERSION or packed[1] != signing.newest_key():
        return None
    head, signature = packed[:HEAD_BYTES], packed[HEAD_BYTES:]
    if not signing.is_genuine(USE, packed[1], head, signature):
        return None
    age = _number(today) - int.from_bytes(head[18:])
    return uuid.UUID(bytes=head[2:18]) if age in (0, 1) else None


def picture(member_id: uuid.UUID) -> str:
    """The code as an address of a PNG that lies in the page itself: no second request, nothing kept."""
    code = make_code(member_id, timezone.localdate())
    png = qr_png(settings.BASE_URL + reverse("own_card_scanned", args=[code]), module=MODULE)
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _number(day: dt.date) -> int:
    return day.toordinal() - dt.date(2020, 1, 1).toordinal()
