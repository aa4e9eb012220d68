"""No drop-down shows Django's row of dashes: every form says in words what an empty choice means."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.urls import reverse

APPS = ("portal", "members", "contacts", "activities", "checkin")
DASHES = "---------"


def _forms() -> Iterator[type[forms.BaseForm]]:
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            name = found.name.rpartition(".")[2]
            if "form" in name or name in ("pages", "reveal", "ledgers", "ledger_export"):
                yield from (
                    each for each in vars(importlib.import_module(found.name)).values()
                    if isinstance(each, type) and issubclass(each, forms.BaseForm) and each.__module__ == found.name
                )  # fmt: skip


def test_declared_choices_say_what_empty_means() -> None:
    seen = list(_forms())
    assert len(seen) > 8
    dashed = [
        (form.__name__, name)
        for form in seen
        for name, field in getattr(form, "declared_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES
    ]
    assert dashed == []


@pytest.mark.parametrize("model", ["members_member", "contacts_liaison", "contacts_contactpolicy",
                                   "activities_activity", "checkin_checkinpoint"])  # fmt: skip
def test_pages_show_no_dashes(login: Any, model: str) -> None:
    assert model in {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry}
    page = login("street_clerk@S11").get(reverse(f"admin:{model}_add"))
    assert page.status_code == 200
    assert DASHES not in page.content.decode()
