"""The table in which an office sets its pillars: a line for each metric, empty lines are left out."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.pillars.metrics import Metric
from contacts.pillars.services import Part, Scheme

MOST = 40
SPARE = 3


class PartForm(forms.Form):
    """One metric: the pillar it belongs to, what is counted, its name in the table, its weight."""

    pillar = forms.CharField(label=_("pillar"), max_length=20, widget=UnfoldAdminTextInputWidget)
    metric = forms.ChoiceField(
        label=_("what is counted"), choices=[("", "—"), *Metric.choices], widget=UnfoldAdminSelectWidget
    )
    title = forms.CharField(
        label=_("name in the table"), max_length=20, required=False, widget=UnfoldAdminTextInputWidget
    )
    weight = forms.IntegerField(
        label=_("weight"), min_value=0, max_value=100, initial=1, widget=UnfoldAdminIntegerFieldWidget
    )

    def in_order(self) -> list[forms.BoundField]:
        """The boxes as the page's columns have them."""
        return [self[name] for name in ("ORDER", "pillar", "metric", "title", "weight", "DELETE")]


class _Parts(forms.BaseFormSet):
    ordering_widget = UnfoldAdminIntegerFieldWidget

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("order")
        for field in form.fields.values():  # on a desktop the names stand in the head of the table alone
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> None:
        if any(self.errors):
            return
        named = [(one["pillar"], one["metric"]) for one in self._kept()]
        twice = next((one for one in named if named.count(one) > 1), None)
        if twice:
            label = Metric(twice[1]).label
            raise ValidationError(gettext("“%(metric)s” stands twice in “%(pillar)s”. Please delete one of the lines.")
                                  % {"metric": label, "pillar": twice[0]})  # fmt: skip
        if not named:
            raise ValidationError(gettext("Please fill in at least one line."))

    def _kept(self) -> list[dict[str, Any]]:
        """The lines that stay, by their order; equal ones and empty ones in the order of the page."""
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return sorted(kept, key=lambda one: MOST if one["ORDER"] is None else one["ORDER"])

    def parts(self) -> list[tuple[str, Part]]:
        """What was given, as `set_scheme` takes it."""
        return [(one["pillar"], Part(one["metric"], one["title"], one["weight"])) for one in self._kept()]


PartsFormSet: type[_Parts] = forms.formset_factory(  # type: ignore[assignment]
    PartForm, formset=_Parts, extra=SPARE, max_num=MOST, absolute_max=MOST, validate_max=True, can_order=True,
    can_delete=True,
)  # fmt: skip


def initial_lines(scheme: Scheme) -> list[dict[str, Any]]:
    """The pillars that hold, as lines to begin with."""
    return [
        {"pillar": pillar.title, "metric": part.metric, "title": part.title, "weight": part.weight}
        for pillar in scheme.pillars for part in pillar.parts
    ]  # fmt: skip
