"""Addresses of check-in: `public_urls` for phones, `staff_urls` for the office (portal/urls.py includes both).

*public_urls,
path("admin/checkin/", include((staff_urls, "checkin"))),   # above the admin's own
"""

from django.contrib import admin
from django.urls import path, register_converter

from checkin import staff_views, status_views, views
from checkin.arrivals import urls as arrivals
from checkin.letters import views as letter_views
from checkin.own_page import urls as own_page
from checkin.printing import FORMATS
from checkin.queue import point_views
from checkin.queue import views as queue_views


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
_report_in = "report-ins/<uuid:pk>"

public_urls = [
    path("c/<str:code>", views.report_in, name="report_in"),
    path("bd/<str:word>", views.choose_community, name="report_in_link"),
    path("bd/<str:word>/<str:community>", views.report_in_by_link, name="report_in_by_link"),
    path("s/", status_views.ask_status, name="ask_status"),
    path("s/<str:code>.png", status_views.code_picture, name="report_in_status_code"),
    path("s/<str:code>", status_views.status_of_code, name="report_in_status"),
    *arrivals.public_urls,
    *own_page.public_urls,
]
staff_urls = [
    path("report-ins/new", _staff(queue_views.take_in), name="take_in"),
    path("report-ins/form.pdf", _staff(queue_views.blank_form), name="blank_form"),
    path(f"{_report_in}/form.pdf", _staff(queue_views.printed_form), name="printed_form"),
    path(f"{_report_in}/photo", _staff(queue_views.add_photo), name="add_photo"),
    path(f"{_report_in}/photo/<uuid:photo>", _staff(queue_views.show_photo), name="show_photo"),
    path("statistics", _staff(point_views.statistics), name="statistics"),
    path(f"{_point}/history", _staff(point_views.history), name="point_history"),
    path(f"{_point}/move-code", _staff(point_views.move_code), name="move_code"),
    path(f"{_point}/poster", _staff(staff_views.poster_page), name="poster_page"),
    path(f"{_point}/poster.<poster_kind:kind>", _staff(staff_views.poster), name="poster"),
    path(f"{_point}/letter.<poster_kind:kind>", _staff(letter_views.letter), name="letter"),
    path("print/", _staff(letter_views.print_points), name="print_points"),
    path("drawing/", _staff(letter_views.drawing), name="drawing"),
    path("drawing/head.png", _staff(letter_views.head_drawing), name="head_drawing"),
    path("drawing/<uuid:pk>.png", _staff(letter_views.drawing_png), name="drawing_png"),
    path(f"{_point}/renew", _staff(staff_views.renew_code), name="renew_code"),
    path(f"{_point}/revoke", _staff(staff_views.revoke_code), name="revoke_code"),
    *arrivals.staff_urls,
    *own_page.staff_urls,
]
