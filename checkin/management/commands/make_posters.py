from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from checkin.models import CheckinPoint
from checkin.paper.as_pdf import pdf_of
from checkin.paper.marks import Page
from checkin.printing import FORMATS, Print, file_name, page_file, pages_of
from portal import access
from portal.models import Organization, User
from portal.roles import Purpose, Right

Pages = list[tuple[CheckinPoint, Page]]


class Command(BaseCommand):
    help = _("Make the posters or letters of all check-in points in use at or below an organization.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--format", required=True, choices=list(FORMATS), dest="kind")
        parser.add_argument("--what", default=Print.POSTER, choices=Print.values)
        parser.add_argument("--one-file", action="store_true", help=_("one PDF for all points"))
        parser.add_argument("--as", dest="username", metavar="USERNAME")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(code=options["organization"]).first()
        if organization is None:
            raise CommandError(
                _("There is no organization with the code %(code)s.") % {"code": options["organization"]}
            )
        if options["one_file"] and options["kind"] != "pdf":
            raise CommandError(_("Only PDF holds all points in one file."))
        folder: Path = options["out"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise CommandError(_("The folder %(folder)s cannot be written.") % {"folder": folder}) from None
        with access.acting_as(_actor(organization, options["username"])):
            access.require(Right.RUN_CHECKIN, organization)
            names = _write(_pages(organization, options["what"]), folder, options)
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


def _pages(organization: Organization, what: str) -> Pages:
    points = CheckinPoint.objects.filter(
        organization__in=Organization.objects.below(organization), is_active=True
    ).order_by("organization__code", "name", "pk")
    return pages_of(points.select_related("organization").prefetch_related("codes"), what)


def _write(pages: Pages, folder: Path, options: dict[str, Any]) -> list[str]:
    """Write the files; returns their names."""
    kind: str = options["kind"]
    if options["one_file"] and pages:
        name = f"{options['organization']}-{options['what']}.pdf"
        (folder / name).write_bytes(pdf_of([page for _point, page in pages]))
        return [name]
    names = []
    for number, (point, page) in enumerate(pages, start=1):
        names.append(file_name(number, point, kind))
        (folder / names[-1]).write_bytes(page_file(page, kind))
    return names
