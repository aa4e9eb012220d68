"""Staff pages of contacts beside the admin's own; portal/urls.py includes them above the admin:

path("admin/contacts/", include((staff_urls, "contacts")))
"""

from django.contrib import admin
from django.urls import path

from contacts import views

staff_urls = [path("log/<uuid:pk>/", admin.site.admin_view(views.log), name="log")]
