"""Composition root of the addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from checkin.urls import public_urls, staff_urls
from portal import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *public_urls,
    path("admin/checkin/", include((staff_urls, "checkin"))),
    path("admin/", admin.site.urls),
]
