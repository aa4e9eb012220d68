"""What is given at the start of an import: a file, or rows that were copied out of one, and where they go."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.blank_ledger import blank_layout
from members.enums import Direction
from members.importing.sources import FILE, Source, pasted_source
from members.layouts import latest_layout
from members.ledger.workbook import LedgerRefused, Limits
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right

WITH_TITLES, AS_LAST_TIME, AS_TEMPLATE = "", "last", "template"
COLUMN_ORDERS = [
    (WITH_TITLES, gettext_lazy("the titles were copied, too")),
    (AS_LAST_TIME, gettext_lazy("no titles: columns as in the last ledger")),
    (AS_TEMPLATE, gettext_lazy("no titles: columns as in the blank ledger")),
]


class OrganizationChoice(forms.ModelChoiceField):
    """Organizations in reach, communities indented below their street."""

    def label_from_instance(self, node: Any) -> str:
        indent = "" if node.kind == OrganizationKind.STREET else "　"
        return f"{indent}{node.name}"


class UploadForm(forms.Form):
    """`source` and `source_name` are what was given, once the form is valid."""

    file = forms.FileField(
        label=gettext_lazy("Ledger file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.ods,.et,.tsv,.txt"}),
        error_messages={"empty": gettext_lazy("The file is empty. Please choose the ledger again.")},
    )
    organization = OrganizationChoice(Organization.objects.none(), label=gettext_lazy("Import into"), empty_label=None)
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), required=False)
    pasted = forms.CharField(
        label=gettext_lazy("Copied rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
    )
    columns = forms.ChoiceField(label=gettext_lazy("Columns"), required=False, choices=COLUMN_ORDERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [OrganizationKind.STREET, OrganizationKind.COMMUNITY]
        reach = access.organizations(Right.IMPORT_LEDGER).filter(is_active=True, kind__in=kinds)
        self.fields["organization"].queryset = reach.order_by("path")  # type: ignore[attr-defined]
        self.fields["direction"].choices = [  # type: ignore[attr-defined]
            ("", _("recognize it from the ledger")),
            *Direction.choices,
        ]
        self.only_one = len(reach) == 1
        self.source: Source | None = None
        self.source_name = ""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > Limits().file_bytes:
            raise forms.ValidationError(LedgerRefused("too_large").message)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, pasted = cleaned.get("file"), (cleaned.get("pasted") or "").strip("\r\n ")
        if "file" in self.errors:
            return cleaned
        if file and pasted.strip():
            self.add_error("pasted", _("Please give either a file or copied rows, not both."))
        elif file:
            self.source, self.source_name = Source(FILE, file.read()), file.name
        elif pasted.strip():
            self._take_pasted(pasted, cleaned)
        else:
            self.add_error("file", _("Please choose the file of the ledger, or paste rows that you copied."))
        return cleaned

    def _take_pasted(self, text: str, cleaned: dict[str, Any]) -> None:
        headers = None
        if cleaned.get("columns") == AS_TEMPLATE:
            headers = [header for header, _name in blank_layout()]
        elif cleaned.get("columns") == AS_LAST_TIME:
            organization = cleaned.get("organization")
            headers = [column.header for column in latest_layout(organization)] if organization else None
            if not headers:
                self.add_error("columns", _("No ledger was imported here yet. Please choose another order of columns."))
                return
        try:
            self.source = pasted_source(text, headers)
        except LedgerRefused as refusal:
            is_talk = refusal.code == "no_header" and "\t" not in text
            sentence = _no_titles() if refusal.code == "no_header" else refusal.message
            self.add_error("pasted", _no_table() if is_talk else sentence)
        self.source_name = _("copied rows")


def _no_table() -> str:
    return _(
        "This is running text, for example a list out of a WeChat group, and not rows of a table. Please copy rows in "
        "WPS or Excel and paste them here."
    )


def _no_titles() -> str:
    return _(
        "No row with titles was found. Please copy the titles, too, or choose under “Columns” in which order the cells "
        "stand."
    )
