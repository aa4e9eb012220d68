import argparse
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.backup import DUMP, BackupError, write_backup


class Command(BaseCommand):
    help = "Write a backup of the database into a new folder and check it by reading it back."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--with-key-to",
            type=Path,
            metavar="OTHERDIR",
            help="also copy the key file, to here",
        )

    def handle(self, *args: object, **options: Any) -> None:
        owner_url = os.environ.get("DATABASE_OWNER_URL")
        if not owner_url:
            raise CommandError(_("DATABASE_OWNER_URL is missing: only the owner of the database reads every row."))
        folder, key_folder = options["folder"], options["with_key_to"]
        app_role = settings.DATABASES["default"]["USER"]
        try:
            manifest = write_backup(folder, owner_url=owner_url, app_role=app_role, key_folder=key_folder)
        except (BackupError, OSError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            _("Backup written to {folder}: {tables} tables, {rows} rows, {size} KB.").format(
                folder=folder,
                tables=len(manifest["rows"]),
                rows=sum(manifest["rows"].values()),
                size=(folder / DUMP).stat().st_size // 1024,
            )
        )
        self.stdout.write(
            _("Key file copied to {folder}. Keep it apart from the backup.").format(folder=key_folder)
            if key_folder
            else _(
                "The key file is not part of it. Without the key file this backup cannot be read: keep a copy of it."
            )
        )
