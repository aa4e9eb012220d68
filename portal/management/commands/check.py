"""`check` asks the database too: whether the app's role is as weak as the walls need, and whether Chinese sorts."""

from django.core.management.base import CommandParser
from django.core.management.commands import check


class Command(check.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(databases=["default"])
