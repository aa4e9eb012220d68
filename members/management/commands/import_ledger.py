"""Import a ledger, or only preview it.

Exit codes: 0 the file was read (its rows may have problems), 2 the file was refused, 3 not permitted.
"""

import json
import os
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from members.enums import Direction, RowOutcome
from members.importing import services
from members.ledger.report import ReportHead, build_report
from members.ledger.workbook import LedgerRefused, Limits
from members.models import LedgerImport
from portal import access
from portal.models import Organization, User
from portal.roles import Right

REFUSED, NOT_PERMITTED = 2, 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME")
        parser.add_argument("--direction", choices=Direction.values)
        parser.add_argument("--apply", action="store_true")
        parser.add_argument("--report", type=Path, metavar="OUT.json")
        parser.add_argument("--unmasked", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        organization = Organization.objects.filter(code=options["organization"]).first()
        if user is None or organization is None:
            self._not_permitted()
        try:
            with access.acting_as(access.user_actor(user)) as actor:
                access.require(Right.IMPORT_LEDGER, organization)
                if options["unmasked"]:
                    access.require(Right.REVEAL_IDENTITY, organization)
                batch = self._import(options, organization, actor)
                report = services.ledger_report(batch, unmasked=options["unmasked"])
        except PermissionDenied:
            self._not_permitted()
        except LedgerRefused as refusal:
            head = ReportHead(options["file"].name, "refused", refusal=refusal)
            self._write(options["report"], build_report(head, None))
            self._end(REFUSED, refusal.message)
        except services.ImportRefused as refusal:
            self._end(1, str(refusal))
        self._write(options["report"], report)
        self._summarize(report)

    def _import(self, options: dict[str, Any], organization: Organization, actor: access.Actor) -> LedgerImport:
        batch = services.preview_ledger(
            data=_content(options["file"]),
            name=options["file"].name,
            organization=organization,
            by=actor,
            direction=options["direction"],
        )
        return services.apply_ledger(batch=batch, by=actor) if options["apply"] else batch

    def _write(self, path: Path | None, report: dict[str, Any]) -> None:
        """The report may hold personal data: only its owner may read the file."""
        if path is None:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(report, file, ensure_ascii=False, indent=1)

    def _summarize(self, report: dict[str, Any]) -> None:
        done = _("Imported") if report["status"] == "applied" else _("Previewed, not imported yet")
        counts = ", ".join(f"{RowOutcome(name).label} {count}" for name, count in report["counts"].items())
        self.stdout.write(_("%(done)s: %(counts)s") % {"done": done, "counts": counts})

    def _not_permitted(self) -> NoReturn:
        self._end(NOT_PERMITTED, _("This account may not import into this organization."))

    def _end(self, code: int, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(code)


def _content(path: Path) -> bytes:
    """The bytes of the file, no more than the reader takes. Raises LedgerRefused where it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(Limits().file_bytes + 1)
    except OSError:
        raise LedgerRefused("damaged") from None
