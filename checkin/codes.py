"""The text of a printed code: version, key, random id and a signature; nothing about a person or a place.

34 bytes, 46 characters of url-safe base64: `version(1) | key id(1) | code id(16) | HMAC-SHA256(16)`. The signature
keeps guesses away from the database; what a code is for, and whether it is still in force, is decided there.
"""

import base64
import hashlib
import hmac
import re
import uuid
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal import keys

VERSION = 1
KEY_ID = 1
MAC_BYTES = 16
PATTERN = re.compile(r"[A-Za-z0-9_-]{46}")
RECEIPT_DIGITS = 8


@cache
def _key(use: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, f"{use} {KEY_ID}".encode()).derive(keys.load().codes)


def _mac(purpose: str, header: bytes, code_id: bytes) -> bytes:
    message = purpose.encode() + b"\0" + header + code_id
    return hmac.digest(_key("code"), message, hashlib.sha256)[:MAC_BYTES]


def make_code(code_id: uuid.UUID, purpose: str = "poster") -> str:
    """The 46 characters that stand in the URL of a code; `purpose` is signed, not contained."""
    header = bytes([VERSION, KEY_ID])
    packed = header + code_id.bytes + _mac(purpose, header, code_id.bytes)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_code(text: str, purpose: str = "poster") -> uuid.UUID | None:
    """The id in a code that this portal signed for the purpose; None for everything else, for whatever reason."""
    if not PATTERN.fullmatch(text):
        return None
    packed = base64.urlsafe_b64decode(text + "==")
    header, code_id, mac = packed[:2], packed[2:18], packed[18:]
    genuine = hmac.compare_digest(mac, _mac(purpose, header, code_id))
    # the last character holds four spare bits: only the spelling that make_code writes is a code
    canonical = base64.urlsafe_b64encode(packed).rstrip(b"=").decode() == text
    if not genuine or not canonical or header != bytes([VERSION, KEY_ID]):
        return None
    return uuid.UUID(bytes=code_id)


def receipt_number(client_key: uuid.UUID) -> str:
    """Eight digits for one form: random as the form's key is, the same when the form is sent again."""
    drawn = int.from_bytes(hmac.digest(_key("receipt"), client_key.bytes, hashlib.sha256)[:8])
    return f"{drawn % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"
