"""Wall one for the staff pages: the base class of every admin screen.

A screen names the right behind each action; lists, choices, filters and writes are limited by it. Out of scope answers
as absent (404 or "does not exist"). Wall two (row-level security) refuses what a screen forgets.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.core.exceptions import BadRequest, ImproperlyConfigured, ValidationError
from django.db import IntegrityError, ProgrammingError, models, transaction
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from portal import access, changes, search_terms
from portal.models import Organization
from portal.roles import Right
from portal.shared_forms import FIELD, SharedModelForm, stamped

NOT_SAVED = _("This could not be saved. Please check the entries, or ask your superior office to check them.")


PLEASE_CHOOSE = _("Please choose")


def _name_the_empty_choice(field: Any) -> None:
    """Words instead of Django's row of dashes."""
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = field.empty_label and PLEASE_CHOOSE
    elif isinstance(field, forms.TypedChoiceField):
        choices: Any = field.choices
        offered = list(choices)
        if offered[:1] == BLANK_CHOICE_DASH:
            field.choices = [("", PLEASE_CHOOSE), *offered[1:]]


class ScopeMixin:
    """What lists and inlines share: rights by action, scoped choices, no link from a choice to a form.

    `rights` maps view, add, change and delete to a right; an action that is missing is for nobody.
    `organization_path` leads from the row to the organization that owns it ("organization", "point__organization").
    """

    rights: dict[str, str] = {}
    organization_path = "organization"

    def owning_organization(self, row: Any) -> Organization | None:
        for step in self.organization_path.split("__"):
            row = getattr(row, step, None)
        return row

    def scoped(self, rows: models.QuerySet, action: str = "view") -> models.QuerySet:
        """The rows on which the current actor holds the right of the action. Raises NoActor when nobody acts."""
        right, actor = self.rights.get(action), access.actor()
        if right is None:
            return rows.none()
        if hasattr(rows, "visible_to") and action == "view":
            return rows.visible_to(actor, right)
        return rows.filter(**{f"{self.organization_path}__in": access.organization_ids(right)})

    def _may(self, action: str, row: Any = None) -> bool:
        right = self.rights.get(action)
        if right is None or access.current() is None:
            return False
        if row is None or action == "view":  # the queryset and wall two have judged the row already
            return access.may(right)
        organization = self.owning_organization(row)
        return organization is not None and access.may(right, organization)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("delete", obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = self._choices(db_field.remote_field.model, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        raise ImproperlyConfigured("choices of many rows need a scoped form of their own")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        _name_the_empty_choice(field)
        for link in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, link):
                setattr(field.widget, link, False)
        return field

    def _choices(self, model: type[models.Model], request: HttpRequest) -> models.QuerySet:
        if model is Organization:
            return access.organizations(self.rights.get("change") or self.rights.get("add") or Right.VIEW_MEMBERS)
        screen = self.admin_site._registry.get(model)  # type: ignore[attr-defined]
        if isinstance(screen, ScopedModelAdmin):
            return screen.get_queryset(request)
        return model._default_manager.none()


class SealedSearch(ChangeList):
    """A list whose search term stands encrypted in the address (portal.search_terms)."""

    query: str

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> models.QuerySet:
        self.query = search_terms.unseal(self.query)
        if any("\0" in text for texts in [[self.query], *dict(request.GET.lists()).values()] for text in texts):
            raise BadRequest  # the database takes no text with a NUL, and would answer with an error
        return super().get_queryset(request, exclude_parameters)


class ScopedModelAdmin(ScopeMixin, ModelAdmin):
    """Base of every screen over rows with an owner. Subclasses set `rights`; nothing is granted by default."""

    form = SharedModelForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = False
    actions_selection_counter = True
    compressed_fields = True
    warn_unsaved_form = True
    save_on_top = False
    save_as = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return self.scoped(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may("add")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may("view")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what a filter of this list offers may be asked in the address."""
        own = {item.parameter_name for item in self.list_filter if isinstance(item, type)}
        if lookup in own:  # a filter with a parameter of its own: it judges the value itself
            return True
        allowed = {
            item[0] if isinstance(item, tuple) else item for item in self.list_filter if not isinstance(item, type)
        }
        return lookup.partition("__")[0] in {str(name).partition("__")[0] for name in allowed} and "__" not in (
            lookup.removesuffix("__exact").removesuffix("__isnull").removesuffix("__id")
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type:
        return SealedSearch

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST" or "_search" not in request.POST:
            return super().changelist_view(request, extra_context)
        query = request.POST.copy()
        for name in ("_search", "csrfmiddlewaretoken", PAGE_VAR):
            query.pop(name, None)
        term = query.pop(SEARCH_VAR, [""])[-1].strip()
        if term:
            query[SEARCH_VAR] = search_terms.seal(term)
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        if self.list_editable:
            raise ImproperlyConfigured("a list that is edited in place asks no right of the single row")
        return super().get_changelist_formset(request, **kwargs)

    def history_parts(self) -> tuple[changes.Part, ...]:
        """The histories that make the version of a row: its own, and those of rows edited on the same page."""
        declared: tuple[changes.Part, ...] | None = getattr(self.form, "parts", None)
        parts = changes.own_part(self.model) if declared is None else declared
        for inline in self.inlines:
            column = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name).attname
            parts += tuple((history, column) for history, _pk in changes.own_part(inline.model))
        return parts

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        def load() -> Any:
            return super(ScopedModelAdmin, self).get_object(request, object_id, from_field)

        try:
            pk = self.model._meta.pk.to_python(object_id)
        except ValidationError:
            return None
        return load() if request.method == "POST" else stamped(self.model, pk, load, self.history_parts())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.history_parts() or not self.has_change_permission(request, obj):
            return fieldsets
        title, options = fieldsets[-1]
        return [*fieldsets[:-1], (title, {**options, "fields": [*options["fields"], FIELD]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.parts, form.right = self.history_parts(), self.rights.get("view", Right.VIEW_MEMBERS)
        if not getattr(request, "_save_refused", False):
            return form

        class RefusedForm(form):  # type: ignore[valid-type,misc]
            def clean(self) -> Any:
                super().clean()
                self.add_error(None, NOT_SAVED)

        return RefusedForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        organization = self.owning_organization(obj)
        access.require(self.rights["change" if change else "add"], organization)
        super().save_model(request, obj, form, change)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Constraints see hidden rows, so whatever the database refuses gets one neutral text."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, ProgrammingError):
            if request.method != "POST" or getattr(request, "_save_refused", False):
                raise
            request._save_refused = True
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404  # absent and out of scope answer alike

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404  # Django's own log holds names; changes are recorded by triggers instead

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.rights.get("delete") is None:
            raise Http404
        return super().delete_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: see history_view."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: see history_view."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing: see history_view."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if self.rights.get("delete") is None:
            actions.pop("delete_selected", None)
        return actions


class OrganizationFilter(admin.SimpleListFilter):
    """Filter a list by an organization within reach, subtree included. Offers nothing from outside."""

    title = _("organization")
    parameter_name = "organization"
    right = Right.VIEW_MEMBERS
    path = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reach = access.organizations(self.right).filter(is_active=True).order_by("path")[:200]
        return [(organization.code, str(organization)) for organization in reach]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if not self.value():
            return queryset
        chosen = access.organizations(self.right).filter(code=self.value()).first()
        if chosen is None:
            return queryset.none()
        return queryset.filter(**{f"{self.path}__path__descendants": chosen.path})
