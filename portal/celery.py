"""The queue. Beat carries no meaning of its own: tasks ask the database what is due."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
from portal.embedded import ensure_services  # noqa: E402

ensure_services()

from celery import Celery  # noqa: E402
from celery.schedules import crontab  # noqa: E402
from celery.signals import worker_ready  # noqa: E402

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "heartbeat": {"task": "portal.heartbeat", "schedule": 30.0, "options": {"expires": 60}},
    "same people": {"task": "members.find_same_people", "schedule": 3600.0, "options": {"expires": 3600}},
    "exports": {"task": "members.forget_exports", "schedule": 1800.0, "options": {"expires": 1800}},
    "stale files": {
        "task": "members.mark_stale_files",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 3600},
    },
    "old ledgers": {"task": "members.forget_old_ledgers", "schedule": 1800.0, "options": {"expires": 1800}},
    "old reminders": {
        "task": "contacts.forget_messages",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 3600},
    },
    "old thoughts": {
        "task": "contacts.forget_thoughts",
        "schedule": crontab(hour=3, minute=15),
        "options": {"expires": 3600},
    },
    "scans": {"task": "checkin.match_scans", "schedule": 10.0, "options": {"expires": 20}},
    "old scans": {"task": "checkin.forget_scans", "schedule": crontab(hour=3, minute=20), "options": {"expires": 3600}},
    "dates": {"task": "contacts.plan_dates", "schedule": 3600.0, "options": {"expires": 3600}},
    "reminders": {"task": "contacts.send_reminders", "schedule": 60.0, "options": {"expires": 120}},
}


@worker_ready.connect
def say_hello(**_options: object) -> None:
    from portal.tasks import heartbeat

    heartbeat()
