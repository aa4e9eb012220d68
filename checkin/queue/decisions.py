"""Carrying out what a clerk decided in the queue: for one report-in, or for those ticked in the list."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from checkin import services
from checkin.enums import OPEN_STATES, ReportInState
from checkin.matching import suggest_members
from checkin.models import ReportIn
from checkin.queue.forms import Decision
from contacts.models import LiaisonAssignment
from members.models import Member, access_member
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

CLOSING = {
    Decision.RETURN: ReportInState.RETURNED,
    Decision.DUPLICATE: ReportInState.DUPLICATE,
    Decision.MISTAKEN: ReportInState.MISTAKEN,
}
QUEUE = "admin:checkin_reportin_changelist"


def carry_out(row: ReportIn, given: dict[str, Any], by: access.Actor) -> tuple[str, str]:
    """The service for one decision. Returns the sentence for the clerk and the page that comes next."""
    decision, queue = given["decision"], reverse(QUEUE)
    if decision == Decision.CONFIRM:
        proven = {"report_in": row, "proof": given["proof"], "has_called": given["has_called"], "by": by}
        if given["target"]:
            member = services.link_report_in(member=access_member(by, given["target"]), **proven)
            told = gettext("Confirmed and linked to the file.")
        else:
            member = services.confirm_report_in(**proven)
            told = gettext("Confirmed: a new member file was made.")
        if _wants_liaison(member):
            return f"{told} {gettext('Please give the member a liaison.')}", reverse(
                "contacts:assign", args=[member.pk]
            )
        return told, queue
    if decision == Decision.JOIN:
        services.join_branch(report_in=row, branch=given["branch"], on=given["joined_on"], by=by)
        return gettext("Taken into %(branch)s.") % {"branch": given["branch"]}, queue
    if decision == Decision.REFER:
        services.refer_report_in(report_in=row, organization=given["organization"], by=by)
        return gettext("Referred to %(organization)s.") % {"organization": given["organization"]}, queue
    closing = {
        Decision.RETURN: services.return_report_in,
        Decision.DUPLICATE: services.mark_duplicate,
        Decision.MISTAKEN: services.close_mistaken,
    }
    closing[decision](report_in=row, by=by)
    return gettext("The report-in is closed."), queue


def _wants_liaison(member: Member) -> bool:
    if not access.may(Right.ASSIGN_LIAISONS, member.organization):
        return False
    return not LiaisonAssignment.objects.open().filter(member=member, is_primary=True).exists()


@transaction.atomic
def decide_many(*, keys: Iterable[uuid.UUID], given: dict[str, Any], by: access.Actor) -> tuple[int, int]:
    """One decision for several report-ins. Returns how many it was carried out for, and how many are left to be looked
    at one by one: those decided meanwhile, and of a confirmation all with a file of the same number or of the same
    person, and those filled in by somebody else.
    """
    access.must_act(by)
    wanted = set(keys)
    rows = list(
        ReportIn.objects.visible_to(by).select_for_update(of=("self",)).select_related("organization")
        .filter(pk__in=wanted, state__in=OPEN_STATES).order_by("pk")
    )  # fmt: skip
    if given["decision"] == Decision.CONFIRM:
        done = _confirm_clear_ones(rows, given["proof"], by)
    elif given["decision"] == Decision.REFER:
        done = _refer(rows, given["organization"], by)
    else:
        done = _close(rows, CLOSING[given["decision"]], by)
    return done, len(wanted) - done


def _confirm_clear_ones(rows: list[ReportIn], proof: str, by: access.Actor) -> int:
    matches, done = suggest_members(rows, by), 0
    # in the order of their numbers, which are waited for: two clerks at once do not wait for each other
    for row in sorted(rows, key=lambda row: bytes(row.mobile_digest or b"")):
        if row.is_by_proxy or matches[row.pk]:
            continue
        try:
            services.confirm_report_in(report_in=row, proof=proof, by=by)
        except (ValidationError, PermissionDenied):
            continue
        done += 1
    return done


def _close(rows: list[ReportIn], state: str, by: access.Actor) -> int:
    rows = [row for row in rows if access.may(Right.RUN_CHECKIN, row.organization)]
    _record(rows, f"report_in_{state}", by)
    return ReportIn.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, decided_at=timezone.now(), decided_by=by.user_id
    )


def _refer(rows: list[ReportIn], target: Organization, by: access.Actor) -> int:
    rows = [row for row in rows if row.organization_id != target.pk]
    _record(rows, "report_in_referred", by, to=target.code)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where portal.refer_report_in(r.id, %s)) from unnest(%s::uuid[]) as r(id)",
            [target.pk, [row.pk for row in rows]],
        )
        return int(cursor.fetchone()[0])


def _record(rows: list[ReportIn], action: str, by: access.Actor, **detail: str) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(actor=str(by), action=action, organization=row.organization, object_type="checkin.reportin",
                   object_id=row.pk, detail=detail) for row in rows
    )  # fmt: skip
