from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from contacts.calendar.national import after_migrate
        from contacts.lost.from_ledgers import open_checks
        from contacts.querysets import assigned_to
        from members import revealing
        from members.importing import hooks
        from portal import audit

        post_migrate.connect(after_migrate, sender=self)
        audit.ACTIONS["work_link_bound"] = _("a phone was bound to a work link")
        audit.ACTIONS["retry_reminders"] = _("had reminders sent again")
        audit.ACTIONS["give_up_reminders"] = _("decided that reminders are not sent")
        audit.ACTIONS["export_need_counts"] = _("took the numbers of needs along as a file")
        audit.ACTIONS["set_pillars"] = _("set names and weights of pillars")
        audit.ACTIONS["export_pillars"] = _("took the pillars along as a file")
        audit.ACTIONS["print_letter"] = _("a letter to another party organization was printed")
        audit.ACTIONS |= {
            "lost_opened": _("began to check a lost contact"),
            "lost_approved": _("agreed that the employer is asked"),
            "lost_decided": _("recorded a decision about a lost contact"),
            "lost_dismissed": _("ended the check of a lost contact"),
            "lost_reversed": _("took a decision about a lost contact back"),
        }
        audit.ACTIONS["lost_reported"] = _("told another organization about a lost contact")
        audit.ACTIONS["lost_old_entered"] = _("entered earlier decisions about lost contacts")
        audit.ACTIONS["wish_claimed"] = _("noted who takes a small wish over")
        hooks.takers["lost_contact"] = open_checks
        audit.ACTIONS["export_report"] = _("exported the contact report")
        audit.ACTIONS["robot_added"] = _("set up a work group robot")
        audit.ACTIONS["robot_changed"] = _("changed a work group robot")
        audit.ACTIONS["robot_tested"] = _("tested a work group robot")
        audit.OBJECTS["contacts.channelaccount"] = (_("work group robot"), "contacts.ChannelAccount")
        audit.OBJECTS["contacts.liaison"] = (_("liaison"), "contacts.Liaison")
        revealing.callers.append(assigned_to)  # a liaison calls the own members
