"""What a transfer says about its person, for both pages and list."""

import json

from django.utils.translation import gettext as _

from members.enums import Gender
from members.models import Transfer
from members.names import label_person


def handed(row: Transfer) -> dict[str, str]:
    """What the proposing side handed over: the name alone once it is accepted, nothing where it was wiped."""
    return json.loads(row.handed_over) if row.handed_over_sealed else {}


def person_label(row: Transfer) -> str:
    """姓名（gender · birth year · tail of the mobile） out of what was handed over; empty where it was wiped."""
    facts = handed(row)
    if not facts:
        return ""
    gender, tail = str(dict(Gender.choices).get(facts.get("gender", ""), "")), facts.get("mobile_tail")
    return label_person(facts["name"], gender, facts.get("birth_year"), tail and _("tail %(tail)s") % {"tail": tail})
