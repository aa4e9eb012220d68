"""What an importer answers in a preview: used at once, and remembered for the office's next ledger."""

from collections.abc import Iterable, Mapping

from members.enums import ImportState
from members.importing import answering, jobs, services
from members.importing.fixes import fix_groups
from members.importing.questions import given_answers, questions_of
from members.ledger.answers import COLUMN
from members.models import LedgerImport
from portal import access
from portal.roles import Right


def answer_preview(
    *, batch: LedgerImport, posted: Mapping[str, str], fixes: Iterable[str], by: access.Actor
) -> LedgerImport:
    """Take the answers of a form and read the ledger anew with them.

    `posted`: fields of the form, among them `remember`; `fixes`: keys of the groups of corrections that stay on.
    Answers to what was not asked count for nothing. Raises PermissionDenied without the right, ImportRefused when the
    preview is no longer open, LedgerRefused when nothing is left to import.
    """
    access.require(Right.IMPORT_LEDGER, batch.organization)
    batch = LedgerImport.objects.select_for_update(of=("self",)).select_related("organization").get(pk=batch.pk)
    staged = services.staged_rows(batch)
    if batch.state != ImportState.PREVIEWED:
        raise services.ImportRefused(services.not_open())
    choices = answering.choices_of(batch)
    given = given_answers(questions_of(staged, choices, batch.organization), dict(posted))
    choices.answers |= given
    if "fixes" in posted:
        kept = set(fixes)
        groups = fix_groups(staged.interpretation.rows, choices.declined)
        choices.declined = {
            (group.field, group.rule) for group in groups if group.can_decline and group.key not in kept
        }
    if given and posted.get("remember"):
        office = answering.office_of(batch.organization)
        empty = {question for question, value in given.items() if not value and question[0] != COLUMN}
        answering.remember(office, {key: value for key, value in given.items() if key not in empty}, by)
        answering.forget(office, empty, by)
    answering.keep_choices(batch, choices)
    jobs.submit_check(batch=batch, by=by)
    return batch
