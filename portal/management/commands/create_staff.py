"""Make an account with a role on an organization; for a known account the role is added."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portal import access, grants
from portal.models import Organization
from portal.roles import Purpose, Role


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--until", type=dt.date.fromisoformat, metavar="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = Organization.objects.get(code=options["organization"])
        except Organization.DoesNotExist:
            raise CommandError(
                _("No organization has the code %(code)s.") % {"code": options["organization"]}
            ) from None
        with access.acting_as(access.system_actor(Purpose.SETUP, organization)):
            user, password = grants.create_staff(
                username=options["username"], name=options["name"], email=options["email"]
            )
            grants.grant_role(
                user=user,
                role=options["role"],
                organization=organization,
                until=options["until"],
                reason="create_staff",
            )
        role = Role(options["role"]).label
        self.stdout.write(
            _("%(username)s is now %(role)s of %(organization)s.")
            % {"username": user.username, "role": role, "organization": organization}
        )
        if password:
            self.stdout.write(
                _("One-time password (to be changed at the first login): %(password)s") % {"password": password}
            )
