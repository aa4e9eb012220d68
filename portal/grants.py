"""Accounts and roles: the only writer of grants in Python. Database functions decide (portal/sql/grants.sql)."""

import datetime as dt
import secrets
import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from portal import access
from portal.asking import ask_database
from portal.models import Organization, OrganizationGrant, User

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike on paper


def one_time_password() -> str:
    """Twelve random characters that are easy to read out (59 bits), to be changed at the first login."""
    return "".join(secrets.choice(LETTERS) for _position in range(12))


def grant_role(
    *, user: User, role: str, organization: Organization, until: dt.date | None = None, reason: str = ""
) -> uuid.UUID:
    """Give a role on a node, as the current actor. Called again it renews end date and reason.

    Raises PermissionDenied when the actor may not give this role there, or not alone (request_grant).
    """
    granted: uuid.UUID = ask_database("grant_role", user.pk, role, organization.pk, until, reason)
    access.forget_cached_rights()
    return granted


def request_grant(
    pk: uuid.UUID, *, user: User, role: str, organization: Organization, until: dt.date | None, reason: str
) -> uuid.UUID:
    """Ask for a role that takes a second person; `pk` is made with the form, so that a form sent twice asks once.

    Raises PermissionDenied when it is not the actor's to ask for, ValidationError when the same waits already.
    """
    try:
        asked: uuid.UUID = ask_database("request_grant", pk, user.pk, role, organization.pk, until, reason)
    except IntegrityError:
        raise ValidationError(_("This has been asked for already and waits for a second administrator.")) from None
    return asked


def decide_grant(pk: uuid.UUID, *, approve: bool, answer: str = "") -> None:
    """Approve or refuse a request, as the second person.

    Raises PermissionDenied (asker, grantee, no right, decided or expired), ValidationError when what was asked for is
    no longer possible: it can only be refused then.
    """
    try:
        ask_database("decide_grant", pk, approve, answer)
    except IntegrityError as error:
        if "grant_outdated" not in str(error):
            raise
        raise ValidationError(
            _(
                "This is no longer possible: the day is over, or the account or its roles have changed."
                " Please refuse it."
            )
        ) from None
    access.forget_cached_rights()


def create_staff(*, username: str, name: str = "", email: str = "") -> tuple[User, str | None]:
    """The account of this user name, made if there is none, with a one-time password (None for a known account)."""
    known = User.objects.filter(username=username).first()
    if known:
        return known, None
    password = one_time_password()
    user = User.objects.create_user(username, password, name=name, email=email, must_change_password=True)
    return user, password


def workplaces() -> list[Organization]:
    """The organizations on which the current user holds a role, the highest first, five at most."""
    actor = access.current()
    if actor is None or actor.user_id is None:
        return []
    held = OrganizationGrant.objects.filter(user_id=actor.user_id).values_list("content_object_id", flat=True)
    return list(Organization.objects.filter(pk__in=held).order_by("path")[:5])
