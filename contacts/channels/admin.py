"""The screen of the robots of work groups."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts.channels.forms import AccountForm
from contacts.channels.models import ChannelAccount
from contacts.channels.services import note_account
from portal import access
from portal.roles import Right
from portal.scoped_admin import ScopedModelAdmin


@admin.register(ChannelAccount)
class ChannelAccountAdmin(ScopedModelAdmin):
    """Robots are switched off, not deleted: what they said stays."""

    rights = dict.fromkeys(("view", "add", "change"), Right.ASSIGN_LIAISONS)
    form = AccountForm
    list_display = ["name", "organization", "is_active", "last_test", "test"]
    list_select_related = ["organization"]
    ordering = ["organization__path", "name", "id"]
    readonly_fields = ["last_test", "test"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).visible_to(access.actor(), Right.ASSIGN_LIAISONS)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ["organization", "name", "new_webhook", "is_active"]
        return [*own, "last_test", "test"] if obj else own

    def save_model(self, request: HttpRequest, obj: ChannelAccount, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        note_account("robot_changed" if change else "robot_added", obj, access.actor())

    @display(description=_("last test"))
    def last_test(self, row: ChannelAccount) -> str:
        return last_test_words(row)

    @display(description=_("test"))
    def test(self, row: ChannelAccount) -> str:
        url = reverse("contacts:test_robot", args=[row.pk])
        return format_html('<a class="text-primary-600 font-medium" href="{}">{}</a>', url, gettext("Send a test"))


def last_test_words(row: ChannelAccount) -> str:
    """When the robot was tested last and what became of it, in words."""
    if row.tested_at is None:
        return gettext("not tested yet")
    at = timezone.localtime(row.tested_at).strftime("%Y-%m-%d %H:%M")
    result = row.get_test_reason_display() if row.test_reason else row.get_test_state_display()
    return f"{at} · {result}"
