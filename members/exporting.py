"""Exporting the ledger: only members that the actor manages, masked unless asked otherwise, always audited.

Small exports of one's own office go out at once. A large one, or one beyond the own office, is made and sealed, and
waits in the database until a second person has agreed (members/sql/exports.sql); it can be fetched once.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from members import revealing
from members.layouts import find_layout
from members.models import LedgerExport, Member, Movement
from members.resources import write_ledger
from portal import access, crypto
from portal.asking import ask_database, ask_rows
from portal.models import AuditEntry, Organization, OrganizationKind, User
from portal.roles import Right
from portal.sheets import Head, new_book

AT_ONCE = 2_000  # members fetched by one query
OFFICES = (OrganizationKind.STREET, OrganizationKind.COMMUNITY, OrganizationKind.BRANCH)


@dataclass(frozen=True)
class ExportWish:
    """How somebody wants the file: format, name of the layout (members.layouts), full numbers, and why.

    `text`: the reason in words, for RevealReason.OTHER; `key`: of the form, so that a form sent twice asks once.
    """

    kind: str = "xlsx"
    layout: str = ""
    unmasked: bool = False
    reason: str = ""
    text: str = ""
    key: uuid.UUID | None = None


@dataclass(frozen=True)
class Made:
    """The file, or (`content` None) the id of the export that waits for a second person."""

    name: str
    content: bytes | None
    waits: uuid.UUID | None = None


def exportable(members: Any) -> Any:
    """Of a queryset of members those whose organization the current actor may export."""
    return members.filter(organization__in=access.organization_ids(Right.EXPORT_LEDGER), same_as=None)


def export_members(
    *, members: Any, by: access.Actor, wish: ExportWish | None = None, organization: Organization | None = None
) -> Made:
    """Export the members in a queryset that the actor may export; nobody else's.

    `organization` names the reporting office and its layout (None: the actor's own). Raises PermissionDenied without
    the right to export, or to see full numbers of every member where they are wanted; ValidationError without a
    reason for them; UnknownLayout; KeyError for an unknown format.
    """
    access.must_act(by)
    wish = wish or ExportWish()
    owner = organization or own_office()
    if owner is None:
        raise PermissionDenied(Right.EXPORT_LEDGER)
    access.require(Right.EXPORT_LEDGER, owner)
    detail = revealing.reason_detail(wish.reason, wish.text) if wish.unmasked else {}
    # a member twice in the list (by a join of its filters) is one line
    wanted = dict(exportable(members).values_list("pk", "organization_id"))
    if wish.unmasked and not set(wanted.values()) <= set(access.organization_ids(Right.REVEAL_IDENTITY)):
        raise PermissionDenied(Right.REVEAL_IDENTITY)
    layout = find_layout(owner, wish.layout)
    key = wish.key or uuid.uuid4()
    book = new_book(wish.kind, _head(owner, by, key if wish.unmasked else None))
    count = write_ledger(_in_chunks(list(wanted)), layout, book, unmasked=wish.unmasked)
    facts: dict[str, Any] = {
        "count": count, "unmasked": wish.unmasked, "reason": "", "text": "", **detail,
        "fields": list(dict.fromkeys(column.field for column in layout if column.field)), "format": wish.kind,
    }  # fmt: skip
    name = file_name(owner, wish.kind, unmasked=wish.unmasked)
    if is_alone(set(wanted.values()), len(wanted), unmasked=wish.unmasked):
        _record(by, owner, key, facts)
        return Made(name, book.content())
    nodes = [str(node) for node in dict.fromkeys(wanted.values())]
    facts |= {"organization": str(owner.pk), "organizations": nodes, "kind": wish.kind, "layout": wish.layout}
    _request(key, facts, list(wanted), book.content())
    return Made(name, None, key)


def own_office() -> Organization | None:
    """The first office that the current actor exports for."""
    nodes = access.granted_nodes(Right.EXPORT_LEDGER)
    return Organization.objects.filter(pk__in=nodes).order_by("path").first()


def file_name(organization: Organization, kind: str, *, unmasked: bool) -> str:
    full = _("(full numbers)") if unmasked else ""
    return f"{organization.name}{full}{timezone.localdate():%Y%m%d}.{kind}"


def is_alone(organizations: set[uuid.UUID], count: int, *, unmasked: bool) -> bool:
    """May the actor take this out without a second person? See settings.EXPORT_ALONE_*.

    The own office is one street, community or branch on which the actor holds the right, with all below it.
    """
    if count > (settings.EXPORT_ALONE_ROWS if unmasked else settings.EXPORT_ALONE_MASKED_ROWS):
        return False
    if settings.EXPORT_ALONE_OUTSIDE or not organizations:
        return True
    offices = Organization.objects.filter(pk__in=access.granted_nodes(Right.EXPORT_LEDGER), kind__in=OFFICES)
    return any(
        Organization.objects.below(office).filter(pk__in=organizations).count() == len(organizations)
        for office in offices
    )


def decide_export(pk: uuid.UUID, *, approve: bool, answer: str = "") -> None:
    """Approve or refuse, as the second person. Raises PermissionDenied (asker, no right, decided, expired)."""
    ask_database("decide_export", pk, approve, answer, settings.EXPORT_FETCH_HOURS)


def withdraw_export(pk: uuid.UUID) -> None:
    """Take an own export back, with its file. Raises PermissionDenied for anybody else's."""
    ask_database("withdraw_export", pk)


def fetch_export(export: LedgerExport) -> tuple[str, bytes]:
    """File name and content of an approved export, once, as who asked for it.

    Raises PermissionDenied (not approved, fetched, expired, right lost), ValidationError when files that are in it are
    no longer the actor's to export.
    """
    try:
        ((data_key, sealed),) = ask_rows("fetch_export", export.pk)
    except IntegrityError as error:
        if "export_outdated" not in str(error):
            raise
        raise ValidationError(_("Some of these files have moved to another office. Please export anew.")) from None
    content = crypto.open_bytes(crypto.unwrap(data_key), sealed, _place(export.pk))
    return file_name(export.organization, export.kind, unmasked=export.unmasked), content


def deciders(export: LedgerExport) -> list[User]:
    """Who may decide: everybody but the asker who might make the same export."""
    people = access.users_with(Right.EXPORT_LEDGER, export.organization)
    if export.unmasked:
        full = {user.pk for user in access.users_with(Right.REVEAL_IDENTITY, export.organization)}
        people = [user for user in people if user.pk in full]
    return [user for user in people if user.pk != export.asked_by_id]


def forget_exports() -> None:
    """Remove the files of exports that can no longer be fetched."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_exports()")


def _in_chunks(ids: list[uuid.UUID]) -> Iterator[Member]:
    """The members in this order, two queries for every AT_ONCE of them, never all in memory."""
    movements = Movement.objects.select_related("home_organization", "host_organization")
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        rows = Member.objects.filter(pk__in=chunk).select_related("organization__parent")
        found = {member.pk: member for member in rows.prefetch_related(Prefetch("movements", movements))}
        yield from (found[pk] for pk in chunk if pk in found)


def _head(owner: Organization, by: access.Actor, number: uuid.UUID | None) -> Head:
    """The form's head; `number` of an export with full numbers makes the watermark."""
    person = User.objects.filter(pk=by.user_id).first() if by.user_id else None
    now = timezone.localtime()
    mark = ""
    if number is not None:
        who = f"{person.name}({person.username})" if person and person.name else str(person or by)
        mark = f"含完整号码，请勿外传  导出人：{who}  导出时间：{now:%Y-%m-%d %H:%M}  编号：{number.hex[:8]}"
    return Head(owner.name, str(person or ""), dt.date(now.year, now.month, now.day), mark)


def _record(by: access.Actor, owner: Organization, key: uuid.UUID, facts: dict[str, Any]) -> None:
    AuditEntry.objects.create(
        actor=str(by), action="export_ledger", organization=owner, object_type="ledger_export", object_id=key,
        detail=facts,
    )  # fmt: skip


def _request(key: uuid.UUID, facts: dict[str, Any], people: list[uuid.UUID], content: bytes) -> None:
    data_key = crypto.new_data_key()
    sealed = crypto.seal_bytes(crypto.unwrap(data_key), content, _place(key))
    asked = json.dumps(facts | {"hours": settings.EXPORT_WAIT_HOURS})
    ask_database("request_export", key, asked, people, data_key, sealed)


def _place(key: uuid.UUID) -> str:
    return f"members_exportfile|{key}|content"
