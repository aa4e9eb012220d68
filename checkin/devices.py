"""A member's phone: a cookie that names nobody, until somebody who knows the member has confirmed the phone.

Every phone that opens a check-in page gets a random secret of its own; the database keeps a keyed digest of it, and
only for phones that were confirmed (`MemberDevice`). One phone may stand for several people of a household. The cookie
is not the staff's: it opens no staff page, and no staff page reads it.
"""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from checkin.device_models import MemberDevice
from portal import access, crypto
from portal.models import AuditEntry
from portal.roles import Right

SECRET_BYTES = 24
SECRET_LENGTH = 32  # of its text
LIFETIME = dt.timedelta(days=365)


@dataclass(frozen=True)
class Person:
    """Somebody whom a confirmed phone stands for. `device_id` is the row that says so."""

    device_id: uuid.UUID
    member_id: uuid.UUID
    name: str


def secret_of(request: HttpRequest) -> str:
    """The secret that the phone brought, or "" (none, or nothing that `leave` wrote)."""
    secret = request.COOKIES.get(_cookie_name(), "")
    return secret if len(secret) == SECRET_LENGTH and secret.isascii() else ""


def digest(secret: str) -> bytes | None:
    """What the database knows a phone by; None for a phone without a secret."""
    return crypto.digest("member device", secret) if secret else None


def leave(response: HttpResponse, secret: str = "") -> str:
    """Leave a secret on the phone, a new one where none is given, for a year from now. Returns it."""
    secret = secret or secrets.token_urlsafe(SECRET_BYTES)
    response.set_cookie(
        _cookie_name(), secret, max_age=LIFETIME, path="/", httponly=True, samesite="Lax", secure=settings.IS_HTTPS
    )
    return secret


def people(device: bytes | None) -> list[Person]:
    """Whom a phone stands for, by name; notes that it was used today. One statement, without an actor."""
    if device is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select device_id, member_id, name from portal.device_people(%s)", [device])
        return [Person(*row) for row in cursor.fetchall()]


def forget(device: bytes, device_id: uuid.UUID) -> None:
    """The phone itself gives one of its people up. No actor: whoever holds the secret may."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_device(%s, %s)", [device, device_id])


def revoke(*, device: MemberDevice, by: access.Actor) -> None:
    """The office takes a phone out of use. Again: no change. Raises PermissionDenied without the right."""
    access.must_act(by)
    member = device.member
    access.require(Right.RUN_CHECKIN, member.organization)
    if MemberDevice.objects.visible_to(by).filter(pk=device.pk).revoke():
        AuditEntry.objects.create(
            actor=str(by), action="member_device_revoked", organization=member.organization,
            object_type="members.member", object_id=member.pk,
        )  # fmt: skip


def _cookie_name() -> str:
    return "__Host-member-device" if settings.IS_HTTPS else "member-device"
