"""Personal links for people without a login: one mechanism for whatever kind of person a link is made for.

An address holds a random token; the first device that gives the PIN is bound to it by a cookie, and only that device
gets further. The database keeps keyed digests, decides about PIN and device in one statement each, and computes what a
link reaches from its row (portal/sql/links.sql). The clerk tells the PIN apart from the address.
"""

import datetime as dt
import hmac
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Func, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import access, crypto
from portal.models import AuditEntry, LinkEnd, LinkSubject, Organization, WorkLink
from portal.roles import Right

TOKEN_BYTES = 24
PIN_DIGITS = 6
HELD = "links"
MOST_HELD = 8
LIFETIME = dt.timedelta(days=90)


@dataclass(frozen=True)
class Issued:
    """A fresh link with what is shown once: the token of its address, and the PIN of six digits."""

    link: WorkLink
    token: str
    pin: str


@dataclass(frozen=True)
class Found:
    """A link in force, as the asking device may use it: bound to it, or waiting for its first device."""

    link_id: uuid.UUID
    is_bound: bool


@dataclass(frozen=True)
class Tried:
    """After one PIN: the link and the device's new secret, or how many tries are left (0: the link is closed)."""

    link_id: uuid.UUID | None
    device: str
    tries_left: int


def issue(*, organization: Organization, kind: str, subject_id: uuid.UUID, by: access.Actor, pin: str = "") -> Issued:
    """Make a link for somebody of the organization; an open one of the same person ends.

    `pin`: figures that the person knows already; without them six are drawn, to be told apart from the address.
    Raises PermissionDenied without the right to assign liaisons there, ValidationError when two clerks do it at once.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, organization)
    token, pin = secrets.token_urlsafe(TOKEN_BYTES), pin or f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    try:
        with transaction.atomic():
            for former in open_links(organization, kind, subject_id).select_for_update():
                close(link=former, by=by, reason=LinkEnd.REPLACED)
            link = WorkLink(
                organization=organization, subject_kind=kind, subject_id=subject_id, created_by_id=by.user_id,
                token_digest=_token_digest(token), pin_digest=_pin_digest(token, pin),
                expires_at=timezone.now() + LIFETIME,
            )  # fmt: skip
            link.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(_("Somebody else is issuing this link at the moment. Please try again.")) from None
    _record("work_link_issued", link, by)
    return Issued(link, token, pin)


def close(*, link: WorkLink, by: access.Actor, reason: str = LinkEnd.REVOKED) -> None:
    """End a link; nothing happens to one that has ended. Raises PermissionDenied without the right."""
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, link.organization)
    ended = WorkLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=timezone.now(), closed_reason=reason)
    if ended:
        _record("work_link_closed", link, by, reason=str(reason))


def open_links(organization: Organization, kind: str, subject_id: uuid.UUID) -> models.QuerySet[WorkLink]:
    """The link of a person that was not closed (one at most); it may have expired."""
    return latest_links(organization, kind, subject_id).filter(closed_at=None)


def latest_links(organization: Organization, kind: str, subject_id: uuid.UUID) -> models.QuerySet[WorkLink]:
    """All links of a person, the latest first; of the organizations whose liaisons the actor assigns."""
    mine = WorkLink.objects.filter(organization=organization, subject_kind=kind, subject_id=subject_id)
    return mine.filter(organization__in=access.organization_ids(Right.ASSIGN_LIAISONS)).order_by("-created_at")


def find(token: str, device: str, kind: str = LinkSubject.LIAISON) -> Found | None:
    """The link behind an address for a device (its cookie, or ""). None alike for every reason there may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.find_work_link(%s, %s, %s)",
            [_token_digest(token), _device_digest(token, device) if device else None, str(kind)],
        )
        row = cursor.fetchone()
    return Found(*row) if row else None


def try_pin(token: str, pin: str) -> Tried | None:
    """Try a PIN, and bind the asking device when it is right. None where there is nothing to try."""
    device = secrets.token_urlsafe(TOKEN_BYTES)
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.bind_work_link(%s, %s, %s)",
            [_token_digest(token), _pin_digest(token, pin), _device_digest(token, device)],
        )
        row = cursor.fetchone()
    return Tried(row[0], device if row[0] else "", row[1]) if row else None


def acting_subject(kind: str) -> Func:
    """For queries: the id of the row that the acting link was made for (null for other actors and ended links)."""
    return Func(Value(kind), function="portal.actor_link_subject", output_field=models.UUIDField())


def device_of(request: HttpRequest, token: str) -> str:
    """The secret of the asking device for this address, or "" ."""
    return request.COOKIES.get(_cookie_name(token), "")


def bind_device(response: HttpResponse, token: str, device: str) -> None:
    """Leave the secret on the device: a cookie of its own for each address, apart from the staff's."""
    _leave(response, _cookie_name(token), device)


def held(request: HttpRequest) -> list[str]:
    """The tokens of the addresses that this device opened, the latest first; in force or not."""
    return [token for token in request.COOKIES.get(_name(HELD), "").split(".") if token][:MOST_HELD]


def remember(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Leave word on the device that it opened this address, so that other pages find its people."""
    tokens = [token, *(one for one in held(request) if one != token)][:MOST_HELD]
    if tokens != held(request):
        _leave(response, _name(HELD), ".".join(tokens))


def device_digests(request: HttpRequest, tokens: list[str]) -> tuple[list[bytes], list[bytes]]:
    """Digests of these addresses and, in the same order, of the asking device for each: what the database compares."""
    known = [(token, device_of(request, token)) for token in tokens]
    known = [(token, device) for token, device in known if device]
    return [_token_digest(token) for token, _device in known], [_device_digest(*one) for one in known]


def form_mark(token: str, secret: str) -> str:
    """What a form of this address carries to show that it was made here, for this device."""
    return crypto.digest("work link form", f"{token}\0{secret}").hex()


def is_own_form(token: str, secret: str, mark: str) -> bool:
    return hmac.compare_digest(form_mark(token, secret).encode(), mark.encode())


def once_key(link_id: uuid.UUID, *parts: str) -> uuid.UUID:
    """The key of a row that a form makes: the same however often the form is sent, of no use in another link."""
    return uuid.UUID(bytes=crypto.digest("work link row", "\0".join([str(link_id), *parts]))[:16])


def _token_digest(token: str) -> bytes:
    return crypto.digest("work link", token)


def _pin_digest(token: str, pin: str) -> bytes:
    # Six digits fall to any password hash within hours. Keyed, and mixed with a token that is stored nowhere, the
    # digest tells nothing to whoever has the database, and SQL can compare it and count the try in one statement.
    return crypto.digest("work link pin", f"{token}\0{pin}")


def _device_digest(token: str, device: str) -> bytes:
    return crypto.digest("work link device", f"{token}\0{device}")


def _cookie_name(token: str) -> str:
    return _name(f"work-{_token_digest(token).hex()[:12]}")


def _name(name: str) -> str:
    return f"__Host-{name}" if settings.IS_HTTPS else name


def _leave(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=LIFETIME, httponly=True, samesite="Lax", secure=settings.IS_HTTPS)


def _record(action: str, link: WorkLink, by: access.Actor, **detail: str) -> None:
    AuditEntry.objects.create(
        actor=str(by), action=action, organization=link.organization, object_type="portal.worklink",
        object_id=link.pk, detail=detail | {"subject": f"{link.subject_kind}.{link.subject_id}"},
    )  # fmt: skip
