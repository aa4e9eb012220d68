"""`manage.py check` refuses a role that the walls would not hold for."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command

from portal.checks import check_app_role
from tests.processes import PROJECT


def test_app_role_passes(db):
    assert check_app_role(databases=["default"]) == []
    call_command("check")


@pytest.mark.parametrize(("variable", "code"), [("DATABASE_URL", 0), ("DATABASE_OWNER_URL", 1)])
def test_check_command_refuses_the_owner(variable, code):
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": os.environ[variable]},
        capture_output=True,
        text=True,
    )
    assert run.returncode == code, run.stderr
    assert ("portal.E001" in run.stderr) is bool(code)
