"""What a reminder says: how many people to contact, and where to see who. Names stay on the portal: mails are kept and
forwarded out of its sight (docs/threat-model.md)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.enums import ESCALATIONS, OFFICE_STEPS, Step

REPORT_INS_PAGE = "admin:checkin_reportin_changelist"


@dataclass(frozen=True)
class Line:
    """What one outbox row adds to a mail: its step, its duty or need (or the row itself), the community that those
    above read, and how many things an office's line is about."""

    step: str
    subject: UUID
    community: str
    is_need: bool = False
    number: int = 0


@dataclass
class Letter:
    """A mail before it is written. `way`: where its reader sees the people (portal.reminder_recipients); `lines`: by
    outbox row."""

    address: str
    office: str
    way: str
    lines: dict[UUID, Line] = field(default_factory=dict)


def load(messages: list[UUID]) -> dict[UUID, Letter]:
    """The letters of the outbox rows that are being sent, by digest. One query."""
    letters: dict[UUID, Letter] = {}
    offices: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.digest_id, r.address, coalesce(nullif(office.short_name, ''), office.name), r.way,
                   m.id, m.step, coalesce(o.id, m.need_id, m.id), coalesce(nullif(place.short_name, ''), place.name),
                   m.need_id is not null,
                   coalesce(case when m.step = any (%s) then (
                     select sum(l.number)::int
                       from portal.office_lines(array[m.organization_id],
                                                case m.step when 'told' then m.due_on + 1 else m.due_on end) l
                      where l.step = m.step and l.day = m.due_on) end, 0)
              from contacts_outboundmessage m
              join portal.reminder_recipients(%s) r on r.message_id = m.id
              left join contacts_contactobligation o on o.id = m.obligation_id
              left join contacts_liaison l on l.id = r.liaison_id
              join portal_organization office
                on office.id = coalesce(l.organization_id, o.organization_id, m.organization_id)
              join portal_organization own on own.id = coalesce(o.organization_id, m.organization_id)
              left join portal_organization above
                on own.kind = 'branch' and above.id = own.parent_id and above.kind = 'community'
              join portal_organization place on place.id = coalesce(above.id, own.id)
             where m.id = any(%s) and m.state = 'sending'
             order by office.path, place.path, m.id
            """,
            [list(OFFICE_STEPS), messages, messages],
        )
        for digest, address, office, way, message, *line in cursor.fetchall():
            letters.setdefault(digest, Letter(address, office, way)).lines[message] = Line(*line)
            offices[digest].add(office)
    for digest, letter in letters.items():
        if len(offices[digest]) > 1:
            with translation.override(settings.LANGUAGE_CODE):
                letter.office = _("%(office)s and others") % {"office": letter.office}
    return letters


def render(letter: Letter, messages: list[UUID], *, digest: UUID, is_resend: bool) -> EmailMessage:
    """The mail about `messages` only; `digest` is its Message-ID, so a repetition can be recognized."""
    lines = [letter.lines[message] for message in messages]
    of_needs = [line for line in lines if line.is_need]
    of_dates = [line for line in lines if line.step == Step.DATE]
    of_duties = [line for line in lines if not line.is_need and line.step not in (Step.DATE, *OFFICE_STEPS)]
    of_office = {step: sum(line.number for line in lines if line.step == step) for step in OFFICE_STEPS}
    to_call = {line.subject: line.step for line in of_duties if line.step not in ESCALATIONS}
    told_above, needs_above = _above(of_duties), _above(of_needs)
    dates = _people(of_dates)
    steps = Counter(to_call.values())
    needs = Counter(line.step for line in of_needs)
    with translation.override(settings.LANGUAGE_CODE):
        if of_duties or of_needs or dates:
            subject = _subject(letter, len(to_call), told_above.total(), _people(of_needs), dates)
        else:
            subject = _office_subject(letter, of_office)
        body = render_to_string(
            "contacts/reminder.txt",
            {
                "letter": letter,
                "count": len(to_call),
                "early": steps[Step.BEFORE],
                "overdue": steps[Step.LIMIT],
                "told_above": list(told_above.items()),
                "dates": dates,
                "link": list_address(),
                "has_duties": bool(of_duties),
                "needs_overdue": needs[Step.LIMIT],
                "needs_to_follow": needs[Step.FOLLOW],
                "needs_above": list(needs_above.items()),
                "needs_link": list_address("contacts:needs"),
                "dates_link": list_address("admin:contacts_datereminder_changelist"),
                "is_resend": is_resend,
                **_office_words(of_office),
            },
        )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[letter.address], headers=headers)


def _people(lines: list[Line]) -> int:
    return len({line.subject for line in lines})


def _above(lines: list[Line]) -> Counter[str]:
    """How many are told to those above, by community."""
    return Counter({line.subject: line.community for line in lines if line.step in ESCALATIONS}.values())


def _subject(letter: Letter, to_call: int, told_above: int, needs: int, dates: int) -> str:
    if needs and not to_call and not told_above:
        return _("%(office)s: %(count)d needs wait for you") % {"office": letter.office, "count": needs}
    if dates and not to_call and not told_above:
        return _("%(office)s: date reminders about %(count)d people") % {"office": letter.office, "count": dates}
    if told_above and not to_call:
        return _("%(office)s: %(count)d people have not been contacted for long") % {
            "office": letter.office,
            "count": told_above,
        }
    return _("%(office)s: you have %(count)d people to contact") % {"office": letter.office, "count": to_call}


def _office_words(numbers: dict[str, int]) -> dict[str, int | str]:
    """What the text says of an office's own lines, and where they lead."""
    return {
        "report_ins": numbers[Step.REPORT_INS],
        "told": numbers[Step.TOLD],
        "festivals": numbers[Step.FESTIVAL],
        "festivals_link": list_address("admin:contacts_datereminder_changelist") + "?kind=festival",
        "report_ins_link": list_address(REPORT_INS_PAGE),
        "told_link": list_address("contacts:lost_reports"),
    }


def _office_subject(letter: Letter, numbers: dict[str, int]) -> str:
    if waiting := numbers[Step.REPORT_INS]:
        return _("%(office)s: %(count)d report-ins wait for you") % {"office": letter.office, "count": waiting}
    if numbers[Step.FESTIVAL] and not numbers[Step.TOLD]:
        return _("%(office)s: a festival comes soon") % {"office": letter.office}
    return _("%(office)s: another organization has written to you") % {"office": letter.office}


def list_address(name: str = "admin:contacts_contactobligation_changelist") -> str:
    """Where the people to contact (or another list) stand, for whoever logs in."""
    try:
        return settings.BASE_URL + reverse(name)
    except NoReverseMatch:
        return f"{settings.BASE_URL}/"
