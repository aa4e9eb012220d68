"""Set up a real office: its divisions, its street, and the first administrator. No demo data; safe to run again."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from portal import access, grants
from portal.models import Organization, OrganizationKind, User
from portal.organizations import FileRefused, load_organizations
from portal.roles import Purpose, Role


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--divisions", type=Path, metavar="FILE.csv", help="code,name,kind,parent_code")
        parser.add_argument("--street", metavar="CODE")
        parser.add_argument("--username")
        parser.add_argument("--name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="ask nothing; all must be given")

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connections["owner"])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMO or User.objects.filter(username="operator", email="operator@example.invalid").exists():
            raise CommandError(_("This is the demo's database. Choose another data folder for the real office."))
        ask = self._refuse if options["noinput"] else self._ask
        street = self._load_street(options, ask)
        username = options["username"] or ask(_("User name of the first administrator (letters and digits): "))
        if not username:
            raise CommandError(_("A user name is needed."))
        name = options["name"] or ("" if options["noinput"] else ask(_("Name of the first administrator: ")))
        with access.acting_as(access.system_actor(Purpose.SETUP, street)):
            user, password = grants.create_staff(username=username, name=name, email=options["email"])
            grants.grant_role(user=user, role=Role.STREET_ADMIN, organization=street, reason="first_run")
        self._report(street, user, password)

    def _load_street(self, options: dict[str, Any], ask: Any) -> Organization:
        """The street that the office works for, after loading the divisions where they are given or missing."""
        file = options["divisions"]
        if file is None and not Organization.objects.filter(kind=OrganizationKind.STREET).exists():
            file = Path(ask(_("File of the divisions (CSV with code,name,kind,parent_code): ")))
        if file is not None:
            try:
                with file.open(encoding="utf-8-sig", newline="") as lines:
                    load_organizations(lines)
            except FileRefused as refused:
                raise CommandError(str(refused)) from None
            except (OSError, UnicodeDecodeError):
                raise CommandError(_("The file cannot be read as UTF-8 text.")) from None
        code = options["street"] or ask(_("Code of the street: "))
        street = Organization.objects.filter(code=code, kind=OrganizationKind.STREET).first()
        if street is None:
            raise CommandError(_("No street has the code %(code)s.") % {"code": code})
        return street

    def _report(self, street: Organization, user: User, password: str | None) -> None:
        told = {"username": user.username, "role": Role.STREET_ADMIN.label, "organization": street.name}
        self.stdout.write(_("%(username)s is now %(role)s of %(organization)s.") % told)
        if password:
            self.stdout.write(
                _("One-time password (to be changed at the first login): %(password)s") % {"password": password}
            )
        self.stdout.write(_("Log in at %(url)s, then import a ledger.") % {"url": f"{settings.BASE_URL}/admin/"})

    def _ask(self, question: str) -> str:
        try:
            return input(question).strip()
        except (EOFError, KeyboardInterrupt):
            raise CommandError(_("Stopped: not everything was answered. It can be run again.")) from None

    def _refuse(self, question: str) -> str:
        raise CommandError(_("With --noinput, --divisions (the first time), --street and --username must be given."))
