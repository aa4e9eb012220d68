from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from checkin.models import CheckinPoint
from checkin.printing import CONTENT_TYPES, poster_file, poster_texts
from portal import access
from portal.models import Organization, User
from portal.roles import Purpose, Right


class Command(BaseCommand):
    help = _("Make the posters of all check-in points in use at or below an organization.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--format", required=True, choices=list(CONTENT_TYPES), dest="kind")
        parser.add_argument("--as", dest="username", metavar="USERNAME")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(code=options["organization"]).first()
        if organization is None:
            raise CommandError(
                _("There is no organization with the code %(code)s.") % {"code": options["organization"]}
            )
        folder: Path = options["out"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise CommandError(_("The folder %(folder)s cannot be written.") % {"folder": folder}) from None
        with access.acting_as(_actor(organization, options["username"])):
            access.require(Right.RUN_CHECKIN, organization)
            names = _write_posters(organization, folder, options["kind"])
        for name in names:
            self.stdout.write(str(folder / name))
        if not names:
            self.stderr.write(_("There is no check-in point in use here."))


def _actor(organization: Organization, username: str | None) -> access.Actor:
    if username is None:
        return access.system_actor(Purpose.CHECKIN, organization)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(_("There is no active account with this user name."))
    return access.user_actor(user)


def _write_posters(organization: Organization, folder: Path, kind: str) -> list[str]:
    points = CheckinPoint.objects.filter(
        organization__in=Organization.objects.below(organization), is_active=True
    ).order_by("organization__code", "name", "pk")
    names: list[str] = []
    for point, text in poster_texts(points.select_related("organization").prefetch_related("codes")):
        # numbered, since two points may have the same name
        name = f"{len(names) + 1:02d}-{point.organization.code}-{get_valid_filename(point.name)}.{kind}"
        (folder / name).write_bytes(poster_file(text, kind))
        names.append(name)
    return names
