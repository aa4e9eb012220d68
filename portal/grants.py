"""Accounts and roles: the only writer of grants in Python; the database function checks the right again."""

import datetime as dt
import secrets
import uuid

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from portal import access
from portal.models import Organization, User

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike on paper


def one_time_password() -> str:
    """Twelve random characters that are easy to read out (59 bits), to be changed at the first login."""
    return "".join(secrets.choice(LETTERS) for _position in range(12))


def grant_role(
    *, user: User, role: str, organization: Organization, until: dt.date | None = None, reason: str = ""
) -> uuid.UUID:
    """Give a role on a node, as the current actor. Called again it renews end date and reason.

    Raises PermissionDenied when the actor may not give this role there.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select portal.grant_role(%s, %s, %s, %s, %s)", [user.pk, role, organization.pk, until, reason]
            )
            granted = cursor.fetchone()[0]
    except DatabaseError as error:
        if "grant_refused" in str(error):
            raise PermissionDenied("grant_refused") from None
        raise
    access.forget_cached_rights()
    return granted


def create_staff(*, username: str, name: str = "", email: str = "") -> tuple[User, str | None]:
    """The account of this user name, made if there is none, with a one-time password (None for a known account)."""
    known = User.objects.filter(username=username).first()
    if known:
        return known, None
    password = one_time_password()
    user = User.objects.create_user(username, password, name=name, email=email, must_change_password=True)
    return user, password
