"""Forms over rows that several people edit: what somebody else saved meanwhile is shown and never lost.

A version of the record travels with the page (`shown_version`). The second saver is refused once and reads who changed
which fields when; the own entries stay in the form, and saving again is then a choice, not an accident. A request that
brings no version saw no page, and is refused in the same way.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal import changes
from portal.models import Organization
from portal.roles import Right

FIELD = "shown_version"


def shown_version_field() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput)


def stamped(model: type[models.Model], pk: Any, load: Callable[[], Any], parts: Any = None) -> Any:
    """The row that `load` reads, with its version in `portal_version`, read before it: what somebody saves between the
    two is then taken for a later change, and never for one that the page shows."""
    version = changes.version(pk, changes.own_part(model) if parts is None else parts)
    row = load()
    if row is not None:
        row.portal_version = version
    return row


class SharedRecord:
    """What both kinds of forms do. `record` is None for something new: then nothing is compared.

    `parts`          histories that make the version; the record's own row unless a form says more
    `sealed_labels`  names of sealed fields
    `right`          whoever holds it on the record's organization reads the names of colleagues
    """

    parts: tuple[changes.Part, ...] | None = None
    sealed_labels: dict[str, Any] = {}
    right: str = Right.VIEW_MEMBERS
    fields: Any
    data: Any

    def watch(self, record: Any) -> None:
        """Compare this record; called once, when the form is made. See `stamped` for `portal_version`."""
        self.record = record
        if self.record is not None and self.parts is None:
            self.parts = changes.own_part(type(record))
        if self.record is not None and self.parts and not self.is_bound:  # type: ignore[attr-defined]
            shown = getattr(record, "portal_version", None) or self.stored_version()
            self.initial[FIELD] = shown  # type: ignore[attr-defined]

    def stored_version(self) -> str:
        return changes.version(self.record.pk, self.parts or ())

    def owning_organization(self) -> Organization | None:
        return getattr(self.record, "organization", None)

    def changes_since(self, version: str) -> list[changes.Entry]:
        return changes.since(
            self.record.pk, version, self.parts or (), organization=self.owning_organization(), right=self.right,
            labels=self.sealed_labels,
        )  # fmt: skip

    def lock(self) -> None:
        """Two savers at the same moment come one after the other."""
        rows: models.QuerySet = type(self.record)._base_manager.filter(pk=self.record.pk)
        rows.select_for_update().values_list("pk").first()

    def refuse_stale(self) -> None:
        """Add what others saved since the page was opened as errors of the form. For `clean`."""
        if self.record is None or not self.parts:
            return
        self.lock()
        stored = self.stored_version()
        shown = self.data.get(self.add_prefix(FIELD)) or ""  # type: ignore[attr-defined]
        if shown == stored:
            return
        for entry in self.changes_since(shown):
            self.add_error(None, _sentence(entry))  # type: ignore[attr-defined]
        told = _("Nothing is saved yet. Compare with your entries below; to keep yours, save again.")
        self.add_error(None, told)  # type: ignore[attr-defined]
        data = self.data.copy()
        data[self.add_prefix(FIELD)] = stored  # type: ignore[attr-defined]
        self.data = data


def _sentence(entry: changes.Entry) -> str:
    parts = [
        change.label if change.after is None else f"{change.label} → {change.after or _('(empty)')}"
        for change in entry.changes
    ]
    return _("Meanwhile (%(at)s) %(who)s changed this: %(changes)s") % {
        "at": date_format(timezone.localtime(entry.at), "m-d H:i"),
        "who": entry.who,
        "changes": "；".join(parts) or entry.what,
    }


class SharedForm(SharedRecord, forms.Form):
    """A plain form over one record."""

    shown_version = shown_version_field()

    def __init__(self, *args: Any, record: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.watch(record)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.refuse_stale()
        cleaned.pop(FIELD, None)  # what is left is what was typed
        return cleaned


class SharedModelForm(SharedRecord, forms.ModelForm):
    """The form of an admin screen; compares its instance unless that is new or without history."""

    shown_version = shown_version_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.watch(None if self.instance._state.adding else self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.refuse_stale()
        cleaned.pop(FIELD, None)  # what is left is what was typed
        return cleaned
