from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Floating members")

    def ready(self) -> None:
        from members import revealing
        from members.enums import RevealReason
        from members.resources import HEADERS
        from portal import audit

        audit.ACTIONS.update(
            {
                "view_member": _("opened a member's file"),
                "import_ledger": _("imported a ledger"),
                "undo_import": _("took an import back"),
                "export_ledger": _("exported a ledger"),
                "request_export": _("asked for an export that takes two persons"),
                "approve_export": _("approved an export"),
                "refuse_export": _("refused an export"),
                "fetch_export": _("fetched an approved export"),
                "reveal": _("looked at a full number or address"),
                "verify_file": _("verified a section of a file"),
                "print_card": _("made a PDF of a member's card"),
                "merge_files": _("merged two files of one person"),
                "move_members": _("moved members to another organization"),
                "propose_transfer": _("proposed a transfer"),
                "transfer_outside": _("noted a transfer to outside"),
                "accept_transfer": _("accepted a transfer"),
                "return_transfer": _("returned a transfer"),
                "withdraw_transfer": _("withdrew a transfer"),
                "end_side": _("ended one side of a movement"),
                "same_person_asked": _("asked both organizations whether it is one person"),
                "same_person_agreed": _("agreed that it is one person"),
                "same_person_declined": _("said that it is not one person"),
                "same_person_linked": _("linked two files of one person"),
                "same_person_unlinked": _("took the link of two files back"),
                "same_person_dismissed": _("closed a case: not the same person"),
                "same_person_reopened": _("took up a case of possibly one person again"),
                "download_result": _("downloaded the result of an import"),
                "report_unmasked": _("took a check report with full numbers"),
            }
        )
        audit.OBJECTS.update(
            {
                "member": (_("member's file"), "members.Member"),
                "members.member": (_("member's file"), "members.Member"),
                "ledger_import": (_("ledger import"), "members.LedgerImport"),
                "ledger_export": (_("export of a ledger"), "members.LedgerExport"),
                "transfer": (_("transfer"), "members.Transfer"),
                "same_person": (_("case of possibly the same person"), ""),
                "members.ledgerimport": (_("ledger import"), "members.LedgerImport"),
            }
        )
        audit.WORDS.update({("reason", reason.value): reason.label for reason in RevealReason})
        audit.WORDS["reason", revealing.CALL] = _("called the member")
        audit.WORDS.update({("fields", name): header for name, header in HEADERS.items()})
        audit.WORDS.update({("field", name): field.label for name, field in revealing.FIELDS.items()})
