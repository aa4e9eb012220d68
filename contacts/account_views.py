"""The page on which an office sees that nobody is forgotten: all to be looked after, each in one state."""

import datetime as dt
import uuid
from dataclasses import astuple, dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models import ContactObligation
from portal import access
from portal.models import Organization
from portal.roles import Right


@dataclass
class Account:
    """Members to be looked after by the state of their managing side; `forgotten` is what is left over."""

    eligible: int = 0
    normal: int = 0
    due: int = 0
    overdue: int = 0
    paused: int = 0
    exempt: int = 0
    forgotten: int = 0

    @property
    def accounted(self) -> int:
        return self.eligible - self.forgotten

    def __add__(self, other: "Account") -> "Account":
        return Account(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


def duty_account(on: dt.date) -> dict[uuid.UUID, Account]:
    """By organization, of those whose totals the current actor may read; one statement."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.duty_account(%s)", [on])
        return {row[0]: Account(*row[1:]) for row in cursor.fetchall()}


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The numbers of each office, and their sum."""
    if not access.may(Right.VIEW_AGGREGATES):
        raise PermissionDenied
    numbers = duty_account(timezone.localdate())
    offices = Organization.objects.filter(pk__in=numbers).order_by("path")
    total = sum(numbers.values(), Account())
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": _("Is anybody forgotten?"),
        "lines": [(office, numbers[office.pk]) for office in offices],
        "total": total,
        "opts": ContactObligation._meta,
        "app_label": ContactObligation._meta.app_label,
    }
    return TemplateResponse(request, "contacts/account.html", context)
