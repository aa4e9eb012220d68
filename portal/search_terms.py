"""Search terms in addresses: a name or number that somebody looks for must not stand in logs and browser histories.

The search box posts; the answer is a redirect whose `q` holds the term encrypted. Pages, filters and the export carry
it on unread. A term typed into the address by hand works as well.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal import keys

MARK = "~"
MOST = 100  # characters of a search term
NONCE = bytes(12)  # synthetic-IV mode: the same term gives the same address, so that the back button finds its page


def _cipher() -> AESGCMSIV:
    return AESGCMSIV(HKDF(hashes.SHA256(), 32, None, b"search terms").derive(keys.load().codes))


def seal(term: str) -> str:
    """The term as it may stand in an address."""
    return MARK + base64.urlsafe_b64encode(_cipher().encrypt(NONCE, term[:MOST].encode(), None)).decode()


def unseal(text: str) -> str:
    """The term behind `text`; a text that was never sealed is returned as it is, a damaged one as nothing."""
    if not text.startswith(MARK):
        return text
    try:
        return _cipher().decrypt(NONCE, base64.urlsafe_b64decode(text[len(MARK) :]), None).decode()
    except (InvalidTag, binascii.Error, ValueError):
        return ""
