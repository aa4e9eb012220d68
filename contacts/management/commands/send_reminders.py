"""One round of reminders, by hand."""

import json
from argparse import ArgumentTypeError
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.outbox import send_reminders

MORNING = time(9, 0)


class Command(BaseCommand):
    help = _("Send the reminders that are due now, or as of another day. Sends nothing in quiet hours.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=_date, metavar="YYYY-MM-DD", help=_("as of this day, at 09:00"))
        parser.add_argument("--at", type=_time, metavar="HH:MM", help=_("as of this time of day"))

    def handle(self, *, on: date | None, at: time | None, **options: Any) -> None:
        now = None
        if on or at:
            now = timezone.make_aware(datetime.combine(on or timezone.localdate(), at or MORNING))
        self.stdout.write(json.dumps(send_reminders(now=now)))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("Write the day as 2026-03-31.")) from None


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a time of day has no zone
    except ValueError:
        raise ArgumentTypeError(_("Write the time as 09:00.")) from None
