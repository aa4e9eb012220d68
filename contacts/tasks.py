"""Tasks of contacts: a tick, nothing more."""

from datetime import datetime
from uuid import UUID

from celery import shared_task

from contacts import dead_letters, outbox
from contacts.dates import planning
from contacts.logbook import keeping


@shared_task(name="contacts.send_reminders")
def send_reminders() -> None:
    outbox.send_reminders()


@shared_task(name=outbox.HELP)
def help_sending(root: str, now: str) -> None:
    outbox.help_sending(UUID(root), datetime.fromisoformat(now))


@shared_task(name="contacts.plan_dates")
def plan_dates() -> None:
    planning.plan_dates()


@shared_task(name="contacts.forget_messages")
def forget_messages() -> None:
    dead_letters.forget_old()


@shared_task(name="contacts.forget_thoughts")
def forget_thoughts() -> None:
    keeping.forget_thoughts()
