from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Floating members")

    def ready(self) -> None:
        from portal import audit

        audit.ACTIONS.update(
            {
                "view_member": _("opened a member's file"),
                "import_ledger": _("imported a ledger"),
                "export_ledger": _("exported a ledger"),
            }
        )
        audit.OBJECTS.update(
            {
                "member": (_("member's file"), "members.Member"),
                "members.member": (_("member's file"), "members.Member"),
                "ledger_import": (_("ledger import"), "members.LedgerImport"),
            }
        )
