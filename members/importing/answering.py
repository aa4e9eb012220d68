"""What the importer chose for one file, and what the office answered earlier and is taken for granted."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from members.ledger.answers import COMMUNITY, ORGANIZATION, Answers, Question
from members.models import LedgerAnswer, LedgerImport
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right

LONGEST_SUBJECT, LONGEST_VALUE = 200, 60
MOST_REMEMBERED = 2_000


@dataclass(slots=True)
class Choices:
    """`answers` given in this preview; `declined`: (field, rule) of the corrections that are not wanted;
    `remembered`: answers of the office that this file was read with."""

    answers: dict[Question, str] = field(default_factory=dict)
    declined: set[tuple[str, str]] = field(default_factory=set)
    remembered: dict[Question, str] = field(default_factory=dict)

    @property
    def all(self) -> Answers:
        return Answers(self.remembered | self.answers)

    def names(self, kind: str) -> dict[str, str]:
        """Folded name → code of the organization that was answered."""
        given = self.remembered | self.answers
        return {subject: value for (what, _sheet, subject), value in given.items() if what == kind and value}


def choices_of(batch: LedgerImport) -> Choices:
    """What was chosen for an import so far."""
    try:
        stored = json.loads(batch.choices or "{}")
        return Choices(
            {(kind, sheet, subject): value for kind, sheet, subject, value in stored.get("answers", [])},
            {(name, rule) for name, rule in stored.get("declined", [])},
            {(kind, sheet, subject): value for kind, sheet, subject, value in stored.get("remembered", [])},
        )
    except (ValueError, TypeError, AttributeError):
        return Choices()


def keep_choices(batch: LedgerImport, choices: Choices) -> None:
    """Seal the choices in the import; the caller saves it."""
    batch.choices = json.dumps(
        {
            "answers": [[*question, value] for question, value in sorted(choices.answers.items())],
            "declined": sorted(map(list, choices.declined)),
            "remembered": [[*question, value] for question, value in sorted(choices.remembered.items())],
        },
        ensure_ascii=False,
    )


def office_of(organization: Organization) -> Organization:
    """Where answers are remembered: the street of an organization if the actor works for all of it, else itself."""
    above = Organization.objects.above(organization)
    street = next((node for node in above if node.kind == OrganizationKind.STREET), None)
    return street if street is not None and access.may(Right.IMPORT_LEDGER, street) else organization


def remembered_answers(organization: Organization) -> dict[Question, str]:
    """Answers of an organization and of what lies above it, for whoever imports there; the nearest counts."""
    line = [organization.pk, *(node.pk for node in Organization.objects.above(organization))]
    found = LedgerAnswer.objects.filter(organization__in=line).select_related("organization")[:MOST_REMEMBERED]
    nearest_last = sorted(found, key=lambda answer: len(str(answer.organization.path)))
    return {(answer.kind, answer.sheet, answer.subject): answer.value for answer in nearest_last}


def remember(organization: Organization, answers: dict[Question, str], by: access.Actor) -> None:
    """Keep answers for the next import; an answer that was given before is replaced."""
    access.require(Right.IMPORT_LEDGER, organization)
    rows = [
        LedgerAnswer(
            organization=organization, kind=kind, sheet=sheet, subject=subject, value=value, answered_by_id=by.user_id
        )
        for (kind, sheet, subject), value in answers.items()
        if len(subject) <= LONGEST_SUBJECT and len(value) <= LONGEST_VALUE
    ]
    LedgerAnswer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["organization", "kind", "sheet", "subject"],
        update_fields=["value", "answered_by", "answered_at"],
    )


def forget(organization: Organization, questions: Iterable[Question], by: access.Actor) -> None:
    """No longer take an answer for granted, neither of the organization nor of its line within reach.

    An answer of an office above that the actor cannot take back is answered with nothing, for this organization alone.
    """
    line = [organization.pk, *(node.pk for node in Organization.objects.above(organization))]
    gone = set(questions)
    for kind, sheet, subject in gone:
        LedgerAnswer.objects.filter(organization__in=line, kind=kind, sheet=sheet, subject=subject).delete()
    left = gone & remembered_answers(organization).keys() if gone else set()
    remember(organization, dict.fromkeys(left, ""), by)


NAMES = (COMMUNITY, ORGANIZATION)
