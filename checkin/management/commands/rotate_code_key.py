from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from portal import keys


class Command(BaseCommand):
    help = _("Sign codes with a new key from the next start on; print-outs signed before the last key end.")

    def handle(self, *args: Any, **options: Any) -> None:
        key_id = keys.add_code_key()
        self.stdout.write(
            _(
                "Key %(key_id)d signs codes from the next start on. Please print the posters anew: those that hang now"
                " end with the next rotation. Keep the key file with your backups of it."
            )
            % {"key_id": key_id}
        )
