"""Tasks of contacts: a tick, nothing more."""

from celery import shared_task

from contacts import dead_letters, outbox
from contacts.dates import planning


@shared_task(name="contacts.send_reminders")
def send_reminders() -> None:
    outbox.send_reminders()


@shared_task(name="contacts.plan_dates")
def plan_dates() -> None:
    planning.plan_dates()


@shared_task(name="contacts.forget_messages")
def forget_messages() -> None:
    dead_letters.forget_old()
