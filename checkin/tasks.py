"""Tasks of check-in: a tick, nothing more."""

from celery import shared_task
from django.db import connection

from checkin.arrivals import matching


@shared_task(name="checkin.match_scans")
def match_scans() -> None:
    matching.match_waiting()


@shared_task(name="checkin.forget_scans")
def forget_scans() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_scans()")
