"""Tasks of contacts: a tick, nothing more."""

from celery import shared_task

from contacts import outbox


@shared_task(name="contacts.send_reminders")
def send_reminders() -> None:
    outbox.send_reminders()
