"""Addresses of check-in: `public_urls` for phones, `staff_urls` for the office (portal/urls.py includes both).

*public_urls,
path("admin/checkin/", include((staff_urls, "checkin"))),   # above the admin's own
"""

from django.contrib import admin
from django.urls import path, register_converter

from checkin import staff_views, views
from checkin.arrivals import urls as arrivals
from checkin.own_page import urls as own_page
from checkin.printing import CONTENT_TYPES


class PosterKind:
    """pdf, svg or png."""

    regex = "|".join(CONTENT_TYPES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PosterKind, "poster_kind")

_staff = admin.site.admin_view
_point = "points/<uuid:pk>"

public_urls = [
    path("c/<str:code>", views.report_in, name="report_in"), *arrivals.public_urls, *own_page.public_urls,
]  # fmt: skip
staff_urls = [
    path(f"{_point}/poster", _staff(staff_views.poster_page), name="poster_page"),
    path(f"{_point}/poster.<poster_kind:kind>", _staff(staff_views.poster), name="poster"),
    path(f"{_point}/renew", _staff(staff_views.renew_code), name="renew_code"),
    path(f"{_point}/revoke", _staff(staff_views.revoke_code), name="revoke_code"),
    *arrivals.staff_urls,
    *own_page.staff_urls,
]
