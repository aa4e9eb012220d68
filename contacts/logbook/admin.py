"""The list of what was logged."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.admin import OwnMembersMixin
from contacts.enums import Outcome, Source
from contacts.logbook.amending import is_amended, may_amend
from contacts.models import ContactLog
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin

# every outcome: the theme shows the bare code of one that is not named
OUTCOME_COLOURS = dict.fromkeys(Outcome.values, "warning") | {
    Outcome.REACHED.value: "success",
    Outcome.THROUGH_OTHERS.value: "info",
}


class NextStepFilter(admin.SimpleListFilter):
    """Next steps that are due: of the latest record of a member's side, so that a later contact closes it."""

    title = _("next step")
    parameter_name = "next"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("due by today")), ("open", _("with a day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("due", "open"):
            return queryset
        rows = queryset.with_open_step()
        return rows.filter(next_on__lte=timezone.localdate()) if self.value() == "due" else rows


@admin.register(ContactLog)
class ContactLogAdmin(OwnMembersMixin, ScopedModelAdmin):
    """What was logged. Records are made on the log page and never changed."""

    rights = {"view": Right.VIEW_MEMBERS}
    list_display = [
        "contacted_on",
        "person",
        "organization",
        "method",
        "outcome_shown",
        "liaison",
        "next_on",
        "recorded",
    ]
    list_filter = [OrganizationFilter, "outcome", "method", "source", NextStepFilter]
    list_select_related = ["member", "organization", "liaison", "recorded_by", "amended_by"]
    search_fields = ["member__name"]
    search_help_text = _("Name, pinyin or initials")
    fields = ["person", "organization", "side", "contacted_on", "direction", "method", "outcome",
              "through_shown", "liaison", "note_shown", "work_shown", "life_shown", "next_step_shown", "next_on",
              "source", "recorded_by", "recorded_at", "correction"]  # fmt: skip
    readonly_fields = fields
    actions = None

    @display(description=_("name"), ordering="member__name_pinyin")
    def person(self, row: ContactLog) -> str:
        return row.member.name

    @display(description=_("outcome"), ordering="outcome", label=OUTCOME_COLOURS)
    def outcome_shown(self, row: ContactLog) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display()

    @display(description=_("recorded by"))
    def recorded(self, row: ContactLog) -> str:
        who = str(row.recorded_by or "") or ("" if row.source != Source.LOGGED else str(row.liaison or ""))
        kind = "" if row.source == Source.LOGGED else row.get_source_display()
        late = gettext("entered later") if row.is_late_entry else ""
        changed = gettext("corrected since") if is_amended(row) else gettext("a correction") if row.amends_id else ""
        return " · ".join(filter(None, [kind, who, late, changed]))

    @display(description=_("correction"))
    def correction(self, row: ContactLog) -> str:
        """The records before and after this one, and the way to correct it."""
        ways = []
        if row.amends_id:
            ways.append((reverse("admin:contacts_contactlog_change", args=[row.amends_id]), gettext("The original")))
        if is_amended(row):
            way = reverse("admin:contacts_contactlog_change", args=[row.amended_by.pk])
            ways.append((way, gettext("Corrected since: the later record")))
        elif may_amend(row, access.actor()):
            ways.append((reverse("contacts:amend", args=[row.pk]), gettext("Correct this record")))
        return format_html_join(" · ", '<a class="text-primary-600 font-medium" href="{}">{}</a>', ways) or "—"

    @display(description=_("Through whom"))
    def through_shown(self, row: ContactLog) -> str:
        return row.through

    @display(description=_("Work"))
    def work_shown(self, row: ContactLog) -> str:
        return row.work

    @display(description=_("Life"))
    def life_shown(self, row: ContactLog) -> str:
        return row.life

    @display(description=_("What was talked about"))
    def note_shown(self, row: ContactLog) -> str:
        return row.note

    @display(description=_("Next step"))
    def next_step_shown(self, row: ContactLog) -> str:
        return row.next_step
