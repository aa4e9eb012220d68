"""Tasks of members: a tick, nothing more."""

from celery import shared_task

from members.same_people import services


@shared_task(name="members.find_same_people")
def find_same_people() -> None:
    services.find_same_people()
