"""What bench/reminders.py measures against: a loop with a task for each duty, a task and a connection for each mail.

The queue has a Celery of its own on the same Redis; its worker sends the portal's round, too.
"""

import os
from typing import Any


def setup() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def queue() -> Any:
    """The peer's queue: a Celery of its own on the same Redis."""
    from celery import Celery

    url = os.environ["REDIS_URL"].replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    app = Celery("bench", broker=url)
    app.conf.update(task_default_queue="bench", task_ignore_result=True, broker_connection_retry_on_startup=True)

    @app.task(name="bench.remind")
    def remind(pk: str, port: int = 0) -> None:
        setup()
        from django.core.mail import EmailMessage, get_connection

        from contacts.models import ContactObligation

        duty = ContactObligation.objects.using("owner").select_related("member").get(pk=pk)
        liaison = duty.member.assignments.using("owner").select_related("liaison").get(ended_on=None).liaison
        server = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
        text = f"请联系 {duty.member.name},应联系日期 {duty.due_on}"
        EmailMessage("提醒", text, "a@example.invalid", [liaison.email], connection=server).send()

    @app.task(name="bench.round")
    def send_round() -> None:
        """The task that beat sends, by a clock that stands at ten in the morning."""
        from django.utils import timezone

        from contacts.outbox import send_reminders

        send_reminders(now=timezone.localtime().replace(hour=10))

    app.remind, app.send_round = remind, send_round
    return app


def sweep_loop() -> int:
    """What tutorials write: look at every duty, one task for each that is due. Returns the statements."""
    from django.utils import timezone

    from contacts.models import ContactObligation

    app, today = queue(), timezone.localdate()
    for duty in ContactObligation.objects.using("owner").all():
        if duty.due_on <= today:
            app.remind.delay(str(duty.pk))
    return 1


def deliver_tasks(port: int) -> None:
    from contacts.models import ContactObligation

    app = queue()
    for pk in ContactObligation.objects.using("owner").values_list("pk", flat=True):
        app.remind.delay(str(pk), port)


if os.environ.get("BENCH_WORKER"):
    app = queue()
    setup()
    from contacts import tasks  # noqa: F401  a round may ask the other process for help
