"""Addresses of contacts; portal/urls.py includes both, the staff's above the admin's own:

*public_urls,
path("admin/contacts/", include((staff_urls, "contacts")))
"""

from django.contrib import admin
from django.urls import path

from contacts import (
    account_views,
    amend_views,
    arrange_views,
    assign_views,
    bulk_views,
    hand_over_views,
    link_views,
    outside_views,
    views,
    visit_views,
    why_views,
    work_views,
)
from contacts.calendar import views as calendar_views
from contacts.care import views as care_views
from contacts.channels import inbox_views
from contacts.channels import views as channel_views
from contacts.dates import views as date_views
from contacts.groups import views as group_views
from contacts.lost import report_views as lost_report_views
from contacts.lost import views as lost_views
from contacts.moving import views as moving_views
from contacts.needs import analysis_views
from contacts.needs import views as need_views
from contacts.pillars import views as pillar_views
from contacts.reports import views as report_views
from contacts.wishes import views as wish_views

public_urls = [
    path("w/<str:token>/", work_views.my_members, name="work_members"),
    path("w/<str:token>/<uuid:pk>/", work_views.one_member, name="work_member"),
]
staff_urls = [
    path("log/", admin.site.admin_view(bulk_views.log_table), name="log_table"),
    path("log/paste/", admin.site.admin_view(bulk_views.paste), name="paste"),
    path("log/<uuid:pk>/", admin.site.admin_view(views.log), name="log"),
    path("contact/<uuid:pk>/amend/", admin.site.admin_view(amend_views.amend), name="amend"),
    path("assign/<uuid:pk>/", admin.site.admin_view(assign_views.assign), name="assign"),
    path("account/", admin.site.admin_view(account_views.account), name="account"),
    path("arrange/<uuid:pk>/", admin.site.admin_view(arrange_views.arrange), name="arrange"),
    path("exchange/<uuid:pk>/", admin.site.admin_view(outside_views.exchange), name="exchange"),
    path("letter/<uuid:pk>/<slug:kind>.pdf", admin.site.admin_view(outside_views.letter), name="letter"),
    path("hand-over/", admin.site.admin_view(hand_over_views.of_nobody), name="find_liaisons"),
    path("liaison/<uuid:pk>/hand-over/", admin.site.admin_view(hand_over_views.of_liaison), name="hand_over"),
    path("why/<uuid:pk>/", admin.site.admin_view(why_views.why), name="why"),
    path("report/", admin.site.admin_view(report_views.report), name="report"),
    path("pillars/", admin.site.admin_view(pillar_views.report), name="pillars"),
    path("pillars/settings/", admin.site.admin_view(pillar_views.settings), name="pillar_settings"),
    path("report/list/", admin.site.admin_view(report_views.behind), name="report_rows"),
    path("unreachable/", admin.site.admin_view(lost_views.unreachable), name="unreachable"),
    path("unreachable/reports/", admin.site.admin_view(lost_report_views.reports), name="lost_reports"),
    path("unreachable/reports/<uuid:pk>.pdf", admin.site.admin_view(lost_report_views.letter), name="lost_letter"),
    path("unreachable/earlier/", admin.site.admin_view(lost_report_views.old), name="lost_old"),
    path("unreachable/<uuid:pk>/", admin.site.admin_view(lost_views.one), name="lost"),
    path("transferable/", admin.site.admin_view(moving_views.transferable_list), name="transferable"),
    path("visits/", admin.site.admin_view(visit_views.staff_list), name="visits"),
    path("visits/<uuid:pk>/", admin.site.admin_view(visit_views.staff_visit), name="visit"),
    path("wishes/", admin.site.admin_view(wish_views.board), name="wishes"),
    path("wishes/<uuid:pk>/", admin.site.admin_view(wish_views.of_member), name="wish"),
    path("calendar/", admin.site.admin_view(calendar_views.calendar), name="calendar"),
    path("date-rules/", admin.site.admin_view(date_views.date_rules), name="date_rules"),
    path("date-rules/<slug:kind>/", admin.site.admin_view(date_views.preview), name="date_preview"),
    path("care/", admin.site.admin_view(care_views.plan), name="care"),
    path("inbox/", admin.site.admin_view(inbox_views.inbox), name="inbox"),
    path("group-texts/", admin.site.admin_view(channel_views.group_texts), name="group_texts"),
    path("robot/<uuid:pk>/test/", admin.site.admin_view(channel_views.robot_test), name="test_robot"),
    path("groups/<uuid:pk>/", admin.site.admin_view(group_views.members_of_group), name="group"),
    path("needs/", admin.site.admin_view(need_views.board), name="needs"),
    path("needs/analysis/", admin.site.admin_view(analysis_views.page), name="need_counts"),
    path("needs/analysis/file/", admin.site.admin_view(analysis_views.file), name="need_counts_file"),
    path("needs/<uuid:pk>/", admin.site.admin_view(need_views.one_need), name="need"),
    path("liaison/<uuid:pk>/work-link/", admin.site.admin_view(link_views.work_link), name="work_link"),
]
