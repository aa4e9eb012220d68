"""The text of a printed code: version, key, random id and a signature; nothing about a person or a place.

34 bytes, 46 characters of url-safe base64: `version(1) | key id(1) | code id(16) | HMAC-SHA256(16)`. The signature
keeps guesses away from the database; what a code is for, and whether it is still in force, is decided there.
"""

import hashlib
import hmac
import re
import uuid
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from checkin import signing
from portal import keys

VERSION = 1
CODE_BYTES = 34
PATTERN = re.compile(r"[A-Za-z0-9_-]{46}")
RECEIPT_DIGITS = 8


@cache
def _receipt_key() -> bytes:
    """Not rotated: a form that is sent again keeps its number."""
    return HKDF(hashes.SHA256(), 32, None, b"receipt 1").derive(keys.load().codes)


def _message(purpose: str, header: bytes, code_id: bytes) -> bytes:
    return purpose.encode() + b"\0" + header + code_id


def make_code(code_id: uuid.UUID, purpose: str = "poster") -> str:
    """The 46 characters that stand in the URL of a code; `purpose` is signed, not contained."""
    header = bytes([VERSION, signing.newest_key()])
    signature = signing.mac("code", header[1], _message(purpose, header, code_id.bytes))
    return signing.to_text(header + code_id.bytes + signature)


def read_code(text: str, purpose: str = "poster") -> uuid.UUID | None:
    """The id in a code that this portal signed for the purpose; None for everything else, for whatever reason."""
    packed = signing.from_text(text, CODE_BYTES) if PATTERN.fullmatch(text) else None
    if packed is None or packed[0] != VERSION:
        return None
    header, code_id, signature = packed[:2], packed[2:18], packed[18:]
    is_genuine = signing.is_genuine("code", header[1], _message(purpose, header, code_id), signature)
    return uuid.UUID(bytes=code_id) if is_genuine else None


def receipt_number(client_key: uuid.UUID) -> str:
    """Eight digits for one form: random as the form's key is, the same when the form is sent again."""
    drawn = int.from_bytes(hmac.digest(_receipt_key(), client_key.bytes, hashlib.sha256)[:8])
    return f"{drawn % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"
