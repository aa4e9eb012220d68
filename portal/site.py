"""The staff site: who may enter, and where everybody lands."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from portal import access


class StaffLoginForm(AuthenticationForm):
    """Says in plain words, and the same for every reason, that one was not let in."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "The user name or the password is wrong. Please type them again; small and capital letters differ."
        ),
    }


class StaffSite(UnfoldAdminSite):
    """Open to active users who hold at least one grant in force; the operator sees technical pages only."""

    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take screens with our own scoping only: those that third parties bring along (groups, log-ins) show rows
        of everybody to whoever holds Django's own permissions, and stay out."""
        from portal.scoped_admin import ScopedModelAdmin

        if admin_class is not None and issubclass(admin_class, ScopedModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    login_form = StaffLoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.is_active and access.current() and _has_grant(request))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def first_own_password(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            change = reverse("admin:password_change")
            if getattr(request.user, "must_change_password", False) and request.path not in (
                change,
                reverse("admin:logout"),
                reverse("admin:jsi18n"),
            ):
                return redirect(change)
            return guarded(request, *args, **kwargs)

        return first_own_password

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302 and request.user.is_authenticated:
            # the form was valid: the password is new
            request.user.must_change_password = False
            request.user.save(update_fields=["must_change_password"])
        return response

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from contacts.channels.inbox_views import bell

        return super().each_context(request) | {"bell": bell}  # asked where it is drawn

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponse(status=404)  # unfold's command search would keep names in the cache


def _has_grant(request: HttpRequest) -> bool:
    if not hasattr(request, "_has_grant"):
        with connection.cursor() as cursor:
            cursor.execute("select portal.has_grant()")
            request._has_grant = cursor.fetchone()[0]
    return bool(request._has_grant)
