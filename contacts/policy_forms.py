"""The rules of one office: its interval, those of single kinds of movement, and what it inherits from above."""

from typing import Any

from django import forms
from django.db import connection
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.models import ContactPolicy
from portal.models import Organization
from portal.shared_forms import SharedModelForm

PAIRS = tuple((f"{kind}_target", f"{kind}_limit") for kind in ("other", "study", "first", "incoming", "member"))
COUNTS = ("counts_attendance", "counts_visits", "counts_needs", "counts_report_ins", "counts_parcels")
KEPT = ("thought_days", "verify_days")
LADDER = ("ladder_attempts", "ladder_methods", "ladder_days", "ladder_street_days", "ladder_review_days")
STEPS = ("before_days", "secretary_days", "community_days", "street_days")
GROUPS = (
    (None, ("organization", "go_live_on", ("target_days", "limit_days"))),
    (_("Other intervals by kind of movement (empty: as the office above)"), PAIRS),
    (_("Steps of reminders (empty: as the office above; 0: not sent)"), STEPS),
    (_("What counts as a contact"), COUNTS),
    (_("Liaisons"), ("capacity",)),
    (_("Files and notes (empty: as the office above)"), KEPT),
    (_("When somebody cannot be reached (empty: as the office above)"), LADDER),
)
AS_ABOVE = _("as the office above")


class PolicyForm(SharedModelForm):
    """What is left empty is inherited, and says so with the value that holds then."""

    class Meta:
        model = ContactPolicy
        fields = ["organization", "go_live_on", "target_days", "limit_days", *(name for pair in PAIRS for name in pair),
                  *STEPS, *COUNTS, "capacity", *KEPT, *LADDER]  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        above = inherited_rules(self.instance.organization) if self.instance.organization_id else {}
        for name in (*(name for pair in PAIRS for name in pair), *STEPS, "capacity", *KEPT, *LADDER):
            if name in self.fields:  # not where the screen only shows
                words = format_lazy("{}：{}", AS_ABOVE, above[name]) if name in above else AS_ABOVE
                self.fields[name].widget.attrs["placeholder"] = words
        for name in COUNTS:
            if name in self.fields:
                self.fields[name] = _counting(self.fields[name], above.get(name))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        target, limit = given.get("target_days"), given.get("limit_days")
        if target is not None and target < 1:
            self.add_error("target_days", gettext("At least one day."))
        if target and limit and limit < target:
            self.add_error("limit_days", gettext("The limit cannot be shorter than the target."))
        for first, second in PAIRS:
            self._check_pair(first, second, given)
        if given.get("capacity") == 0:
            self.add_error("capacity", gettext("At least one person."))
        return given

    def _check_pair(self, first: str, second: str, given: dict[str, Any]) -> None:
        target, limit = given.get(first), given.get(second)
        if (target is None) != (limit is None):
            self.add_error(first, gettext("Please give both numbers of days, or none."))
        elif target is not None and target < 1:
            self.add_error(first, gettext("At least one day."))
        elif target is not None and limit is not None and limit < target:
            self.add_error(second, gettext("The limit cannot be shorter than the target."))


def inherited_rules(organization: Organization) -> dict[str, Any]:
    """The rules that hold for this office when it sets none itself (portal.contact_policy)."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.contact_policy(%s)", [organization.parent_id])
        row = cursor.fetchone()
        return dict(zip([column.name for column in cursor.description], row, strict=True))


def _counting(field: Any, above: bool | None) -> forms.Field:
    """Yes, no, or as the office above."""
    words = {True: gettext("yes"), False: gettext("no"), None: ""}[above]
    label = f"{AS_ABOVE}：{words}" if words else str(AS_ABOVE)
    return forms.TypedChoiceField(
        label=field.label, required=False, choices=[("", label), ("True", _("yes")), ("False", _("no"))],
        coerce=lambda value: value == "True", empty_value=None, widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
