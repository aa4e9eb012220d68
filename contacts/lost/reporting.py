"""Tell the other side of a member what is known of a lost contact: facts, the decision, and that it was taken back.

On the portal it is a row that both sides read by their right to see members; outside it is a printed letter. Nothing
of it is for liaisons, visiting workers, links and members.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import Side
from contacts.letters import Letter
from contacts.lost.models import LostCase, LostReport, LostState, ReportKind
from contacts.lost.services import OutOfReach, latest_case, out_of_reach
from members.models import Member, Movement
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

_KINDS = {
    LostState.PROPOSED.value: ReportKind.FACTS,
    LostState.DECIDED.value: ReportKind.DECIDED,
    LostState.REVERSED.value: ReportKind.REVERSED,
    LostState.FOUND.value: ReportKind.FOUND,
}


@dataclass(frozen=True)
class Counterpart:
    """The other side of a member's movement: an organization on the portal, or its name."""

    side: str
    organization: Organization | None
    text: str

    @property
    def name(self) -> str:
        return self.organization.formal_name if self.organization else self.text


def counterparts(member: Member) -> list[Counterpart]:
    """Who is to be told: the sides of the open movements that do not manage the file themselves."""
    rows = Movement.objects.filter(member=member, ended_on="").select_related("home_organization", "host_organization")
    found: dict[str, Counterpart] = {}
    for row in rows.order_by("pk"):
        for side, node, text in (
            (Side.HOME.value, row.home_organization, row.home_text),
            (Side.HOST.value, row.host_organization, row.host_text),
        ):
            if (node is not None and node.pk != member.organization_id) or (node is None and text):
                found.setdefault(side, Counterpart(side, node, text))
    return list(found.values())


def what_to_tell(case: LostCase | None, found: OutOfReach | None) -> ReportKind | None:
    """What there is to report now; None: nothing. A case that ended before a decision was never told."""
    kind = _KINDS.get(case.state) if case else None
    if kind == ReportKind.FOUND and case is not None and case.decided_on is None:
        kind = None
    if kind in (None, ReportKind.FACTS):
        return ReportKind.FACTS if found else None
    return kind


def report(*, member: Member, side: str, by: access.Actor) -> LostReport:
    """Tell one side what is known now; told twice on a day it is one report.

    Raises PermissionDenied without the right to log contacts (facts) or to decide (decisions), ValidationError where
    there is nobody to tell, or nothing.
    """
    access.must_act(by)
    case, found = latest_case(member), next(iter(out_of_reach(member=member)), None)
    kind = what_to_tell(case, found)
    other = next((one for one in counterparts(member) if one.side == side), None)
    if kind is None or other is None:
        raise ValidationError(_("There is nothing to report, or nobody to report it to."))
    if kind != ReportKind.FACTS or not access.may(Right.LOG_CONTACTS, member.organization):
        access.require(Right.DECIDE_LOST, member.organization)
    row = LostReport(
        member=member, sender_id=member.organization_id, receiver=other.organization, side=other.side, kind=kind,
        receiver_text="" if other.organization else other.text[:200], told_by_id=by.user_id,
    )  # fmt: skip
    if kind == ReportKind.FACTS and found:
        row.attempts, row.first_on, row.latest_on = found.attempts, found.first_on, found.latest_on
    if kind != ReportKind.FACTS and case:
        row.body, row.number, row.decided_on = case.body, case.number, case.decided_on
    stored = LostReport.objects.filter(member=member, side=side, kind=kind, told_on=timezone.localdate())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            AuditEntry.objects.create(
                actor=str(by), action="lost_reported", organization_id=member.organization_id, object_type="member",
                object_id=member.pk, detail={"kind": kind.value},
            )  # fmt: skip
    except IntegrityError:
        return stored.get()
    return row


def reports(member: Member | None = None) -> Any:
    """What the actor's organizations told and were told, the latest first. Empty for whoever sees no members."""
    ours = access.organization_ids(Right.VIEW_MEMBERS)
    rows = LostReport.objects.filter(sender__in=ours) | LostReport.objects.filter(receiver__in=ours)
    rows = rows.filter(member=member) if member else rows
    return rows.select_related("member__organization", "sender", "receiver").order_by("-told_on", "id")


TITLE = "流动党员联系情况告知函"


def compose(row: LostReport, member: Member) -> Letter:
    """The printed letter of a report, to an organization outside the portal or for the file."""
    to = row.receiver.formal_name if row.receiver else row.receiver_text
    facts = [member.name, member.get_gender_display() if member.gender else "",
             f"{member.birth_date[:4]}年生" if member.birth_date else ""]  # fmt: skip
    body = _paragraphs(row, "，".join(filter(None, facts)))
    return Letter("", to, row.sender.formal_name, "", "", row.told_on, title=TITLE, body=tuple(body))


def _paragraphs(row: LostReport, who: str) -> list[str]:
    first = f"我单位联系的流动党员{who}。"
    decision = f"{row.body}于{_day(row.decided_on)}研究（{row.number}），" if row.decided_on else ""
    if row.kind == ReportKind.FACTS:
        since = f"自{_day(row.first_on)}至{_day(row.latest_on)}" if row.first_on and row.latest_on else "近期"
        return [
            f"{first}{since}，我单位先后{row.attempts}次与该同志联系，均未联系上。",
            "现将有关情况告知你单位。如知悉该同志的近况或现联系方式，请函告我单位，并请其尽快与我单位联系。",
        ]
    if row.kind == ReportKind.DECIDED:
        return [
            f"{first}{decision}认定该同志为失去联系的党员。",
            "现告知你单位。如与该同志取得联系，请及时函告我单位。",
        ]
    if row.kind == ReportKind.REVERSED:
        return [f"{first}{decision}曾认定该同志为失去联系的党员，现已撤销该认定。", "特此告知。"]
    return [f"{first}{decision}曾认定该同志为失去联系的党员，现已与其取得联系。", "特此告知。"]


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
