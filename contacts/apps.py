from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from portal import audit

        audit.ACTIONS.update(
            {
                "mobile_shown_to_liaison": _("a liaison looked at a mobile number"),
                "work_link_bound": _("a phone was bound to a work link"),
            }
        )
        audit.OBJECTS["contacts.liaison"] = (_("liaison"), "contacts.Liaison")
