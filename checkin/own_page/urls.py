"""Addresses of the own page: `public_urls` for members' phones, `staff_urls` for the office (checkin/urls.py)."""

from django.contrib import admin
from django.urls import path

from checkin.own_page import staff_views, steward_views, views

_staff = admin.site.admin_view
_own = "m/<str:token>/"

public_urls = [
    path("m/", views.choose, name="own_choose"),
    path("m/card/", steward_views.typed, name="own_card_typed"),
    path("m/card/<str:code>", steward_views.scanned, name="own_card_scanned"),
    path(_own, views.first_page, name="own_page"),
    path(f"{_own}card/", views.my_card, name="own_card"),
    path(f"{_own}need/", views.raise_need, name="own_need"),
    path(f"{_own}message/", views.write, name="own_message"),
    path(f"{_own}activities/", views.my_activities, name="own_activities"),
    path(f"{_own}change/", views.change, name="own_change"),
    path(f"{_own}journey/", views.journey, name="own_journey"),
    path(f"{_own}data/", views.my_data, name="own_data"),
    path(f"{_own}stop/", views.stop, name="own_stop"),
]
staff_urls = [
    path("own-page/<uuid:pk>/", _staff(staff_views.own_page_link), name="own_page_link"),
    path("sent-in/", _staff(staff_views.queue), name="sent_in"),
    path("sent-in/<uuid:pk>/", _staff(staff_views.one_request), name="sent_in_one"),
]
