"""Staff pages of administration; portal/urls.py includes them above the admin."""

from django.contrib import admin
from django.urls import path

from portal.administration import merge_views, request_views, staff_views, tree_views

guarded = admin.site.admin_view

staff_urls = [
    path("organizations/", guarded(tree_views.tree), name="tree"),
    path("organizations/<uuid:pk>/", guarded(tree_views.node), name="node"),
    path("organizations/<uuid:pk>/children/", guarded(tree_views.children), name="children"),
    path("organizations/<uuid:pk>/names/", guarded(tree_views.rename), name="rename"),
    path("organizations/<uuid:pk>/branch/", guarded(tree_views.branch), name="branch"),
    path("organizations/<uuid:pk>/move/", guarded(tree_views.choose_target), name="choose_target"),
    path("organizations/<uuid:pk>/move/<uuid:target>/", guarded(tree_views.move), name="move"),
    path("organizations/<uuid:pk>/merge/", guarded(merge_views.choose_kept), name="choose_kept"),
    path("organizations/<uuid:pk>/merge/<uuid:kept>/", guarded(merge_views.merge), name="merge"),
    path("organizations/<uuid:pk>/use/", guarded(tree_views.in_use), name="in_use"),
    path("organizations/<uuid:pk>/give/", guarded(staff_views.give), name="give"),
    path("grants/<uuid:pk>/renew/", guarded(staff_views.renew), name="renew"),
    path("grants/<uuid:pk>/end/", guarded(staff_views.end), name="end"),
    path("grants/waiting/", guarded(request_views.waiting), name="waiting"),
    path("grants/requests/<uuid:pk>/", guarded(request_views.decide), name="decide"),
    path("staff/", guarded(staff_views.accounts), name="accounts"),
    path("staff/reports/", guarded(staff_views.reports), name="reports"),
    path("staff/<uuid:pk>/", guarded(staff_views.account), name="account"),
    path("staff/<uuid:pk>/password/", guarded(staff_views.reset_password), name="reset_password"),
    path("staff/<uuid:pk>/switch/", guarded(staff_views.switch), name="switch"),
    path("staff/<uuid:pk>/leave/", guarded(staff_views.leave), name="leave"),
]
