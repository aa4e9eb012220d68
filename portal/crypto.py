"""Encryption of single values and the keyed digests beside them.

A sealed value is `suite(1) | key id(1) | nonce(12) | ciphertext+tag`, AES-256-GCM. The associated data names table,
row and column, so a value that is moved to another place does not decrypt. Each person (or submission) has a data
key of their own, wrapped by the master key: destroying it erases every value, in backups too.
"""

import os
import uuid
from functools import cache, lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal import keys

SUITE_AES256GCM = 1
KEY_BYTES, NONCE_BYTES = 32, 12
HEADER_BYTES = 2
WRAP_CONTEXT = b"portal data key"
_DATA_HEADER = bytes((SUITE_AES256GCM, 0))
_AT_ONCE = 8
_FRESH_BYTES = KEY_BYTES + NONCE_BYTES * (1 + _AT_ONCE)


def _nonces(fresh: bytes) -> list[bytes]:
    return [fresh[at : at + NONCE_BYTES] for at in range(0, len(fresh), NONCE_BYTES)]


def _seal(cipher: AESGCM, key_id: int, plain: bytes, context: bytes, nonce: bytes = b"") -> bytes:
    nonce = nonce or os.urandom(NONCE_BYTES)
    return bytes((SUITE_AES256GCM, key_id)) + nonce + cipher.encrypt(nonce, plain, context)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    nonce = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    return cipher.decrypt(nonce, sealed[HEADER_BYTES + NONCE_BYTES :], context)


@lru_cache(maxsize=2)
def _cipher(plain_key: bytes) -> AESGCM:
    """The values of one person come one after the other."""
    return AESGCM(plain_key)


@cache
def _master(key_id: int) -> AESGCM:
    return AESGCM(keys.load().masters[key_id])


def new_data_key() -> bytes:
    """A fresh data key as it is stored in a `data_key` column, wrapped by the current master key."""
    return _wrap(os.urandom(KEY_BYTES))


def _wrap(plain_key: bytes, nonce: bytes = b"") -> bytes:
    master_id = keys.load().master_id
    return _seal(_master(master_id), master_id, plain_key, WRAP_CONTEXT, nonce)


def unwrap(data_key: bytes) -> bytes:
    """The plain data key. Raises cryptography's InvalidTag on a foreign key, KeyError on an unknown key id."""
    data_key = bytes(data_key)
    return _open(_master(data_key[1]), data_key, WRAP_CONTEXT)


def seal_text(plain_key: bytes, text: str, context: str) -> bytes:
    """Encrypt text under an unwrapped data key; `context` is "table|row|column"."""
    return _seal(_cipher(plain_key), 0, text.encode(), context.encode())


def open_text(plain_key: bytes, sealed: bytes, context: str) -> str:
    """Decrypt. Raises cryptography's InvalidTag when value, key or place do not belong together."""
    return _open(_cipher(plain_key), bytes(sealed), context.encode()).decode()


def seal_bytes(plain_key: bytes, content: bytes, context: str) -> bytes:
    """Encrypt a file's content under an unwrapped data key; `context` as in `seal_text`."""
    return _seal(_cipher(plain_key), 0, content, context.encode())


def open_bytes(plain_key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal_bytes` made. Raises cryptography's InvalidTag like `open_text`."""
    return _open(_cipher(plain_key), bytes(sealed), context.encode())


class RowCipher:
    """Seals the values of one person, whose data key it holds: what `seal_text` makes, with one cipher for all of
    them, and one call of the system for the nonces of many."""

    __slots__ = ("_encrypt", "_nonces")

    def __init__(self, plain_key: bytes, nonces: list[bytes] | None = None) -> None:
        self._encrypt = AESGCM(plain_key).encrypt
        self._nonces = nonces or []

    def seal(self, text: str, context: bytes) -> bytes:
        if not self._nonces:
            self._nonces = _nonces(os.urandom(NONCE_BYTES * _AT_ONCE))
        nonce = self._nonces.pop()
        return _DATA_HEADER + nonce + self._encrypt(nonce, text.encode(), context)


def fresh_cipher() -> tuple[bytes, RowCipher]:
    """A fresh data key as `new_data_key` makes it, and its cipher: all that is random by one call of the system."""
    return _fresh(os.urandom(_FRESH_BYTES))


def fresh_row() -> tuple[uuid.UUID, bytes, RowCipher]:
    """An id for a new row, and the two of `fresh_cipher`, by one call of the system as well."""
    random = os.urandom(16 + _FRESH_BYTES)
    return uuid.UUID(bytes=random[:16], version=4), *_fresh(random[16:])


def _fresh(random: bytes) -> tuple[bytes, RowCipher]:
    plain_key, (own, *nonces) = random[:KEY_BYTES], _nonces(random[KEY_BYTES:])
    return _wrap(plain_key, own), RowCipher(plain_key, nonces)


@cache
def _keyed(domain: str) -> HMAC:
    key = HKDF(hashes.SHA256(), 32, None, f"digest {domain}".encode()).derive(keys.load().index)
    return HMAC(key, hashes.SHA256())


def digest(domain: str, text: str) -> bytes:
    """Keyed digest for exact match: equal texts of one domain ("mobile", "id_number") have equal digests."""
    keyed = _keyed(domain).copy()  # the key's two blocks are hashed once for a process
    keyed.update(text.encode())
    return keyed.finalize()
