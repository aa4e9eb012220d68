"""Addresses of activities; portal/urls.py includes them above the admin's own:

path("admin/activities/", include((staff_urls, "activities")))
"""

from django.contrib import admin
from django.urls import path

from activities.parcels import views as parcel_views

staff_urls = [
    path("parcels/", admin.site.admin_view(parcel_views.board), name="parcels"),
    path("parcels/labels/", admin.site.admin_view(parcel_views.labels), name="parcel_labels"),
]
