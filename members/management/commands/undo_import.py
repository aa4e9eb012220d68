"""Take an imported ledger back.

Exit codes: 0 everybody is as before, 1 some files were left as they are (they are listed), 3 not permitted.
"""

import uuid
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from members.importing.undoing import CHANGED, REMOVED, RESTORED, Undone, undo_ledger
from members.models import LedgerImport
from portal import access
from portal.models import User

LEFT, NOT_PERMITTED = 1, 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", metavar="BATCH", type=uuid.UUID)
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            self._not_permitted()
        try:
            with access.acting_as(access.user_actor(user)) as actor:
                batch = LedgerImport.objects.filter(pk=options["batch"]).select_related("organization").first()
                if batch is None:
                    raise PermissionDenied
                undone = undo_ledger(batch=batch, by=actor)
                self._tell(undone)
        except PermissionDenied:
            self._not_permitted()
        if undone.kept:
            raise SystemExit(LEFT)

    def _tell(self, undone: Undone) -> None:
        self.stdout.write(
            _("Taken back: %(removed)s new files removed, %(restored)s files as before, %(kept)s left as they are.")
            % {
                "removed": undone.counts[REMOVED],
                "restored": undone.counts[RESTORED],
                "kept": sum(undone.counts.values()) - undone.counts[REMOVED] - undone.counts[RESTORED],
            }
        )
        for member, why in undone.kept:
            reason = _("changed since") if why == CHANGED else _("other records belong to it by now")
            self.stdout.write(f"{member.organization} {member.name}: {reason}")

    def _not_permitted(self) -> NoReturn:
        self.stderr.write(_("This account may not take this import back, or there is no such import."))
        raise SystemExit(NOT_PERMITTED)
