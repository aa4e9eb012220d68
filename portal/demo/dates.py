"""Which dates the street is reminded of; what comes of it is planned as the rounds do."""

from contacts.dates import planning
from contacts.dates.enums import DateKind
from contacts.models import DateRule
from portal import access
from portal.models import Organization

DAYS = {
    DateKind.PROBATION: 30,
    DateKind.RETURN_SOON: 14,
    DateKind.RETURN_DAY: 0,
    DateKind.BIRTHDAY: 14,
    DateKind.OWN_REPORT: 30,
    DateKind.FESTIVAL: 45,
}


def add_rules(street: Organization, by: access.Actor) -> None:
    """The usual kinds, switched on; a rule that is there stays as it is."""
    known = set(DateRule.objects.filter(organization=street).values_list("kind", flat=True))
    for kind, days in DAYS.items():
        if kind not in known:
            planning.switch_and_plan(office=street, kind=kind, is_on=True, days_before=days, by=by)
