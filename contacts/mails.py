"""What a reminder says: how many people to contact, and where to see who. Names stay on the portal: mails are kept and
forwarded out of its sight (docs/threat-model.md)."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _


@dataclass
class Letter:
    """A mail before it is written. `way`: where its reader sees the people (portal.reminder_recipients); `overdue`:
    outbox row → whether the limit has passed."""

    address: str
    office: str
    way: str
    overdue: dict[UUID, bool] = field(default_factory=dict)


def load(messages: list[UUID]) -> dict[UUID, Letter]:
    """The letters of the outbox rows that are being sent, by digest. One query."""
    letters: dict[UUID, Letter] = {}
    offices: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.digest_id, r.address, coalesce(nullif(office.short_name, ''), office.name), r.way,
                   m.id, m.step = 'limit'
              from contacts_outboundmessage m
              join portal.reminder_recipients(%s) r on r.message_id = m.id
              join contacts_contactobligation o on o.id = m.obligation_id
              left join contacts_liaison l on l.id = r.liaison_id
              join portal_organization office on office.id = coalesce(l.organization_id, o.organization_id)
             where m.id = any(%s) and m.state = 'sending'
             order by office.path, m.id
            """,
            [messages, messages],
        )
        for digest, address, office, way, message, is_overdue in cursor.fetchall():
            letters.setdefault(digest, Letter(address, office, way)).overdue[message] = is_overdue
            offices[digest].add(office)
    for digest, letter in letters.items():
        if len(offices[digest]) > 1:
            with translation.override(settings.LANGUAGE_CODE):
                letter.office = _("%(office)s and others") % {"office": letter.office}
    return letters


def render(letter: Letter, messages: list[UUID], *, digest: UUID, is_resend: bool) -> EmailMessage:
    """The mail about `messages` only; `digest` is its Message-ID, so a repetition can be recognized."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(office)s: you have %(count)d people to contact") % {
            "office": letter.office,
            "count": len(messages),
        }
        body = render_to_string(
            "contacts/reminder.txt",
            {
                "letter": letter,
                "count": len(messages),
                "overdue": sum(letter.overdue[message] for message in messages),
                "link": f"{settings.BASE_URL}{_list_path()}",
                "is_resend": is_resend,
            },
        )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[letter.address], headers=headers)


def _list_path() -> str:
    try:
        return reverse("admin:contacts_contactobligation_changelist")
    except NoReverseMatch:
        return "/"
