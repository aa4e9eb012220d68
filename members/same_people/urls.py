"""Staff pages about one person with two files; portal/urls.py includes them above the admin."""

from django.contrib import admin
from django.urls import path

from members.same_people import views

guarded = admin.site.admin_view

staff_urls = [
    path("", guarded(views.case_list), name="cases"),
    path("questions/", guarded(views.question_list), name="questions"),
    path("questions/<uuid:pk>/<uuid:file>/", guarded(views.question_page), name="question"),
    path("<uuid:pk>/", guarded(views.case_page), name="case"),
]
