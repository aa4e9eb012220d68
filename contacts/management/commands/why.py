"""Why somebody was reminded about a member on a day, and why not. Exit code 3: not permitted, or no such member."""

import uuid
from argparse import ArgumentTypeError
from datetime import date
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.why import Account, explain
from contacts.why_dates import explain_dates
from contacts.why_needs import explain_needs
from members.models import access_member
from portal import access
from portal.models import User

NOT_PERMITTED = 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "member", type=_key, metavar="MEMBER", help=_("the member's key, as in the address of a page")
        )
        parser.add_argument("--on", type=_date, metavar="YYYY-MM-DD", help=_("the day; today if left out"))
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME")

    def handle(self, *, member: uuid.UUID, on: date | None, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            self._refuse()
        with access.acting_as(access.user_actor(user)) as actor:
            try:
                found = access_member(actor, member)
            except Http404:
                self._refuse()
            day = on or timezone.localdate()
            for account in explain(found, day, by=actor):
                self._print(account)
            for told in explain_needs(found, day, by=actor):
                self.stdout.write(f"{_('need')}  {told.need.raised_on}  {told.need.organization}")
                for line in told.lines:
                    self.stdout.write(f"  {line.label}  {line.day or '—'}  {line.words}")
            dates = explain_dates(found, day, by=actor)
            if dates is not None:
                self.stdout.write(_("date reminders"))
                for one in dates.lines:
                    self.stdout.write(f"  {one.label}  {one.day or '—'}  {one.words}")

    def _print(self, account: Account) -> None:
        duty, rules = account.duty, account.rules
        self.stdout.write(f"{duty.get_side_display()}  {duty.organization}")
        if account.silence:
            self.stdout.write(f"  {account.silence}")
            return
        if rules is None:  # the other side's: the agreed minimum
            self.stdout.write(f"  {_('last contact')} {duty.last_success_on or '—'}")
            return
        whose = rules.from_organization or _("the portal")
        self.stdout.write(f"  {rules.target_days}/{rules.limit_days}  {whose}  {rules.go_live_on or '—'}")
        dates = (account.last_on, account.due_on, account.limit_on)
        self.stdout.write("  " + "  ".join(str(day or "—") for day in dates))
        for line in account.lines:
            self.stdout.write(f"  {line.label}  {line.day or '—'}  {line.words}")

    def _refuse(self) -> NoReturn:
        self.stderr.write(_("You may not do this here."))
        raise SystemExit(NOT_PERMITTED)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ArgumentTypeError(_("This is no key of a member.")) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("Write the day as 2026-03-31.")) from None
