"""Tasks of members: a tick, nothing more."""

from celery import shared_task

from members import verifying
from members.same_people import services


@shared_task(name="members.find_same_people")
def find_same_people() -> None:
    services.find_same_people()


@shared_task(name="members.mark_stale_files")
def mark_stale_files() -> None:
    verifying.mark_stale_files()
