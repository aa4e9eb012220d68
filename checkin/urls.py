"""Addresses of check-in: `public_urls` for phones, `staff_urls` for the office (portal/urls.py includes both).

*public_urls,
path("admin/checkin/", include((staff_urls, "checkin"))),   # above the admin's own
"""

from django.contrib import admin
from django.urls import path, register_converter

from checkin import staff_views, views
from checkin.letters import views as letter_views
from checkin.printing import FORMATS


class PosterKind:
    """pdf, svg or png."""

    regex = "|".join(FORMATS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PosterKind, "poster_kind")

_staff = admin.site.admin_view
_point = "points/<uuid:pk>"

public_urls = [path("c/<str:code>", views.report_in, name="report_in")]
staff_urls = [
    path(f"{_point}/poster", _staff(staff_views.poster_page), name="poster_page"),
    path(f"{_point}/poster.<poster_kind:kind>", _staff(staff_views.poster), name="poster"),
    path(f"{_point}/letter.<poster_kind:kind>", _staff(letter_views.letter), name="letter"),
    path("print/", _staff(letter_views.print_points), name="print_points"),
    path("drawing/", _staff(letter_views.drawing), name="drawing"),
    path("drawing/head.png", _staff(letter_views.head_drawing), name="head_drawing"),
    path("drawing/<uuid:pk>.png", _staff(letter_views.drawing_png), name="drawing_png"),
    path(f"{_point}/renew", _staff(staff_views.renew_code), name="renew_code"),
    path(f"{_point}/revoke", _staff(staff_views.revoke_code), name="revoke_code"),
]
