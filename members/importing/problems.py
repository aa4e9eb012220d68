"""What only the comparison with the stored files can find, in plain sentences. None tells of a file out of reach."""

from dataclasses import dataclass

from django.utils.translation import gettext

from members.ledger.results import LedgerRow, Problem

# Found by comparing with the files: looked for again whenever the rows are planned anew.
_MATCHED = frozenset(
    {"same_name", "several_files", "name_differs", "row_refused", "linked_file"}
    | {"episodes_overlap", "second_side"}
    | {"scope_outdated"}
)
SCOPE, SCOPE_RULE = "movement_scope", "scope_from_regions"
_TOLD = (SCOPE_RULE, f"fix_declined:{SCOPE_RULE}")  # rules of the one cell that a plan fills


@dataclass(slots=True)
class MatchProblem(Problem):
    """A problem of this package; `message` knows its codes beside those of the reading engine."""

    @property
    def message(self) -> str:
        return _text(self.code) or Problem.message.fget(self)  # type: ignore[attr-defined]


def _text(code: str) -> str | None:
    return {
        "same_name": gettext(
            "A file with this name exists, but neither ID number nor phone nor birth date tell whether it is the same "
            "person. Please complete the row."
        ),
        "several_files": gettext("Several files fit this row. Please merge them first or complete the ID number."),
        "name_differs": gettext(
            "The file with this ID number has another name. Please check which of the two is right."
        ),
        "two_rows_differ": gettext("An earlier row of this person holds another value; that one is kept."),
        "direction_missing": gettext(
            "The ledger does not say whether the person went out or came in. Please choose the direction at the "
            "upload; until then the dates are kept as a note."
        ),
        "linked_file": gettext(
            "This person has one file for both sides, and the other organization manages it. Nothing was changed."
        ),
        "text_masked": gettext("The text is masked with asterisks. Please write the whole text."),
        "episodes_overlap": gettext(
            "In this time another movement in the same direction is entered already. The row's movement is kept as a "
            "note; please compare the two."
        ),
        "second_side": gettext(
            "An open movement names another home or host organization, and a member has one of each at a time. The "
            "row's movement is kept as a note; please compare the two."
        ),
        "side_is_here": gettext(
            "The organization of the other side is this office itself. Perhaps the column means the branch here; "
            "please check it."
        ),
        "scope_outdated": gettext(
            "The destination has changed, but the range of the movement that is stored may be that of the former one. "
            "Please check it."
        ),
        "row_refused": gettext("This row could not be saved. Please check it, or ask your superior office."),
        "fix_declined": gettext("The correction was declined in the preview; what is stored stays as it is."),
        "community_default": gettext("The row names no community; the community of this import is used."),
        "street_default": gettext("The row names no community; it waits in the list of those without a community."),
    }.get(code)


def is_planned(problem: Problem) -> bool:
    """Whether a plan found it, so that the next plan of the same row must look for it again."""
    return problem.code in _MATCHED or (
        problem.field == "community" and (problem.code.startswith("community_") or problem.code == "street_default")
    )


def forget_planned(row: LedgerRow) -> None:
    """Make a row as it was before it was planned."""
    told = row.cells.get(SCOPE)
    is_told = told is not None and told.rule in _TOLD
    if is_told:
        del row.cells[SCOPE]
    if row.problems:
        row.problems = [
            problem for problem in row.problems if not is_planned(problem) and not (is_told and problem.field == SCOPE)
        ]
