"""Who is out of reach, what to do next, and the check with its decision.

The portal proposes and records; a party body decides. Nothing here is for liaisons, visiting workers or members.
"""

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.enums import Method, Outcome
from contacts.lost.models import OPEN, LostCase, LostState
from contacts.models import ContactLog
from members.enums import Direction
from members.models import Member, Movement
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

IN_VAIN = (Outcome.NO_ANSWER.value, Outcome.DEAD_NUMBER.value)


class Stage(TextChoices):
    SECRETARY = "secretary", gettext_lazy("for the branch secretary")
    STREET = "street", gettext_lazy("for the street")
    REVIEW = "review", gettext_lazy("to be checked")


class Step(TextChoices):
    """The checklist, in the order in which it is proposed."""

    PHONE = "phone", gettext_lazy("phone")
    WECHAT = "wechat", gettext_lazy("WeChat")
    VISIT = "visit", gettext_lazy("visit at home")
    FAMILY = "family", gettext_lazy("family")
    COUNTERPART = "counterpart", gettext_lazy("the other party organization")
    EMPLOYER = "employer", gettext_lazy("employer")


@dataclass
class OutOfReach:
    """Somebody on the list: attempts since the last contact of any side, and how far that has gone."""

    member: Member
    organization_id: uuid.UUID
    attempts: int
    methods: list[str]
    first_on: dt.date
    latest_on: dt.date
    success_on: dt.date | None
    stage: Stage
    case: LostCase | None = None
    next_step: str = ""

    @property
    def ways(self) -> str:
        return "、".join(str(Method(method).label) for method in sorted(self.methods))

    @property
    def days(self) -> int:
        return (timezone.localdate() - (self.success_on or self.first_on)).days


@dataclass
class Check:
    """One line of the checklist: when it was done, None for not yet."""

    step: Step
    done_on: dt.date | None


@dataclass
class Evidence:
    """What the log holds since the last contact, and the checklist."""

    attempts: list[ContactLog] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def as_json(self, found: OutOfReach | None) -> str:
        return json.dumps(
            {
                "success_on": found.success_on.isoformat() if found and found.success_on else "",
                "attempts": [[row.contacted_on.isoformat(), row.method, row.outcome] for row in self.attempts],
                "checks": {check.step.value: check.done_on.isoformat() for check in self.checks if check.done_on},
            }
        )


def out_of_reach(office: Organization | None = None, member: Member | None = None) -> list[OutOfReach]:
    """Everybody whose file an organization in the actor's reach manages, the longest without contact first.

    `office`: with what lies below it only; `member`: this one only. Five statements whatever the number.
    """
    node, person = getattr(office, "pk", None), getattr(member, "pk", None)
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from portal.unreachable(%s) where %s::uuid is null or member_id = %s", [node, person, person]
        )
        rows = cursor.fetchall()
    ids = [row[0] for row in rows]
    members = Member.objects.select_related("organization").in_bulk(ids)
    cases = {case.member_id: case for case in LostCase.objects.filter(member__in=ids, closed_on=None)}
    homes = _sides_of(ids)
    found = []
    for pk, node, attempts, methods, first_on, latest_on, success_on, stage in rows:
        if pk in members:
            line = OutOfReach(members[pk], node, attempts, methods, first_on, latest_on, success_on, Stage(stage),
                              cases.get(pk))  # fmt: skip
            line.next_step = _next_step(line, is_home=homes.get(pk, True))
            found.append(line)
    return sorted(found, key=lambda line: (-line.days, line.member.name_pinyin, str(line.member.pk)))


