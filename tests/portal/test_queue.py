"""The portal's queue is the one that every process asks for work."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRINT = "from celery import current_app; print(current_app.main, current_app.conf.broker_url)"


@pytest.mark.parametrize("begin", ["import portal.wsgi", "import django; django.setup()"], ids=["web", "command"])
def test_every_process_knows_the_queue(begin):
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}; {PRINT}"], capture_output=True, text=True, check=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
    )  # fmt: skip
    assert done.stdout.split() == ["portal", settings.CELERY_BROKER_URL]
