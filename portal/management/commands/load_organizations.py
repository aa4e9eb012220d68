"""Load divisions from a CSV file (columns code,name,kind,parent_code); safe to run again."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.organizations import FileRefused, load_organizations


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines:
                loaded = load_organizations(lines)
        except FileRefused as refused:
            raise CommandError(str(refused)) from None
        except (OSError, UnicodeDecodeError):
            raise CommandError(_("The file cannot be read as UTF-8 text.")) from None
        self.stdout.write(
            _("created %(created)s, changed %(changed)s, unchanged %(unchanged)s")
            % {"created": loaded.created, "changed": loaded.changed, "unchanged": loaded.unchanged}
        )
