"""Addresses of check-in: `public_urls` for phones, `staff_urls` for the office (portal/urls.py includes both)."""

from django.urls import path

from checkin import views

public_urls = [path("c/<str:code>", views.report_in, name="report_in")]
