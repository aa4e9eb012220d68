"""Signatures under what stands in codes: 128 bits of HMAC-SHA256, with a key for each use, derived from the key file.

The key file may hold several keys (portal.keys, `manage.py rotate_code_key`): the newest signs, and what is only looked
at for a moment counts under that one alone; print-outs count while their key is in the file.
"""

import base64
from functools import lru_cache
from hmac import compare_digest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal import keys

MAC_BYTES = 16


def newest_key() -> int:
    return max(keys.load().code_keys)


def is_known_key(key_id: int) -> bool:
    return key_id in keys.load().code_keys


def mac(use: str, key_id: int, message: bytes) -> bytes:
    """The signature of a message for one use. Raises KeyError for a key that is not in the file."""
    signature = _keyed(use, key_id, keys.load().code_keys[key_id]).copy()
    signature.update(message)
    return signature.finalize()[:MAC_BYTES]


def is_genuine(use: str, key_id: int, message: bytes, signature: bytes) -> bool:
    return is_known_key(key_id) and compare_digest(signature, mac(use, key_id, message))


def to_text(packed: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def from_text(text: str, length: int) -> bytes | None:
    """The bytes of a text that `to_text` wrote, of this length; None for any other spelling."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    # the last character holds spare bits: only the spelling that to_text writes counts
    return packed if len(packed) == length and to_text(packed) == text else None


@lru_cache(maxsize=32)
def _keyed(use: str, key_id: int, key: bytes) -> HMAC:
    """The key's two blocks are hashed once for a process."""
    return HMAC(HKDF(hashes.SHA256(), 32, None, f"{use} {key_id}".encode()).derive(key), hashes.SHA256())
