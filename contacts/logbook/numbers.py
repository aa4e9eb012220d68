"""A number that is dead, and the one that came instead."""

import uuid

from django.db import connection

from contacts.querysets import acts_as_liaison, assigned_to
from members.models import Member, Phone
from portal import access
from portal.roles import Right


def may_replace_mobile(member: Member, actor: access.Actor) -> bool:
    """Whether the actor logs contacts for the managing side of this file, or is its liaison."""
    if member.same_as_id is not None:
        return False
    if access.may(Right.LOG_CONTACTS, member.organization):
        return True
    return acts_as_liaison(actor) and assigned_to(actor).filter(member=member).exists()


def replace_mobile(*, member: Member, number: str, by: access.Actor) -> None:
    """Give the file a new mobile number, clean text. The former one stays known as out of use from today.

    The database asks the right again (contacts/sql/work_done.sql) and raises InsufficientPrivilege.
    """
    access.must_act(by)
    renewed = Member(id=member.pk, data_key=member.data_key)  # never saved: it seals the number for its place
    renewed.mobile = number
    former = Phone(id=uuid.uuid4(), member=member)
    if member.mobile_digest:  # type: ignore[attr-defined]
        former.number = member.mobile
    with connection.cursor() as cursor:
        cursor.execute(
            "select portal.replace_mobile(%s, %s, %s, %s, %s)",
            [member.pk, renewed.mobile_sealed, renewed.mobile_digest, former.pk, former.number_sealed],  # type: ignore[attr-defined]
        )
