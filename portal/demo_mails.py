"""The mails that the demo "sent": files in the data folder, shown instead of a mail server."""

import datetime as dt
import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

MOST = 100
SEPARATOR = re.compile(rb"^-{79}\r?\n", re.MULTILINE)  # what the file backend writes after each mail


@dataclass(frozen=True)
class Mail:
    subject: str
    to: str
    date: str
    body: str


def mails(folder: Path) -> list[Mail]:
    """The newest mails of the folder (at most a hundred), the newest first."""
    if not folder.is_dir():
        return []
    files = [path for path in folder.iterdir() if path.suffix in (".log", ".eml")]
    files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    found: list[Mail] = []
    for file in files[:MOST]:
        parts = [part for part in SEPARATOR.split(file.read_bytes()) if part.strip()]
        found += [_read(part) for part in reversed(parts)]
    return found[:MOST]


def _read(content: bytes) -> Mail:
    message = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return Mail(
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        date=_shown(message["Date"].datetime) if message["Date"] else "",
        body=body.get_content() if body else "",
    )


def _shown(sent_at: dt.datetime) -> str:
    """The office's time; Django writes mails with the zone -0000, which is read as no zone but means UTC."""
    aware = sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=dt.UTC)
    return timezone.localtime(aware).strftime("%Y-%m-%d %H:%M")


@require_safe
def demo_mails(request: HttpRequest) -> HttpResponse:
    """The list; there is no such page outside the demo."""
    if not settings.DEMO:
        raise Http404
    context = admin.site.each_context(request) | {
        "title": _("Mails sent (demo)"), "mails": mails(Path(settings.MAIL_DIR)),
    }  # fmt: skip
    return TemplateResponse(request, "portal/demo_mails.html", context)
