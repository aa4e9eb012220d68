"""Tasks of members: a tick, or the id of an import; nothing more."""

import uuid

from celery import shared_task

from members import exporting, verifying
from members.importing import jobs, services
from members.same_people import services as same_people


@shared_task(name="members.find_same_people")
def find_same_people() -> None:
    same_people.find_same_people()


@shared_task(name="members.mark_stale_files")
def mark_stale_files() -> None:
    verifying.mark_stale_files()


@shared_task(name=jobs.TASK)
def run_import(batch_id: str) -> None:
    """The step of an import that waits, in the scope of who asked for it."""
    jobs.run(uuid.UUID(batch_id))


@shared_task(name="members.forget_old_ledgers")
def forget_old_ledgers() -> None:
    services.forget_old_ledgers()


@shared_task(name="members.forget_exports")
def forget_exports() -> None:
    exporting.forget_exports()
