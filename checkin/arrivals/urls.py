"""Addresses of check-in at activities; checkin/urls.py includes both."""

from django.contrib import admin
from django.urls import path

from checkin.arrivals import list_views, screen_views, views

_staff = admin.site.admin_view

public_urls = [
    path("a/", views.type_code, name="type_code"),
    path("a/<str:code>", views.check_in, name="check_in"),
]
staff_urls = [
    path("desks/", _staff(list_views.desks), name="desks"),
    path("desks/of/<uuid:pk>/", _staff(list_views.open_desk), name="open_desk"),
    path("desks/<uuid:pk>/", _staff(list_views.arrivals), name="desk"),
    path("desks/<uuid:pk>/names/", _staff(list_views.names), name="desk_names"),
    path("desks/<uuid:pk>/screen/", _staff(screen_views.screen), name="desk_screen"),
    path("desks/<uuid:pk>/screen/codes/", _staff(screen_views.codes), name="desk_codes"),
    path("desks/<uuid:pk>/poster/", _staff(screen_views.poster), name="desk_poster"),
]
