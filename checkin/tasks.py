"""Tasks of check-in: a tick, nothing more."""

from celery import shared_task
from django.db import connection

from checkin.arrivals import matching


@shared_task(name="checkin.match_scans")
def match_scans() -> None:
    matching.match_waiting()


@shared_task(name="checkin.forget_scans")
def forget_scans() -> None:
    """What was typed at desks long ago, and into report-ins that were closed without a file."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_scans(), portal.forget_report_ins()")
