"""What a reminder says. Sober: names of those to call and how to log it; 社区 or 街道, never membership."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _


@dataclass
class Line:
    """One person to contact."""

    message_id: UUID
    name: str
    community: str
    due_on: date
    is_overdue: bool


@dataclass
class Letter:
    """A mail before it is written."""

    address: str
    office: str
    has_login: bool
    lines: list[Line] = field(default_factory=list)


def load(messages: list[UUID]) -> dict[UUID, Letter]:
    """The letters of the outbox rows that are being sent, by digest. One query."""
    letters: dict[UUID, Letter] = {}
    lines: dict[UUID, list[Line]] = defaultdict(list)
    offices: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.digest_id, r.address, coalesce(nullif(office.short_name, ''), office.name),
                   l.id is null or l.user_id is not null, m.id, p.name,
                   coalesce(nullif(home.short_name, ''), home.name), m.due_on, m.step = 'limit'
              from contacts_outboundmessage m
              join portal.reminder_recipients(%s) r on r.message_id = m.id
              join contacts_contactobligation o on o.id = m.obligation_id
              join members_member p on p.id = o.member_id
              join portal_organization home on home.id = p.organization_id
              left join contacts_liaison l on l.id = r.liaison_id
              join portal_organization office on office.id = coalesce(l.organization_id, o.organization_id)
             where m.id = any(%s) and m.state = 'sending'
             order by m.step, m.due_on, p.name_pinyin, m.id
            """,
            [messages, messages],
        )
        for digest, address, office, has_login, *line in cursor.fetchall():
            letters.setdefault(digest, Letter(address, office, has_login))
            lines[digest].append(Line(*line))
            offices[digest].add(office)
    for digest, letter in letters.items():
        letter.lines = lines[digest]
        if len(offices[digest]) > 1:
            with translation.override(settings.LANGUAGE_CODE):
                letter.office = _("%(office)s and others") % {"office": letter.office}
    return letters


def render(letter: Letter, messages: list[UUID], *, digest: UUID, is_resend: bool) -> EmailMessage:
    """The mail with the lines of `messages` only; `digest` is its Message-ID, so a repetition can be recognized."""
    wanted = set(messages)
    lines = [line for line in letter.lines if line.message_id in wanted]
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(office)s: you have %(count)d people to contact") % {"office": letter.office, "count": len(lines)}
        body = render_to_string(
            "contacts/reminder.txt",
            {"letter": letter, "lines": lines, "link": f"{settings.BASE_URL}{_list_path()}", "is_resend": is_resend},
        )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[letter.address], headers=headers)


def _list_path() -> str:
    try:
        return reverse("admin:contacts_contactobligation_changelist")
    except NoReverseMatch:
        return "/"
