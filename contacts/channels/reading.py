"""What somebody was told, read in the portal: the digests of the acting person, and the people they were about."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Window
from django.db.models.functions import RowNumber

from contacts.enums import DUTY_STEPS, ESCALATIONS, OFFICE_STEPS, Step
from contacts.models import ContactObligation, Digest, OutboundMessage
from portal import access
from portal.asking import ask_database

MOST_UNREAD = 100  # counted; more are shown as 99+
SHOWN = 20  # people of one digest; the list has all


@dataclass
class Told:
    """One digest: people by step as they were told, needs, and those of the people whom the reader still sees."""

    digest: Digest
    by_step: dict[str, int] = field(default_factory=dict)
    needs: int = 0
    people: list[OutboundMessage] = field(default_factory=list)

    @property
    def to_call(self) -> int:
        return sum(
            count for step, count in self.by_step.items() if step not in (*ESCALATIONS, *OFFICE_STEPS, Step.DATE)
        )

    @property
    def dates(self) -> int:
        return self.by_step.get(Step.DATE, 0)

    @property
    def told_above(self) -> int:
        return sum(count for step, count in self.by_step.items() if step in ESCALATIONS)

    @property
    def has_report_ins(self) -> bool:
        return Step.REPORT_INS in self.by_step

    @property
    def has_news(self) -> bool:
        return Step.TOLD in self.by_step

    @property
    def has_festival(self) -> bool:
        return Step.FESTIVAL in self.by_step

    @property
    def overdue(self) -> int:
        return self.by_step.get(Step.LIMIT, 0)

    @property
    def rest(self) -> int:
        """How many more there are than are shown."""
        people = sum(count for step, count in self.by_step.items() if step not in OFFICE_STEPS)
        return max(0, people - len(self.people))


def count_unread(actor: access.Actor | None) -> int:
    """How many digests the acting person has not read, MOST_UNREAD at most. One statement, whatever there is."""
    if actor is None or actor.user_id is None:
        return 0
    return Digest.objects.inbox_of(actor).unread().order_by()[:MOST_UNREAD].count()


def read_page(digests: list[Digest], actor: access.Actor) -> list[Told]:
    """These digests of the acting person with their numbers and people. A fixed number of statements. A person whom the
    reader does not see any more is only counted."""
    access.must_act(actor)
    told = {digest.pk: Told(digest) for digest in digests if digest.reader_id == actor.user_id}
    rows = OutboundMessage.objects.filter(digest__in=list(told))
    counted = rows.annotate(is_need=Q(need__isnull=False)).values("digest", "step", "is_need")
    for digest, step, is_need, count in counted.annotate(count=Count("pk")).values_list(
        "digest", "step", "is_need", "count"
    ):
        if is_need:
            told[digest].needs += count
        else:
            told[digest].by_step[step] = count
    shown = defaultdict(list)
    first = Window(RowNumber(), partition_by="digest", order_by=["obligation__due_on", "pk"])
    seen = rows.filter(obligation__in=ContactObligation.objects.visible_to(actor)).annotate(place=first)
    for row in seen.filter(place__lte=SHOWN).select_related("obligation__member__organization").order_by("place"):
        row.is_over = _is_over(row)  # type: ignore[attr-defined]
        shown[row.digest_id].append(row)
    for key, people in shown.items():
        told[key].people = people
    return list(told.values())


def mark_read(digests: list[uuid.UUID], *, by: access.Actor) -> int:
    """Note that the acting person has read these. Those of others stay as they are. Returns how many were new."""
    access.must_act(by)
    return int(ask_database("read_digests", digests))


def unread_keys(actor: access.Actor) -> Any:
    return Digest.objects.inbox_of(actor).unread().values_list("pk", flat=True)


def _is_over(row: OutboundMessage) -> bool:
    duty = row.obligation
    assert duty is not None  # only these are read
    return duty.ended_on is not None or (row.step in DUTY_STEPS and duty.due_on != row.due_on)
