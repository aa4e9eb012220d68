"""未联系 30/60/90 天: the same filter over duties and over members."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactObligation

DAYS = (30, 60, 90)


class SinceFilter(admin.SimpleListFilter):
    """Duties of a side that has not reached the member for so many days, or never."""

    title = _("not contacted for")
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(days), format_lazy(_("{days} days and more"), days=days)) for days in DAYS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in {str(days) for days in DAYS}:
            return queryset
        day = timezone.localdate() - dt.timedelta(days=int(self.value() or 0))
        return self.narrow(queryset, Q(last_success_on__lte=day) | Q(last_success_on=None))

    def narrow(self, rows: QuerySet, is_long_ago: Q) -> QuerySet:
        return rows.filter(is_long_ago)


class MemberSinceFilter(SinceFilter):
    """Members whom the organization that manages the file has not reached for so long, and has to."""

    def narrow(self, rows: QuerySet, is_long_ago: Q) -> QuerySet:
        duties = ContactObligation.objects.open().filter(
            is_long_ago, member=OuterRef("pk"), organization=OuterRef("organization_id")
        )
        return rows.filter(Exists(duties))
