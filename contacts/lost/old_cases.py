"""Decisions of the time before the portal, entered in one go with their document numbers."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import Outcome, Source
from contacts.lost.models import LostCase, LostState
from contacts.lost.services import is_home_side
from contacts.models import ContactLog
from members.models import Member
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

MOST_LINES = 100
_CELLS = re.compile(r"\t|[,;，；]")
_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_MOBILE = re.compile(r"1\d{10}")
_IDENTITY = re.compile(r"\d{17}[\dXx]")


@dataclass
class OldCase:
    """One line: name, a number that tells people of one name apart ("" without), day and number of the decision."""

    name: str
    number: str
    decided_on: dt.date
    document: str


def read_lines(text: str) -> list[OldCase]:
    """The lines 姓名, 身份证号或手机号 (may be missing), 日期, 文号 in this order, divided by tabs or commas. Raises
    ValidationError that names the first line that cannot be read."""
    lines = [unicodedata.normalize("NFKC", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("姓名")]
    if not lines or len(lines) > MOST_LINES:
        raise ValidationError(_("Paste between 1 and %(most)d lines.") % {"most": MOST_LINES})
    return [_line(number, line) for number, line in enumerate(lines, 1)]


def _line(number: int, line: str) -> OldCase:
    cells = [cell.strip() for cell in _CELLS.split(line) if cell.strip()]
    days = [match for cell in cells if (match := _DAY.fullmatch(cell))]
    known = [cell for cell in cells if _MOBILE.fullmatch(cell) or _IDENTITY.fullmatch(cell)]
    words = [cell for cell in cells if cell not in known and not _DAY.fullmatch(cell)]
    try:
        day = dt.date(*(int(part) for part in days[0].groups())) if days else None
    except ValueError:
        day = None
    if day is None or day > timezone.localdate() or len(words) != 2 or len(known) > 1 or len(days) != 1:
        raise ValidationError(
            _("Line %(line)d: write name, ID number or mobile number (if need be), day and document number.")
            % {"line": number}
        )
    return OldCase(words[0], known[0] if known else "", day, words[1][:60])


def enter_old_cases(*, lines: list[OldCase], body: str, by: access.Actor) -> int:
    """Store every line as a decision of that body; a check that is open becomes the decision. All or nothing.

    Raises PermissionDenied without the right to decide, ValidationError that names the first line whose person is not
    clear, not of the home side, or decided already. Returns how many.
    """
    access.must_act(by)
    access.require(Right.DECIDE_LOST)
    if not body.strip():
        raise ValidationError(_("A decision has a deciding body and a number."))
    with transaction.atomic():
        for number, line in enumerate(lines, 1):
            try:
                _store(line, _person(line), body.strip()[:100], by)
            except ValidationError as refusal:
                raise ValidationError(
                    _("Line %(line)d: %(why)s") % {"line": number, "why": refusal.messages[0]}
                ) from None
    return len(lines)


def _person(line: OldCase) -> Member:
    rows = Member.objects.filter(organization__in=access.organization_ids(Right.DECIDE_LOST), same_as=None)
    rows = rows.filter(name=line.name)
    if _MOBILE.fullmatch(line.number):
        rows = rows.filter(mobile_digest=Member.mobile.digest(line.number))
    elif line.number:
        rows = rows.filter(id_number_digest=Member.id_number.digest(line.number.upper()))
    found = list(rows.select_related("organization")[:2])
    if not found:
        raise ValidationError(_("There is nobody of this name, or the number is another's."))
    if len(found) > 1:
        raise ValidationError(
            _("There are several people of this name. Please add the ID number or the mobile number.")
        )
    return found[0]


def _reached_since(member: Member, day: dt.date) -> bool:
    rows = ContactLog.objects.current().filter(Q(member=member) | Q(member__same_as=member))
    return rows.filter(outcome=Outcome.REACHED, contacted_on__gt=day).exclude(source=Source.EXCHANGE).exists()


def _store(line: OldCase, member: Member, body: str, by: access.Actor) -> None:
    if not is_home_side(member):
        raise ValidationError(_("The home organization decides. Please tell it what you have found out."))
    case = LostCase.objects.select_for_update(of=("self",)).filter(member=member, closed_on=None).first()
    if case and case.state == LostState.DECIDED:
        raise ValidationError(_("A decision about this person is stored already."))
    if _reached_since(member, line.decided_on):
        raise ValidationError(_("This person has been reached since."))
    if case is None:
        case = LostCase(member=member, organization=member.organization, opened_on=line.decided_on,
                        opened_by_id=by.user_id)  # fmt: skip
        try:
            with transaction.atomic():
                case.save(force_insert=True)  # a case begins as a check: the database knows no other beginning
        except IntegrityError:
            raise ValidationError(_("This check has changed meanwhile. Please look at it again.")) from None
    case.state, case.body, case.number = LostState.DECIDED, body, line.document
    case.decided_on, case.decided_by_id = line.decided_on, by.user_id
    case.save()
    AuditEntry.objects.create(
        actor=str(by), action="lost_old_entered", organization_id=member.organization_id, object_type="member",
        object_id=member.pk,
    )  # fmt: skip
