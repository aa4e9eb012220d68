"""Two organizations of one kind become one. What moves is found by the database itself (portal/sql/merge.sql)."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import access
from portal.models import Organization
from portal.roles import Right


@dataclass
class Preview:
    """`below`: organizations under the one that goes; `in_both`: people with a file in both organizations."""

    below: int
    in_both: int


def may_merge(node: Organization) -> bool:
    """May the actor merge this node into another one at all? Its superior must be the actor's too, as for a move."""
    return node.parent_id is not None and all(
        access.may(right, end) for right in (Right.GRANT_ACCESS, Right.MERGE_ACROSS) for end in (node, node.parent_id)
    )


def why_not_into(gone: Organization, kept: Organization) -> str:
    """Why the one cannot be merged into the other, in a plain sentence; empty when it can."""
    names = {"gone": gone, "kept": kept}
    if gone.merged_into_id is not None:
        return _("%(gone)s was merged already.") % names
    if not kept.is_active:
        return _("%(kept)s is no longer in use.") % names
    if gone.kind != kept.kind:
        return _("Only organizations of the same kind can be merged.")
    if gone.pk.hex in str(kept.path).split(".") or kept.pk.hex in str(gone.path).split("."):
        return _("%(gone)s and %(kept)s stand below one another, so they cannot be merged.") % names
    if not may_merge(gone) or not access.may(Right.MERGE_ACROSS, kept):
        return _("Only the superior office can change this.")
    return ""


def preview(gone: Organization, kept: Organization) -> Preview:
    """Raises PermissionDenied unless both ends are the actor's to merge."""
    return Preview(*_ask("select below, in_both from portal.merge_preview(%s, %s)", gone, kept))


def refusal_of_files(count: int) -> str:
    """The sentence about people who have a file in both organizations; empty for none."""
    if not count:
        return ""
    return ngettext(
        "%(count)s person has a file with the same ID number in both organizations."
        " Please make the two files one first.",
        "%(count)s people have a file with the same ID number in both organizations."
        " Please make the two files of each person one first.",
        count,
    ) % {"count": count}


def merge(gone: Organization, kept: Organization) -> None:
    """Everything of `gone` belongs to `kept` from now on; `gone` stays on record, out of use.

    Nothing is changed on a refusal. Raises ValidationError with a plain sentence, PermissionDenied unless both ends and
    the superior of `gone` are the actor's.
    """
    refusal = why_not_into(gone, kept) or refusal_of_files(preview(gone, kept).in_both)
    if refusal:
        raise ValidationError(refusal)
    try:
        _ask("select portal.merge_organizations(%s, %s)", gone, kept)
    except IntegrityError:
        raise ValidationError(
            _("Something exists in both organizations that cannot be put together. Nothing was changed.")
        ) from None
    access.forget_cached_rights()


def _ask(statement: str, gone: Organization, kept: Organization) -> tuple:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [gone.pk, kept.pk])
            answer: tuple = cursor.fetchone()
    except DatabaseError as error:
        if "organization_refused" in str(error):
            raise PermissionDenied("organization_refused") from None
        raise
    return answer
