"""Two files of possibly one person under two organizations: found by a job, settled by the superior of both.

Every step is one database function that asks the right again (members/sql/same_people.sql); `_refused` there is a 404
here: absent, out of reach and not yet asked are one answer. `by` must be the actor of the transaction.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404

from members.enums import SameReason, SameState
from members.models import Member, SamePersonCase
from portal import access
from portal.asking import ask_database
from portal.models import Organization
from portal.roles import Purpose, Right

DONE = ""
OVER = "over"
LINKED = "linked"
UNSETTLED = (SameState.OPEN, SameState.ASKED, SameState.REFUSED)


@dataclass
class SideFile:
    """One of the two files of a case, as the superior may see it: `member` only where members are in view.

    `direction` is "outflow", "inflow" or "" (nobody is away); `is_kept`: this one stays, or would.
    """

    id: uuid.UUID
    surname: str
    organization: Organization
    direction: str
    is_kept: bool
    answer: str
    member: Member | None = None


@dataclass
class Question:
    """What one side is asked: is the person of `file`, its own, the one of whom `other` holds a file too?"""

    case_id: uuid.UUID
    file: Member
    other: Organization
    answer: str


def find_same_people() -> int:
    """Open a case for every new pair of files with one ID number, tree by tree, under the purpose. Returns how many."""
    found = 0
    for root in access.roots():
        with access.acting_as(access.system_actor(Purpose.DUPLICATES, root)):
            found += _ask("find_same_people", root.pk)
    return found


def cases(by: access.Actor) -> QuerySet[SamePersonCase]:
    """The cases that the actor may settle: those that wait first, the latest first."""
    access.must_act(by)
    rows = SamePersonCase.objects.filter(organization__in=access.organization_ids(Right.MERGE_ACROSS))
    return rows.select_related("organization")


def access_case(by: access.Actor, pk: uuid.UUID) -> SamePersonCase:
    """The case, if the actor may settle it. Raises Http404."""
    found = cases(by).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def add_files(rows: list[SamePersonCase]) -> None:
    """Give each case `files`, both of them, and `obstacle`: why they cannot be linked now ("" for nothing). Three
    queries, however many cases."""
    with connection.cursor() as cursor:
        cursor.execute("select * from portal.same_person_files(%s)", [[row.pk for row in rows]])
        found = cursor.fetchall()
    nodes = Organization.objects.in_bulk({line[4] for line in found})
    seen = Member.objects.visible_to(access.actor()).select_related("organization").in_bulk([line[1] for line in found])
    by_case: dict[uuid.UUID, list[Any]] = {row.pk: [] for row in rows}
    obstacles: dict[uuid.UUID, str] = {}
    for case_id, file_id, _place, surname, node, direction, is_kept, answer, obstacle in found:
        file = SideFile(file_id, surname, nodes[node], direction, is_kept, answer, seen.get(file_id))
        by_case[case_id].append(file)
        obstacles[case_id] = obstacle
    for row in rows:
        row.files, row.obstacle = by_case[row.pk], obstacles.get(row.pk, "")  # type: ignore[attr-defined]


def case_of(one: Member, other: Member) -> SamePersonCase | None:
    """The case of these two files, if the current actor may settle it."""
    first, second = sorted([one.pk, other.pk])
    return SamePersonCase.objects.filter(first=first, second=second).first()


def link(*, case: SamePersonCase, by: access.Actor) -> str:
    """Make one file of the two. Returns DONE, OVER (settled meanwhile) or the obstacle. Raises Http404."""
    return _settle(by, "link_same_person", case.pk)


def ask_sides(*, case: SamePersonCase, by: access.Actor) -> str:
    """Ask both organizations whether it is one person. Returns and raises as `link`."""
    return _settle(by, "ask_same_person", case.pk)


def dismiss(*, case: SamePersonCase, reason: str, by: access.Actor) -> str:
    """Not the same person, for a reason of SameReason. Returns and raises as `link`."""
    return _settle(by, "dismiss_same_person", case.pk, SameReason(reason).value)


def undo(*, case: SamePersonCase, by: access.Actor) -> str:
    """Take a link or a dismissal back; files, placements and duties are as before. Returns and raises as `link`."""
    return _settle(by, "undo_same_person", case.pk)


def questions(by: access.Actor) -> list[Question]:
    """What the actor's own organizations are asked and have not been told the end of. Three queries at most."""
    access.must_act(by)
    with connection.cursor() as cursor:
        cursor.execute("select case_id, file_id, other_organization_id, answer from portal.same_person_questions()")
        found = cursor.fetchall()
    nodes = Organization.objects.in_bulk({line[2] for line in found})
    files = Member.objects.visible_to(by).select_related("organization").in_bulk([line[1] for line in found])
    return [Question(case, files[own], nodes[other], answer) for case, own, other, answer in found if own in files]


def access_question(by: access.Actor, case: uuid.UUID, file: uuid.UUID) -> Question:
    """One question of the actor's own side. Raises Http404."""
    for question in questions(by):
        if (question.case_id, question.file.pk) == (case, file):
            return question
    raise Http404


def answer(*, question: Question, agrees: bool, by: access.Actor, reason: str = "") -> str:
    """Answer for the own side; a no needs a reason of SameReason. Returns "noted", LINKED or OVER. Raises Http404."""
    why = "" if agrees else SameReason(reason).value
    return _settle(by, "answer_same_person", question.case_id, question.file.pk, agrees, why)


def counted_twice() -> int:
    """How many files inside the actor's totals stand in a case that nobody has settled."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.same_people_counted()")
        return int(cursor.fetchone()[0])


def _settle(by: access.Actor, function: str, *values: Any) -> str:
    access.must_act(by)
    return str(_ask(function, *values))


def _ask(function: str, *values: Any) -> Any:
    try:
        return ask_database(function, *values)
    except PermissionDenied:
        raise Http404 from None
