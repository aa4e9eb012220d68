"""The screen of the letter's versions: read them all, write the next one. None is changed or deleted."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from checkin.letters import services
from checkin.letters.forms import LetterForm
from checkin.letters.models import LetterVersion
from checkin.letters.stationery import Stationery
from checkin.letters.wording import BODY, TITLE
from checkin.models import CheckinPoint
from portal import access
from portal.roles import Right
from portal.scoped_admin import OrganizationFilter, ScopedModelAdmin

MOST_POINTS = 30


@admin.register(LetterVersion)
class LetterVersionAdmin(ScopedModelAdmin):
    rights = {"view": Right.VIEW_MEMBERS, "add": Right.RUN_CHECKIN}
    form = LetterForm
    list_display = ["title", "organization", "version", "written_at", "is_in_force"]
    list_filter = [OrganizationFilter]
    list_select_related = ["organization"]
    list_before_template = "checkin/letters/list_tools.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        of_same = LetterVersion.objects.filter(organization=OuterRef("organization")).order_by().values("organization")
        return super().get_queryset(request).annotate(latest=Subquery(of_same.annotate(n=Max("number")).values("n")))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["organization", "title", "body", "seen"]
        return ["organization", "version", "written_at", "title", "text", "print_outs", "next_version"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["version", "written_at", "text", "print_outs", "next_version"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The version that `from` names, else what the first own office prints now, else the shipped wording."""
        versions = self.get_queryset(request)
        offices = access.organizations(Right.RUN_CHECKIN).filter(is_active=True).order_by("path")
        origin = versions.filter(pk__in=_keys(request.GET.get("from", ""))).first()
        is_own = origin is not None and access.may(Right.RUN_CHECKIN, origin.organization)
        office = origin.organization if origin and is_own else offices.first()
        if office is None:
            return {}
        origin = origin or Stationery([office]).letter(office)
        return {
            "organization": office.pk,
            "title": origin.title if origin else TITLE,
            "body": origin.body if origin else BODY,
            "seen": f"{office.code}.{services.latest_number(office)}",
        }

    def save_model(self, request: HttpRequest, obj: LetterVersion, form: Any, change: bool) -> None:
        stored = services.write_letter(
            organization=obj.organization, title=obj.title, body=obj.body,
            latest=form.cleaned_data["latest"], by=access.actor(),
        )  # fmt: skip
        obj.pk, obj.number = stored.pk, stored.number

    @display(description=_("version"), ordering="number")
    def version(self, row: LetterVersion) -> str:
        return gettext("version %(number)d") % {"number": row.number}

    @display(description=_("text of the letter"))
    def text(self, row: LetterVersion) -> str:
        """Line by line, as it was written."""
        return linebreaksbr(row.body)

    @display(description=_("in force"), boolean=True)
    def is_in_force(self, row: Any) -> bool:
        return row.number == row.latest

    @display(description=_("print this version for"))
    def print_outs(self, row: LetterVersion) -> str:
        """The points at and below the office; old print-outs are read again in this way, word by word."""
        points = CheckinPoint.objects.visible_to(access.actor(), Right.VIEW_MEMBERS).filter(
            is_active=True, codes__revoked_at=None, codes__isnull=False,
            organization__path__descendants=row.organization.path,
        )  # fmt: skip
        links = (
            (reverse("checkin:letter", args=[point.pk, "pdf"]), row.pk, point.name)
            for point in points.order_by("organization__path", "name", "pk")[:MOST_POINTS]
        )
        return format_html_join(
            "", '<a class="block text-primary-600" href="{}?version={}" target="_blank">{}</a>', links
        ) or gettext("There is no check-in point in use here.")

    @display(description=_("change the letter"))
    def next_version(self, row: LetterVersion) -> str:
        if not access.may(Right.RUN_CHECKIN):
            return "—"
        url = reverse("admin:checkin_letterversion_add")
        text = gettext("Write a new version from this one")
        return format_html('<a class="text-primary-600 font-medium" href="{}?from={}">{}</a>', url, row.pk, text)


def _keys(text: str) -> list[str]:
    """What an address names; nothing for what is no key."""
    try:
        return [str(uuid.UUID(text))]
    except ValueError:
        return []
