"""Plain pages on which several people set rows of one office: what somebody else saved since the page was shown.

As with forms over one record (portal/shared_forms.py): a version travels with the page, the second saver is refused
once and reads who changed what when, and saving again is then a choice. A request without a version saw no page.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.calendar.models import CalendarDay
from contacts.dates.models import DateRule
from portal import changes
from portal.models import Organization
from portal.roles import Right

FIELD = "shown_version"
MODELS = (CalendarDay, DateRule)
SHOWN = 5  # changes told, the latest first
_PARTS: tuple[changes.Part, ...] = tuple(
    (history, "organization_id") for model in MODELS if (history := changes.history_of(model)) is not None
)


def version(office: Organization) -> str:
    """The version of what the office set itself; read it before the rows that the page shows. One query a table."""
    return changes.version(office.pk, _PARTS)


def refuse_stale(*, office: Organization, shown: str, model: type, words: Callable[[Any], str], **about: Any) -> None:
    """Raise ValidationError where somebody saved rows of `model` with these values (`about`: lookups) after the version
    that the page showed; it says who and what (`words` of a history row). Savers of one office come one after the
    other from here to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('office rules'), hashtext(%s))", [str(office.pk)])
    place = MODELS.index(model)
    history, column = _PARTS[place]
    after = changes.numbers_of(shown, _PARTS)[place]
    rows = history._default_manager.filter(**{column: office.pk, "pgh_id__gt": after}, **about)
    events: list[Any] = list(rows.order_by("-pgh_id")[:SHOWN])
    if events:
        authors = changes.Authors(office, Right.ASSIGN_LIAISONS, {event.pgh_actor for event in events})
        told = [_sentence(event, authors.name(event.pgh_actor), words) for event in events]
        raise ValidationError(
            " ".join([*told, _("This is how it stands now; to set it your way, choose and save again.")])
        )


def _sentence(event: Any, who: str, words: Callable[[Any], str]) -> str:
    told = words(event)
    if event.pgh_label == "delete":
        told = _("%(what)s (taken back)") % {"what": told}
    return _("Meanwhile (%(at)s) %(who)s changed this: %(changes)s") % {
        "at": date_format(timezone.localtime(event.pgh_created_at), "m-d H:i"), "who": who, "changes": told,
    }  # fmt: skip
