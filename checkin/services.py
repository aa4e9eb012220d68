"""What staff do with points, codes and report-ins. Each function checks the right, then wall two judges every row.

`by` is the actor of the current scope. Decisions are taken once: a second one raises ValidationError.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.codes import make_code
from checkin.conversion import file_values_of, inflow_of, missing_in
from checkin.enums import OPEN_STATES, Proof, ReportInState, ReportInWay
from checkin.models import CheckinCode, CheckinPoint, ReportIn
from members.enums import Direction, MemberState
from members.models import Member, Movement
from members.revealing import TooMany
from members.services import MemberRefused, change_member, change_movement, create_member, start_movement
from portal import access, limits
from portal.history import from_source
from portal.models import AuditEntry, Organization, OrganizationKind
from portal.roles import Right


def code_text(code: CheckinCode) -> str:
    """What stands behind /c/ in the address of a code."""
    return make_code(code.pk)


@transaction.atomic
def create_point(*, organization: Organization, name: str, by: access.Actor, **details: Any) -> CheckinPoint:
    """A point with its first code. `details` are further fields of CheckinPoint: kind, address, hours, contact_…"""
    point = CheckinPoint(organization=organization, name=name, **details)
    point.full_clean(exclude=["organization"])
    open_point(point=point, by=by)
    return point


@transaction.atomic
def open_point(*, point: CheckinPoint, by: access.Actor) -> None:
    """Store a new point that was checked already, with its first code."""
    _must_run_checkin(point.organization, by)
    point.save(force_insert=True)
    CheckinCode.objects.create(point=point)


@transaction.atomic
def renew_code(*, point: CheckinPoint, by: access.Actor) -> CheckinCode:
    """Put a new code in force. Posters with the old one answer from now on that they are out of use."""
    _must_run_checkin(point.organization, by)
    CheckinPoint.objects.select_for_update().get(pk=point.pk)  # two clerks at once: one after the other
    point.codes.filter(revoked_at=None).update(revoked_at=timezone.now())
    return CheckinCode.objects.create(point=point)


@transaction.atomic
def revoke_code(*, code: CheckinCode, by: access.Actor) -> None:
    """Take a code out of use without a new one. Again: no change."""
    _must_run_checkin(code.point.organization, by)
    CheckinCode.objects.filter(pk=code.pk, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def move_code(*, code: CheckinCode, point: CheckinPoint, by: access.Actor) -> None:
    """Give a code in force to another point, which its posters hang at from now on; that point's own code ends.

    What was submitted stays with the former point. Raises ValidationError for a code that is out of use.
    """
    _must_run_checkin(code.point.organization, by)
    _must_run_checkin(point.organization, by)
    list(CheckinPoint.objects.select_for_update().filter(pk__in=[point.pk, code.point_id]).order_by("pk"))
    if not CheckinCode.objects.filter(pk=code.pk, revoked_at=None).exists() or not point.is_active:
        raise ValidationError(_("This code is out of use, or the point is."))
    if code.point_id != point.pk:
        point.codes.filter(revoked_at=None).update(revoked_at=timezone.now())
        CheckinCode.objects.filter(pk=code.pk).update(point=point)


@transaction.atomic
def confirm_report_in(*, report_in: ReportIn, proof: str, by: access.Actor, has_called: bool = False) -> Member:
    """Make a member file with one open incoming movement from a report-in.

    `has_called`: the clerk spoke to the person, without which nobody is registered through somebody else. Raises
    ValidationError when it was decided already, the proof is missing, or a file with this name and mobile number is
    there already (then it is to be linked).
    """
    row = _claim(report_in, by)
    _must_be_proven(row, proof, has_called)
    _wait_for_number(row)
    if Member.objects.visible_to(by).filter(mobile_digest=row.mobile_digest, name=row.name).exists():
        raise ValidationError(_("There is a file with this name and mobile number already. Please link it."))
    with _refusals_as_validation(), from_source("report_in", row.pk):
        member = create_member(
            organization=row.organization, values=file_values_of(row), by=by, movement=inflow_of(row)
        )
    _decide(row, ReportInState.CONFIRMED, by, proof=proof, member=member)
    return member


@transaction.atomic
def link_report_in(
    *, report_in: ReportIn, member: Member, proof: str, by: access.Actor, has_called: bool = False
) -> Member:
    """Confirm a report-in as coming from somebody who has a file. Opens an incoming movement if none is open, and fills
    what is empty in an open one where the actor may change the file.

    Raises ValidationError as confirm_report_in, PermissionDenied when the file would have to change and is in somebody
    else's hands.
    """
    row = _claim(report_in, by)
    _must_be_proven(row, proof, has_called)
    known = Member.objects.visible_to(by).select_related("organization").filter(pk=member.pk).first()
    if known is None:
        raise ValidationError(_("Please choose one of the files that were found."))
    is_own = access.may(Right.CHANGE_MEMBERS, known.organization)
    with _refusals_as_validation(), from_source("report_in", row.pk):
        movement = _open_inflow(known)
        if movement is None:
            start_movement(member=known, values=inflow_of(row), by=by)
        elif is_own and (missing := missing_in(movement, row)):
            change_movement(movement=movement, values=missing, by=by)
        if known.state == MemberState.PENDING and is_own:
            change_member(member=known, values={"state": MemberState.FLOATING}, by=by)
    _decide(row, ReportInState.CONFIRMED, by, proof=proof, member=known)
    return known


@transaction.atomic
def join_branch(*, report_in: ReportIn, branch: Organization, on: dt.date, by: access.Actor) -> None:
    """Note that the branch took the member in: the movement leads there from then on.

    Raises ValidationError where the report-in is not confirmed, there is no open incoming movement, or the branch is
    not within reach; PermissionDenied when the file is in somebody else's hands.
    """
    row = _claim(report_in, by, ReportInState.CONFIRMED)
    movement = _open_inflow(row.member) if row.member else None
    if row.member is None or movement is None:
        raise ValidationError(_("This member has no open incoming movement."))
    if branch.kind != OrganizationKind.BRANCH:
        raise ValidationError(_("Please choose a branch."))
    with _refusals_as_validation(), from_source("report_in", row.pk):
        values = {"host_organization": branch, "joined_host_on": on.isoformat()}
        change_movement(movement=movement, values=values, by=by)
    _decide(row, ReportInState.JOINED, by, proof=row.proof, member=row.member)


def _open_inflow(member: Member) -> Movement | None:
    rows = member.movements.select_related("member__organization")
    return rows.filter(direction=Direction.INFLOW, ended_on="").first()


@transaction.atomic
def return_report_in(*, report_in: ReportIn, by: access.Actor) -> None:
    """Send back: the person is told by phone what is missing, and may scan again."""
    _decide(_claim(report_in, by), ReportInState.RETURNED, by)


@transaction.atomic
def mark_duplicate(*, report_in: ReportIn, by: access.Actor) -> None:
    """Close a submission that repeats another one."""
    _decide(_claim(report_in, by), ReportInState.DUPLICATE, by)


@transaction.atomic
def close_mistaken(*, report_in: ReportIn, by: access.Actor) -> None:
    """Close a submission of somebody who is no floating member; no file is made."""
    _decide(_claim(report_in, by), ReportInState.MISTAKEN, by)


@transaction.atomic
def refer_report_in(*, report_in: ReportIn, organization: Organization, by: access.Actor) -> None:
    """Move a submission into the queue of another street or community, where it waits again.

    Raises ValidationError when it was decided already or the organization is no possible target.
    """
    row = _claim(report_in, by)
    if organization.pk == row.organization_id or organization.kind not in ("street", "community"):
        raise ValidationError(_("Please choose another community or street."))
    _record(row, "report_in_referred", by, to=organization.code)
    with connection.cursor() as cursor:
        cursor.execute("select portal.refer_report_in(%s, %s)", [row.pk, organization.pk])


@transaction.atomic
def reveal_mobile(*, report_in: ReportIn, by: access.Actor) -> str:
    """The number to call for verification, in full; recorded, one person at a time.

    Raises PermissionDenied without the right, TooMany beyond the hour's number, which files of members count for too.
    """
    access.must_act(by)
    access.require(Right.REVEAL_IDENTITY, report_in.organization)
    if not limits.may_reveal_more(str(by)):
        raise TooMany
    _record(report_in, "report_in_mobile_shown", by)
    return report_in.mobile


def _must_run_checkin(organization: Organization, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, organization)


def _must_be_proven(row: ReportIn, proof: str, has_called: bool) -> None:
    if proof not in Proof.values:
        raise ValidationError(_("Please choose how this was verified."))
    if row.way == ReportInWay.PROXY and not has_called:
        raise ValidationError(_("Somebody else filled this in. Please call the person first, and tick that you did."))


def _claim(report_in: ReportIn, by: access.Actor, *states: str) -> ReportIn:
    """The row, locked, if it stands in one of the states (none given: it waits); two clerks who decide at once come one
    after the other."""
    access.must_act(by)
    rows = ReportIn.objects.visible_to(by).select_for_update(of=("self",)).select_related("organization", "member")
    row = rows.filter(pk=report_in.pk).first()
    if row is None:
        raise PermissionDenied("report_in")
    if row.state not in (states or OPEN_STATES):
        raise ValidationError(_("This report-in has been dealt with already."))
    return row


def _wait_for_number(row: ReportIn) -> None:
    """Two forms of one person, confirmed at once, come one after the other: the second finds the first one's file."""
    with connection.cursor() as cursor:
        key = f"report_in {bytes(row.mobile_digest or b'').hex()}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


@contextmanager
def _refusals_as_validation() -> Iterator[None]:
    try:
        yield
    except MemberRefused as refusal:
        raise ValidationError(str(refusal)) from None


def _decide(row: ReportIn, state: str, by: access.Actor, *, proof: str = "", member: Member | None = None) -> None:
    row.state, row.proof, row.member = state, proof, member
    row.decided_at, row.decided_by_id = timezone.now(), by.user_id
    row.save(update_fields=["state", "proof", "member", "decided_at", "decided_by"])
    _record(row, f"report_in_{state}", by, proof=proof)


def _record(row: ReportIn, action: str, by: access.Actor, **detail: str) -> None:
    AuditEntry.objects.create(
        actor=str(by),
        action=action,
        organization=row.organization,
        object_type="checkin.reportin",
        object_id=row.pk,
        detail={key: value for key, value in detail.items() if value},
    )
