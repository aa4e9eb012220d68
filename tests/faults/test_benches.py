"""Every benchmark runs to its end on the tables of today, at a small size, and writes its figures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.pytest_services import STARTED
from tests.processes import PROJECT

pytestmark = [pytest.mark.faults, pytest.mark.long]

SMALL = {
    "ledger.py": ["--rows", "200", "--quick"],
    "member_list.py": ["--rows", "6000", "--quick"],
    "qr_codes.py": ["--quick"],
    "reminders.py": ["--most", "10000", "--quick", "--only", "sweeps"],
    "scoping.py": ["--sizes", "10000", "--quick"],
}


@pytest.mark.parametrize("bench", SMALL)
def test_benchmark_runs(bench: str, tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    servers = (STARTED, "PORTAL_VAR", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")  # each has its own
    own = {name: value for name, value in os.environ.items() if name not in servers}
    command = [sys.executable, f"bench/{bench}", *SMALL[bench], "--json", str(found)]
    done = subprocess.run(command, cwd=PROJECT, env=own, capture_output=True, text=True, check=False)
    assert found.is_file(), done.stderr[-3_000:]
    assert json.loads(found.read_text(encoding="utf-8"))