def _sides_of(ids: list[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """Member → whether the managing organization is the home side, by the open movements."""
    sides: dict[uuid.UUID, bool] = {}
    for pk, direction in Movement.objects.filter(member__in=ids, ended_on="").values_list("member_id", "direction"):
        sides[pk] = sides.get(pk, False) or direction == Direction.OUTFLOW
    return sides


def is_home_side(member: Member) -> bool:
    """Does the home side manage the file? It alone decides; without an open movement the file is its own."""
    return _sides_of([member.pk]).get(member.pk, True)


def _next_step(line: OutOfReach, *, is_home: bool) -> str:
    if line.case and line.case.state == LostState.DECIDED:
        return str(line.case.get_state_display())
    done = {check.step for check in _checks(line.case, line.methods, {}) if check.done_on}
    for step in Step:
        if step not in done:
            if step == Step.EMPLOYER and not (line.case and line.case.employer_approved_on):
                break
            return str(step.label)
    if line.stage != Stage.REVIEW:
        return _("wait, and try again")
    return _("ask the deciding body") if is_home else _("tell the home organization")


def _checks(case: LostCase | None, methods: Any, days: dict[str, dt.date]) -> list[Check]:
    today = timezone.localdate()
    by_log = [Check(step, days.get(step.value, today) if step.value in methods else None)
              for step in (Step.PHONE, Step.WECHAT, Step.VISIT)]  # fmt: skip
    asked = [case.family_on, case.counterpart_on, case.employer_on] if case else [None, None, None]
    return by_log + [
        Check(step, day) for step, day in zip((Step.FAMILY, Step.COUNTERPART, Step.EMPLOYER), asked, strict=True)
    ]


def evidence_of(member: Member, case: LostCase | None, found: OutOfReach | None) -> Evidence:
    """The attempts in vain that the actor may read, since the last contact of any side, and the checklist."""
    rows = ContactLog.objects.visible_to(access.actor()).filter(member=member, outcome__in=IN_VAIN)
    if found and found.success_on:
        rows = rows.filter(contacted_on__gt=found.success_on)
    attempts = list(rows.select_related("liaison").order_by("contacted_on", "recorded_at"))
    days = {row.method: row.contacted_on for row in attempts}
    return Evidence(attempts, _checks(case, days, days))


def latest_case(member: Member) -> LostCase | None:
    """The open check, else the one that was closed last."""
    return LostCase.objects.filter(member=member).order_by(F("closed_on").desc(nulls_first=True), "-opened_on").first()


def open_case(*, member: Member, by: access.Actor) -> LostCase:
    """Begin a check of somebody who is out of reach. Sent twice it is one check.

    Raises PermissionDenied without the right to log contacts there, ValidationError for who is not on the list, or
    whose home side is another organization.
    """
    access.must_act(by)
    if not access.may(Right.DECIDE_LOST, member.organization):
        access.require(Right.LOG_CONTACTS, member.organization)
    if not is_home_side(member):
        raise ValidationError(_("The home organization decides. Please tell it what you have found out."))
    if not out_of_reach(member=member):
        raise ValidationError(_("This person is not out of reach any more."))
    case = LostCase(
        member=member, organization=member.organization, opened_on=timezone.localdate(), opened_by_id=by.user_id
    )
    try:
        with transaction.atomic():
            case.save(force_insert=True)
            _record("lost_opened", case, by)
    except IntegrityError:  # somebody else, or the same form, was quicker
        return LostCase.objects.get(member=member, closed_on=None)
    return case


def note_step(*, case: LostCase, step: Step, by: access.Actor, note: str = "") -> None:
    """Today family, other organization or employer was asked; `note`: what was learned, added to the check's notes.

    Raises PermissionDenied without the right to log contacts, ValidationError for the employer before it was agreed.
    """
    case = _locked(case, by, Right.LOG_CONTACTS, LostState.PROPOSED)
    if step not in (Step.FAMILY, Step.COUNTERPART, Step.EMPLOYER):
        raise ValidationError(_("This is taken from the contact log."))
    if step == Step.EMPLOYER and case.employer_approved_on is None:
        raise ValidationError(_("The employer may be asked only after that was agreed."))
    today = timezone.localdate()
    setattr(case, f"{step.value}_on", today)
    if note.strip():
        case.note = "\n".join(filter(None, [case.note, f"{today} {step.label}：{note.strip()[:500]}"]))
    case.save()


def approve_employer(*, case: LostCase, by: access.Actor) -> None:
    """Agree that the employer is asked. Raises PermissionDenied without the right to decide."""
    case = _locked(case, by, Right.DECIDE_LOST, LostState.PROPOSED)
    case.employer_approved_on, case.employer_approved_by_id = timezone.localdate(), by.user_id
    case.save()
    _record("lost_approved", case, by)


def decide(*, case: LostCase, body: str, decided_on: dt.date, number: str, by: access.Actor) -> None:
    """Record what a party body decided: which one, when, under which number; the evidence is frozen with it.

    Raises PermissionDenied without the right to decide, ValidationError where something is missing or still to come.
    """
    case = _locked(case, by, Right.DECIDE_LOST, LostState.PROPOSED)
    if not body.strip() or not number.strip():
        raise ValidationError(_("A decision has a deciding body and a number."))
    if decided_on > timezone.localdate():
        raise ValidationError(_("The day of the decision is still to come."))
    found = next(iter(out_of_reach(member=case.member)), None)
    case.evidence = evidence_of(case.member, case, found).as_json(found)
    case.state, case.decided_by_id = LostState.DECIDED, by.user_id
    case.body, case.decided_on, case.number = body.strip(), decided_on, number.strip()
    case.save()
    _record("lost_decided", case, by)


def end_case(*, case: LostCase, reason: str, by: access.Actor) -> None:
    """End a check without a decision, or take a decision back; why. Errors as in decide."""
    decided = case.state == LostState.DECIDED
    case = _locked(case, by, Right.DECIDE_LOST, LostState(case.state))
    if not reason.strip():
        raise ValidationError(_("Please give the reason."))
    today = timezone.localdate()
    case.note = "\n".join(filter(None, [case.note, f"{today} {reason.strip()[:500]}"]))
    case.state, case.closed_on = (LostState.REVERSED if decided else LostState.DISMISSED), today
    case.save()
    if decided:
        _record("lost_reversed", case, by)
    else:
        _record("lost_dismissed", case, by)


def _locked(case: LostCase, by: access.Actor, right: str, state: LostState) -> LostCase:
    """The case as it is now. Raises ValidationError when it has changed meanwhile, so that the second one is told."""
    access.must_act(by)
    access.require(right, case.organization)
    found = LostCase.objects.select_for_update(of=("self",)).filter(pk=case.pk, state=state, state__in=OPEN).first()
    if found is None:
        raise ValidationError(_("This check has changed meanwhile. Please look at it again."))
    found.member = case.member
    return found


def _record(action: str, case: LostCase, by: access.Actor) -> None:
    AuditEntry.objects.create(
        actor=str(by), action=action, organization_id=case.organization_id, object_type="member",
        object_id=case.member_id,
    )  # fmt: skip
