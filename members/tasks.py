"""Tasks of members: a tick, nothing more."""

from celery import shared_task

from members import exporting
from members.same_people import services


@shared_task(name="members.find_same_people")
def find_same_people() -> None:
    services.find_same_people()


@shared_task(name="members.forget_exports")
def forget_exports() -> None:
    exporting.forget_exports()
