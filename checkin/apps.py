from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckinConfig(AppConfig):
    name = "checkin"
    verbose_name = _("Check-in")

    def ready(self) -> None:
        from activities import pages
        from checkin.arrivals.tools import desk_tool
        from portal import audit

        pages.tools.append(desk_tool)
        audit.ACTIONS.update(
            {
                "member_device_revoked": _("took a member's phone out of use"),
                "report_in_referred": _("sent a report-in to another organization"),
                "report_in_mobile_shown": _("looked at the mobile number of a report-in"),
                "report_in_confirmed": _("confirmed a report-in"),
                "report_in_joined": _("took a report-in into a branch"),
                "report_in_returned": _("sent a report-in back"),
                "report_in_duplicate": _("closed a report-in as duplicate"),
                "report_in_mistaken": _("closed a report-in as a mistake"),
                "own_page_bound": _("opened the own page on a phone for the first time"),
                "own_page_stopped": _("stopped the own page"),
                "card_confirmed": _("signed a member in by the card"),
                "own_request_done": _("took over what a member sent in"),
                "own_request_declined": _("did not take over what a member sent in"),
                "report_in_taken": _("wrote down a report-in at the counter"),
                "report_in_printed": _("printed the form of a report-in"),
                "report_in_photo_added": _("added a photograph of a signed form"),
                "report_in_photo_shown": _("looked at the photograph of a signed form"),
            }
        )
        audit.OBJECTS["checkin.reportin"] = (_("report-in"), "checkin.ReportIn")
