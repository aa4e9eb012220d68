"""The settings as mypy sees them: the variables that they need, and a key file that lives only while they are read."""

import os
import tempfile
from pathlib import Path

from portal import keys

os.environ |= {"DATABASE_URL": "postgresql:///none", "REDIS_URL": "unix:///none"}
with tempfile.TemporaryDirectory() as folder:
    os.environ["PORTAL_KEY_FILE"] = str(Path(folder, "keys.json"))
    keys.ensure_key_file()
    from portal.settings import *  # noqa: F403
