"""Export the ledger of an organization in its own layout or another one.

Exit codes: 0 the file was written, 2 it cannot be made as asked, 3 not permitted, 4 it waits for a second person.
"""

import os
import uuid
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from members.enums import RevealReason
from members.exporting import ExportWish, Made, export_members, fetch_export
from members.layouts import OWN, UnknownLayout
from members.models import LedgerExport, Member
from portal import access
from portal.models import Organization, User
from portal.roles import Right
from portal.sheets import KINDS

REFUSED, NOT_PERMITTED, WAITS = 2, 3, 4


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME")
        parser.add_argument("--layout", default=OWN, metavar="NAME", help="own, standard, complete, national or a file")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="its ending is the format")
        parser.add_argument("--unmasked", action="store_true")
        parser.add_argument("--reason", default="", choices=["", *RevealReason.values])
        parser.add_argument("--reason-text", default="", metavar="WORDS")
        parser.add_argument("--fetch", type=uuid.UUID, metavar="ID", help="an export that a second person approved")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["out"].suffix.lower().removeprefix(".")
        if kind not in KINDS:
            self._end(REFUSED, _("The file must end in .xlsx, .ods or .csv."))
        user = User.objects.filter(username=options["username"], is_active=True).first()
        organization = Organization.objects.filter(code=options["organization"]).first()
        if user is None or organization is None:
            self._not_permitted()
        try:
            with access.acting_as(access.user_actor(user)) as actor:
                access.require(Right.EXPORT_LEDGER, organization)
                made = self._fetch(options["fetch"], kind) if options["fetch"] else self._export(
                    kind, organization, actor, options
                )  # fmt: skip
                if made.content is not None:
                    self._write(options["out"], made.content)  # inside: what cannot be written is not fetched
        except PermissionDenied:
            self._not_permitted()
        except ValidationError as problem:
            self._end(REFUSED, " ".join(problem.messages))
        except UnknownLayout as unknown:
            names = ", ".join(unknown.known)
            self._end(REFUSED, _("There is no layout of this name. There are: %(names)s") % {"names": names})
        except OSError:
            self._end(REFUSED, _("The file cannot be written there."))
        if made.content is None:
            text = _("This export waits for a second person. Once approved it can be fetched with --fetch %(id)s")
            self._end(WAITS, text % {"id": made.waits})
        self.stdout.write(_("Written: %(file)s") % {"file": options["out"]})

    def _export(self, kind: str, organization: Organization, actor: access.Actor, options: dict[str, Any]) -> Made:
        wish = ExportWish(kind, options["layout"], options["unmasked"], options["reason"], options["reason_text"])
        below = Organization.objects.below(organization).values("pk")
        members = Member.objects.filter(organization__in=below).order_by("name_pinyin", "pk")
        return export_members(members=members, by=actor, wish=wish, organization=organization)

    def _fetch(self, pk: uuid.UUID, kind: str) -> Made:
        export = LedgerExport.objects.select_related("organization").filter(pk=pk, kind=kind).first()
        if export is None:
            raise PermissionDenied
        return Made(*fetch_export(export))

    def _write(self, path: Path, content: bytes) -> None:
        """A ledger is personal data: only its owner may read the file."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)

    def _not_permitted(self) -> NoReturn:
        self._end(NOT_PERMITTED, _("This account may not export from this organization."))

    def _end(self, code: int, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(code)
