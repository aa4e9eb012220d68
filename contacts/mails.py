"""What a reminder says: how many people to contact, and where to see who. Names stay on the portal: mails are kept and
forwarded out of its sight (docs/threat-model.md)."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from typing import Any
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
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")  # any other goes through Django's own checks


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


@dataclass(frozen=True)
class Words:
    """What a mail says, all of it numbers and names of offices: the same for many readers, so it is written once."""

    office: str
    way: str
    is_resend: bool
    has_duties: bool
    count: int
    early: int
    overdue: int
    told_above: tuple[tuple[str, int], ...]
    dates: int
    needs: int
    needs_overdue: int
    needs_to_follow: int
    needs_above: tuple[tuple[str, int], ...]
    report_ins: int
    told: int
    festivals: int


class Written(EmailMessage):
    """A mail whose headers and text are encoded once for all its readers; a reader adds an address and a number."""

    @property
    def is_plain(self) -> bool:
        return bool(PLAIN_ADDRESS.fullmatch(self.to[0]))

    def message(self, **options: Any) -> Any:
        if not self.is_plain:
            return super().message(**options)
        own = [f"{name}: {value}" for name, value in self.extra_headers.items()]
        head = "\n".join([*own, f"To: {self.to[0]}", f"Date: {formatdate()}", ""]).encode("ascii")
        return _Bytes(head + _encoded(self.subject, self.body, self.from_email))


@dataclass(frozen=True)
class _Bytes:
    """What a mail server's backend asks of a message."""

    text: bytes

    def as_bytes(self, *, linesep: str = "\n", **_options: Any) -> bytes:
        return self.text if linesep == "\n" else self.text.replace(b"\n", linesep.encode())


@lru_cache(maxsize=256)
def _encoded(subject: str, body: str, sender: str) -> bytes:
    """A mail without address, date and number."""
    message = EmailMessage(subject, body, sender).message()
    for name in ("To", "Date", "Message-ID"):
        del message[name]
    return message.as_bytes()


def render(letter: Letter, messages: list[UUID], *, digest: UUID, is_resend: bool) -> Written:
    """The mail about `messages` only; `digest` is its Message-ID, so a repetition can be recognized."""
    words = _words(letter, [letter.lines[message] for message in messages], is_resend)
    subject, body = _written(words, settings.LANGUAGE_CODE, settings.BASE_URL)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
    return Written(subject, body, to=[letter.address], headers=headers)


def _words(letter: Letter, lines: list[Line], is_resend: bool) -> Words:
    of_needs = [line for line in lines if line.is_need]
    of_duties = [line for line in lines if not line.is_need and line.step not in (Step.DATE, *OFFICE_STEPS)]
    of_office = {step: sum(line.number for line in lines if line.step == step) for step in OFFICE_STEPS}
    to_call = {line.subject: line.step for line in of_duties if line.step not in ESCALATIONS}
    steps, needs = Counter(to_call.values()), Counter(line.step for line in of_needs)
    return Words(
        office=letter.office, way=letter.way, is_resend=is_resend, has_duties=bool(of_duties), count=len(to_call),
        early=steps[Step.BEFORE], overdue=steps[Step.LIMIT], told_above=_above(of_duties),
        dates=_people([line for line in lines if line.step == Step.DATE]), needs=_people(of_needs),
        needs_overdue=needs[Step.LIMIT], needs_to_follow=needs[Step.FOLLOW], needs_above=_above(of_needs),
        report_ins=of_office[Step.REPORT_INS], told=of_office[Step.TOLD], festivals=of_office[Step.FESTIVAL],
    )  # fmt: skip


@lru_cache(maxsize=256)
def _written(words: Words, language: str, _site: str) -> tuple[str, str]:
    """Subject and text, in the language, with links to the site."""
    links = {
        "link": list_address(),
        "needs_link": list_address("contacts:needs"),
        "dates_link": list_address("admin:contacts_datereminder_changelist"),
        "festivals_link": list_address("admin:contacts_datereminder_changelist") + "?kind=festival",
        "report_ins_link": list_address(REPORT_INS_PAGE),
        "told_link": list_address("contacts:lost_reports"),
    }
    with translation.override(language):
        subject = _subject if words.has_duties or words.needs or words.dates else _office_subject
        return subject(words), render_to_string("contacts/reminder.txt", {"words": words} | links)


def _people(lines: list[Line]) -> int:
    return len({line.subject for line in lines})


def _above(lines: list[Line]) -> tuple[tuple[str, int], ...]:
    """How many are told to those above, by community."""
    told = {line.subject: line.community for line in lines if line.step in ESCALATIONS}
    return tuple(Counter(told.values()).items())


def _subject(words: Words) -> str:
    told_above = sum(number for _community, number in words.told_above)
    if words.needs and not words.count and not told_above:
        return _("%(office)s: %(count)d needs wait for you") % {"office": words.office, "count": words.needs}
    if words.dates and not words.count and not told_above:
        return _("%(office)s: date reminders about %(count)d people") % {"office": words.office, "count": words.dates}
    if told_above and not words.count:
        return _("%(office)s: %(count)d people have not been contacted for long") % {
            "office": words.office,
            "count": told_above,
        }
    return _("%(office)s: you have %(count)d people to contact") % {"office": words.office, "count": words.count}


def _office_subject(words: Words) -> str:
    if words.report_ins:
        return _("%(office)s: %(count)d report-ins wait for you") % {"office": words.office, "count": words.report_ins}
    if words.festivals and not words.told:
        return _("%(office)s: a festival comes soon") % {"office": words.office}
    return _("%(office)s: another organization has written to you") % {"office": words.office}


def list_address(name: str = "admin:contacts_contactobligation_changelist") -> str:
    """Where the people to contact (or another list) stand, for whoever logs in."""
    try:
        return settings.BASE_URL + reverse(name)
    except NoReverseMatch:
        return f"{settings.BASE_URL}/"
