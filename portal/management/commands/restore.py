import argparse
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.backup import BackupError, restore_backup


class Command(BaseCommand):
    help = "Load a backup into an empty database and check that every row has come back."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--force", action="store_true", help="delete what is in the database first")

    def handle(self, *args: object, **options: Any) -> None:
        owner_url = os.environ.get("DATABASE_OWNER_URL")
        if not owner_url:
            raise CommandError(_("DATABASE_OWNER_URL is missing: only the owner of the database can restore it."))
        app_role = settings.DATABASES["default"]["USER"]
        try:
            manifest = restore_backup(
                options["folder"],
                owner_url=owner_url,
                app_role=app_role,
                force=options["force"],
            )
        except (BackupError, OSError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            _("Restored the backup of {created_at}: {tables} tables, {rows} rows, all agree.").format(
                created_at=manifest["created_at"],
                tables=len(manifest["rows"]),
                rows=sum(manifest["rows"].values()),
            )
        )
        self.stdout.write(_("If the backup comes from an older version, run “manage.py migrate” now."))
