"""Load the demo: one invented street with members, contacts, check-in points and accounts; safe to run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.demo.offices import ACCOUNTS, accounts_file
from portal.demo.seeds import seed
from portal.models import User


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        others = User.objects.exclude(username__in=[account.username for account in ACCOUNTS])
        if not settings.DEMO and others.exists():
            raise CommandError(
                _("This database belongs to a real office: demo data are not loaded. Use another data folder.")
            )
        seed()
        if options["verbosity"]:
            self.stdout.write(accounts_file().read_text(encoding="utf-8"))
