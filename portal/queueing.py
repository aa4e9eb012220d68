"""Asking a worker for a task."""

from typing import Any

import kombu.exceptions
from celery import current_app


def send_task(name: str, arguments: list[str], **options: Any) -> bool:
    """Put a task into the queue, once. Returns False where the queue does not answer: what is to be done stands in the
    database, and whoever asks says how it goes on."""
    try:
        current_app.send_task(name, arguments, retry=False, **options)
    except kombu.exceptions.OperationalError:
        return False
    return True
