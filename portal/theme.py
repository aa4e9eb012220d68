"""Look and navigation of the staff pages (django-unfold)."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Youjia · floating member services"),
    "SITE_HEADER": _("Youjia · floating member services"),
    "SITE_SYMBOL": "cottage",
    # the own street's drawing where one was uploaded; the portal's sign else
    "SITE_ICON": lambda request: reverse("checkin:head_drawing") if _is_staff(request) else static("portal/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/icon.svg")}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "THEME": "light",
    "BORDER_RADIUS": "4px",
    "STYLES": [lambda request: static("portal/admin.css"), lambda request: static("portal/front.css")],
    "SCRIPTS": [lambda request: static("portal/copy.js")],
    "DASHBOARD_CALLBACK": "portal.dashboard.fill",
    "COMMAND": {"search_models": False},
    "COLORS": {
        "base": {
            "50": "#f9fafb",
            "100": "#f3f4f6",
            "200": "#e5e7eb",
            "300": "#d1d5db",
            "400": "#9ca3af",
            "500": "#6b7280",
            "600": "#4b5563",
            "700": "#374151",
            "800": "#1f2937",
            "900": "#111827",
            "950": "#030712",
        },
        "primary": {
            "50": "#eff6ff",
            "100": "#dbeafe",
            "200": "#bfdbfe",
            "300": "#93c5fd",
            "400": "#60a5fa",
            "500": "#2563eb",
            "600": "#1d4ed8",
            "700": "#1e40af",
            "800": "#1e3a8a",
            "900": "#172554",
            "950": "#0f172a",
        },
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "portal.navigation.groups"},
}
