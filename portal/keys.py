"""The key file: every secret of one installation, in one place outside the database and its backups.

Made once, at the first start (mode 0600). Without it the portal refuses to start, because writing new keys
over old data would make every encrypted value unreadable.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
KEY_BYTES = 32


class KeyFileMissing(Exception):
    """The key file is not where PORTAL_KEY_FILE (or the data folder) says."""


@dataclass(frozen=True)
class Keys:
    """Keys of 32 bytes each.

    `masters` maps a key id (1..255) to a key that wraps data keys; new wraps use `master_id`. `code_keys` maps a key id
    to a key that signs codes, the highest new ones; 1 is `codes`, with which every installation begins.
    """

    master_id: int
    masters: dict[int, bytes]
    index: bytes
    actor: bytes
    codes: bytes
    code_keys: dict[int, bytes]
    secret_key: str


def path() -> Path:
    given = os.environ.get("PORTAL_KEY_FILE")
    return Path(given) if given else Path(os.environ.get("PORTAL_VAR", PROJECT / "var")) / "keys.json"


def ensure_key_file() -> Path:
    """Make the key file if there is none; return where it is. Only first installation may call this."""
    target = path()
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh: dict[str, object] = {
            name: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for name in ("index", "actor", "codes")
        }
        fresh |= {
            "master_id": 1,
            "masters": {"1": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()},
            "secret_key": secrets.token_urlsafe(48),
        }
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(fresh, file, indent=1)
    return target


def add_code_key() -> int:
    """Put a new key for codes into the key file, and leave those out that signed before the last one. Returns its id.

    The former key stays for one more round, so that posters can be printed anew before theirs count no more. The file
    is replaced at once; running processes read it when they start.
    """
    target = path()
    raw = json.loads(target.read_text())
    known: dict[str, str] = raw.get("code_keys", {"1": raw["codes"]})
    newest = max(map(int, known))
    if newest == 255:
        raise ValueError("key ids are used up")
    fresh = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    raw["code_keys"] = {str(newest): known[str(newest)], str(newest + 1): fresh}
    draft = target.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(raw, file, indent=1)
    draft.replace(target)
    load.cache_clear()
    return newest + 1


@cache
def load() -> Keys:
    """Read the key file. Raises KeyFileMissing with a sentence for the operator."""
    try:
        raw = json.loads(path().read_text())
    except FileNotFoundError:
        raise KeyFileMissing(
            f"找不到密钥文件 {path()}:没有它无法读取已加密的数据。请从密钥备份中恢复,或用 PORTAL_KEY_FILE 指明位置。"
        ) from None
    unpack = base64.b64decode
    return Keys(
        master_id=raw["master_id"],
        masters={int(key_id): unpack(value) for key_id, value in raw["masters"].items()},
        index=unpack(raw["index"]),
        actor=unpack(raw["actor"]),
        codes=unpack(raw["codes"]),
        code_keys={int(key_id): unpack(value) for key_id, value in raw.get("code_keys", {"1": raw["codes"]}).items()},
        secret_key=raw["secret_key"],
    )
