"""Which dates an office wants to be reminded of; inherited from above."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.dates.enums import DateKind
from contacts.dates.models import MOST_DAYS, DateRule
from portal import access
from portal.models import Organization
from portal.roles import Right

KINDS = tuple(kind for kind in DateKind if kind != DateKind.WORKDAYS)
DAYS_BEFORE = {
    DateKind.PROBATION: 30,
    DateKind.RETURN_SOON: 14,
    DateKind.RETURN_DAY: 0,
    DateKind.HALF_YEAR: 14,
    DateKind.GRADUATED: 60,
    DateKind.DUES: 14,
    DateKind.BIRTHDAY: 1,
    DateKind.OWN_REPORT: 30,
    DateKind.FESTIVAL: 7,
    DateKind.WORKDAYS: 0,
}
UNSET_IS_ON = (DateKind.WORKDAYS,)  # what holds where nobody has decided


@dataclass
class Rule:
    """What holds at an office for one kind: `whose` set it (None: nobody), `is_own`: the office itself did."""

    kind: DateKind
    is_on: bool
    days_before: int
    whose: Organization | None
    is_own: bool

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def has_days(self) -> bool:
        return self.kind != DateKind.RETURN_DAY


def rules_of(office: Organization) -> list[Rule]:
    """The rule of every kind that holds at the office: the nearest at or above it. One query."""
    rows = DateRule.objects.filter(organization__path__ancestors=office.path).select_related("organization")
    nearest = {row.kind: row for row in rows.order_by("organization__path")}
    return [_rule(kind, nearest.get(kind), office) for kind in DateKind]


def rule_of(office: Organization, kind: str) -> Rule:
    """The rule of one kind."""
    return next(rule for rule in rules_of(office) if rule.kind == kind)


def _rule(kind: DateKind, row: DateRule | None, office: Organization) -> Rule:
    if row is None:
        return Rule(kind, kind in UNSET_IS_ON, DAYS_BEFORE[kind], None, False)
    return Rule(kind, row.is_on, row.days_before, row.organization, row.organization_id == office.pk)


def switch(
    *, office: Organization, kind: str, is_on: bool, by: access.Actor, days_before: int | None = None
) -> DateRule:
    """Set the rule of one kind for the office and those below it. `days_before`: as usual for the kind if left out.

    What is switched on tells nothing of days that have passed. Raises PermissionDenied without the right there,
    ValidationError for too many days.
    """
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, office)
    days = DAYS_BEFORE[DateKind(kind)] if days_before is None else days_before
    if not 0 <= days <= MOST_DAYS:
        raise ValidationError(_("Please give a number of days between 0 and %(most)d.") % {"most": MOST_DAYS})
    try:
        with transaction.atomic():
            return _save(office, kind, is_on, days)
    except ProgrammingError as refusal:  # wall two
        raise PermissionDenied from refusal


def _save(office: Organization, kind: str, is_on: bool, days: int) -> DateRule:
    row = DateRule.objects.select_for_update().filter(organization=office, kind=kind).first()
    if row is None:
        row = DateRule(organization=office, kind=kind)
    elif is_on and not row.is_on:
        row.on_since = timezone.localdate()
    row.is_on, row.days_before = is_on, days
    row.save()
    return row


def forget(*, office: Organization, kind: str, by: access.Actor) -> bool:
    """The office has no rule of its own any more: the one above counts. Raises PermissionDenied as above."""
    access.must_act(by)
    access.require(Right.ASSIGN_LIAISONS, office)
    return bool(DateRule.objects.filter(organization=office, kind=kind).delete()[0])


def rule_words(row: Any) -> str:
    """A rule, or its history, in words."""
    label = DateKind(row.kind).label
    if not row.is_on:
        return f"{label}：{_('off')}"
    if row.kind in (DateKind.RETURN_DAY, DateKind.WORKDAYS):
        return f"{label}：{_('switched on')}"
    days = ngettext("%(days)s day before", "%(days)s days before", row.days_before) % {"days": row.days_before}
    return f"{label}：{_('switched on')}，{days}"
