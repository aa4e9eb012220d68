"""Composition root of the addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from activities.urls import staff_urls as activity_urls
from checkin.urls import public_urls, staff_urls
from contacts.urls import public_urls as work_urls
from contacts.urls import staff_urls as contact_urls
from members.same_people.urls import staff_urls as same_people_urls
from portal import health
from portal.administration.urls import staff_urls as administration_urls
from portal.demo_mails import demo_mails
from portal.status import running_state

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *public_urls,
    *work_urls,
    path("admin/checkin/", include((staff_urls, "checkin"))),
    path("admin/activities/", include((activity_urls, "activities"))),
    path("admin/contacts/", include((contact_urls, "contacts"))),
    path("admin/", include((administration_urls, "administration"))),
    path("admin/same-people/", include((same_people_urls, "same_people"))),
    path("admin/demo/mails/", admin.site.admin_view(demo_mails), name="demo_mails"),
    path("admin/status/", admin.site.admin_view(running_state), name="running_state"),
    path("admin/", admin.site.urls),
]
