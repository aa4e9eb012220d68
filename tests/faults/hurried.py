"""The portal's queue for tests: the same code with a short lease and short pauses, and a clock that is never at night.

Used by real workers and beats (`celery --app tests.faults.hurried`). PORTAL_TEST_SHIFT: seconds its clock is ahead.
"""

import datetime as dt
import os
import sys

from portal.celery import app

__all__ = ["app"]


def hurry() -> None:
    import django
    from django.conf import settings

    django.setup()
    from contacts import outbox

    read_clock, shift = outbox._database_now, dt.timedelta(seconds=float(os.environ["PORTAL_TEST_SHIFT"]))
    outbox._database_now = lambda: read_clock() + shift
    outbox.LEASE, outbox.RESEND_AFTER = dt.timedelta(seconds=3), dt.timedelta(seconds=1)
    settings.EMAIL_TIMEOUT = 1.5  # half the lease, as the portal's own is far below its own
    tick = {"task": "contacts.send_reminders", "schedule": 1.0, "options": {"expires": 3}}
    app.conf.beat_schedule = {"reminders": tick}


if "celery" in sys.argv[0] or "celery" in sys.argv:
    hurry()
