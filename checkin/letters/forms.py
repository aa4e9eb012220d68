"""What offices fill in about their letters, their drawing, and what is to be printed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from checkin.letters import services
from checkin.letters.models import LetterVersion
from checkin.letters.wording import FIELDS
from checkin.printing import Print
from members.admin.ledger_forms import OrganizationChoice
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right
from portal.shared_forms import SharedModelForm

ONE_PDF = "pdf"
FORMATS = [(ONE_PDF, _("one PDF for all")), ("png", _("ZIP of PNG pictures")), ("svg", _("ZIP of SVG drawings"))]


class LetterForm(SharedModelForm):
    """The next version. `seen` names the version that its writer started from: 340103005.2, or .0 for none."""

    seen = forms.CharField(max_length=50, required=False, widget=forms.HiddenInput)

    class Meta:
        model = LetterVersion
        fields = ["organization", "title", "body"]
        widgets = {"body": UnfoldAdminTextareaWidget(attrs={"rows": 17})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "body" in self.fields:  # not where the screen only shows
            self.fields["body"].help_text = _(
                "These fields are filled in for every point: %(fields)s. A line that begins with a blank is indented; a"
                " line whose field is empty is left out. The name of the street and the date are printed below."
            ) % {"fields": " ".join(f"{{{name}}}" for name in FIELDS)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("title") and given.get("body"):
            try:
                services.check_wording(given["title"], given["body"])
            except ValidationError as refusal:
                self.add_error("body", refusal)
        organization = given.get("organization")
        if organization is not None:
            code, _dot, number = (given.get("seen") or "").rpartition(".")
            given["latest"] = services.latest_number(organization, lock=True)
            # for an office whose letter was not on the page there is nothing to compare, and nothing is lost either
            if code == organization.code and number != str(given["latest"]):
                self.add_error(None, services.written_meanwhile(organization))
        return given


class DrawingForm(forms.Form):
    """Which street, and the picture; no picture is needed to take one away."""

    organization = OrganizationChoice(
        Organization.objects.none(), label=_("Street"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    file = forms.FileField(
        label=_("Standard drawing (PNG or JPEG, at most 1 MB)"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".png,.jpg,.jpeg"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organization"].queryset = streets_in_charge()  # type: ignore[attr-defined]


def streets_in_charge() -> Any:
    """The streets for which the actor may upload a drawing."""
    reach = access.organizations(Right.RUN_CHECKIN).filter(is_active=True, kind=OrganizationKind.STREET)
    return reach.order_by("path")


class PrintForm(forms.Form):
    """What to print for all points at or below an organization, and in which form."""

    organization = OrganizationChoice(
        Organization.objects.none(), label=_("For all points of"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    what = forms.ChoiceField(label=_("What is printed"), choices=Print, widget=UnfoldAdminSelectWidget)
    kind = forms.ChoiceField(label=_("As a file"), choices=FORMATS, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [OrganizationKind.STREET, OrganizationKind.COMMUNITY]
        reach = access.organizations(Right.VIEW_MEMBERS).filter(is_active=True, kind__in=kinds)
        self.fields["organization"].queryset = reach.order_by("path")  # type: ignore[attr-defined]


def too_many(most: int) -> str:
    """What is said when a file would take longer than a page may."""
    return gettext("There are more than %(most)d points. Please choose a single community, or one PDF.") % {
        "most": most
    }
