"""Look for people who have files in two organizations, and open a case for the superior of both; safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from members.same_people.services import find_same_people


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        count = find_same_people()
        if options["verbosity"]:
            self.stdout.write(_("New cases: %(count)d.") % {"count": count})
