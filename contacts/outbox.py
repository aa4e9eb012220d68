"""One round of reminders: plan, group, claim, send, mark. Safe to run any number of times, at once, and to kill.

Planning and grouping are set-based database functions (contacts/sql/reminders.sql, channels.sql). Each step is a short
transaction of its own; other servers are talked to outside of any (contacts/channels). A mail is marked as handed over
before the server gets it, so a crash leaves at most one mail per worker unsure; that one is sent again once, marked,
with the same Message-ID. What is said of mails here holds for every channel.
"""

import logging
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from math import inf
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from contacts.channels.base import Channel, Parcel
from contacts.channels.registry import CHANNELS
from contacts.enums import MessageReason, MessageState
from contacts.quiet import is_quiet
from contacts.refreshing import refresh_waiting
from portal import access
from portal.queueing import send_task
from portal.roles import Purpose

BATCH = 200  # mails claimed at once: their text is at most that old when it is sent
LEASE = timedelta(minutes=10)  # by the database's clock
LONGEST_ROUND = timedelta(minutes=4)  # and one slow mail: within the lease, and within the worker's limit for a task
RESEND_AFTER = timedelta(minutes=10)
LONGEST_HELP = timedelta(seconds=20)
HELP = "contacts.help_sending"
LONGEST_PAUSE_MINUTES = 240

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """Outbox rows of one round by what became of them."""

    planned: int = 0
    claimed: int = 0
    sent: int = 0
    retry: int = 0
    unsure: int = 0
    failed: int = 0
    cancelled: int = 0


@dataclass
class Clock:
    """The time of a round: it begins as of `now` and goes on as the time does."""

    now: datetime
    started: float = field(default_factory=monotonic)
    longest: timedelta = field(default_factory=lambda: LONGEST_ROUND)

    @property
    def passed(self) -> timedelta:
        return timedelta(seconds=monotonic() - self.started)

    @property
    def is_over(self) -> bool:
        """Whether no further mail may begin: the round took long enough, or the quiet hours have come."""
        return self.passed > self.longest or is_quiet(self.now + self.passed)


@dataclass
class Round:
    """What a round does below one root of the tree, and as whom."""

    actor: access.Actor
    root: UUID
    clock: Clock
    tally: Tally = field(default_factory=Tally)
    helped_until: float = 0.0  # another worker was asked to send as well, and goes on for so long


@dataclass
class Claim:
    """One mail that this round may send: `attempts` is the token that shows whether it still may; `letter` says what
    it is about."""

    id: UUID
    attempts: int
    is_resend: bool
    letter: Any = None


@dataclass
class Result:
    """What became of one mail; `messages` are the outbox rows whose lines were in it."""

    claim: Claim
    messages: list[UUID]
    state: MessageState
    reason: str = ""


def send_reminders(*, now: datetime | None = None) -> dict[str, int]:
    """Do one round over all roots of the tree, as of `now` (aware; None: the database's clock, which all workers
    share). In quiet hours it plans and sends nothing; on a day off what is due waits for the next workday.

    Returns the counts of outbox rows: planned, claimed, sent, retry, unsure, failed, cancelled. Rows without a
    recipient count as failed once; they wait, and go out when somebody is named. What a helper sent is not counted.
    """
    tally = Tally()
    clock = Clock(now or _database_now())
    for root in access.roots():
        _run(Round(access.system_actor(Purpose.REMINDERS, root), root.pk, clock, tally))
    return asdict(tally)


def help_sending(root: UUID, now: datetime) -> None:
    """Send beside a round that has more mails than one worker sends at once. Claims as the round does, plans nothing,
    and ends soon: this worker has other things to do."""
    clock = Clock(now, longest=LONGEST_HELP)
    _send_waiting(Round(access.system_actor(Purpose.REMINDERS, root), root, clock, helped_until=inf))


def _database_now() -> datetime:
    with database.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]


def _run(round_: Round) -> None:
    root, now, tally = round_.root, round_.clock.now, round_.tally
    today = timezone.localdate(now)
    if not refresh_waiting(round_.actor, root, round_.clock.started + LONGEST_ROUND.total_seconds() / 2):
        return  # the dates of some duties are still those of an earlier interval: the next round goes on
    with access.acting_as(round_.actor):
        tally.planned += _call("select portal.plan_reminders(%s, %s)", [root, today])
        tally.planned += _call("select portal.plan_date_messages(%s, %s)", [root, today])
    if is_quiet(now):
        return
    with access.acting_as(round_.actor):
        tally.unsure += _reap(root, now)
        tally.failed += _call("select portal.group_reminders(%s, %s)", [root, today])
        tally.planned += _call("select portal.group_texts(%s, %s)", [root, today])
    _send_waiting(round_)


def _send_waiting(round_: Round) -> None:
    for kind in CHANNELS:
        while not round_.clock.is_over:
            channel = kind()
            with access.acting_as(round_.actor):
                claims = _claim(round_, channel)
            if len(claims) == BATCH:
                _ask_for_help(round_)
            if not claims or not _deliver(round_, channel, [claim for claim in claims if claim.letter]):
                break


def _ask_for_help(round_: Round) -> None:
    if monotonic() < round_.helped_until:
        return
    round_.helped_until = monotonic() + LONGEST_HELP.total_seconds()
    as_of = (round_.clock.now + round_.clock.passed).isoformat()
    if not send_task(HELP, [str(round_.root), as_of], expires=LONGEST_HELP.total_seconds()):
        logger.info("the queue does not answer: this worker sends alone")


def _call(statement: str, parameters: list[Any]) -> int:
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])


def _reap(root: UUID, now: datetime) -> int:
    """Take back what dead workers had claimed. Returns the rows that may or may not have been sent."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            with lost as (
              update contacts_digest set lease_until = null,
                     not_before = case when handed_at is null then null else %s end,
                     state = case when handed_at is null then 'retry' else 'unsure' end, reason = 'interrupted'
               where organization_id = %s and state = 'sending' and lease_until < clock_timestamp()
              returning id, state, is_resend)
            update contacts_outboundmessage m set state = lost.state,
                   reason = case when lost.state = 'unsure' and lost.is_resend then 'twice' else 'interrupted' end
              from lost where m.digest_id = lost.id and m.state = 'sending' returning m.state
            """,
            [now + RESEND_AFTER, root],
        )
        return sum(state == MessageState.UNSURE for (state,) in cursor.fetchall())


def _claim(round_: Round, channel: Channel) -> list[Claim]:
    """Claim a batch of mails and read what they will say, leaving out what is not due any more."""
    now, tally = round_.clock.now, round_.tally
    named: dict[str, Any] = {
        "root": round_.root, "now": now, "channel": channel.name, "batch": BATCH, "lease": LEASE,
    }  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(
            """
            with turn as (  -- every office in its turn: the first mails of each go before the rest of any
              select one.id, row_number() over (partition by one.office_id order by one.not_before nulls first, one.id)
                     as place
                from portal_organization top
                join portal_organization node on node.path operator(public.<@) top.path
               cross join lateral (
                 select d.id, d.office_id, d.not_before from contacts_digest d
                  where d.organization_id = top.id and d.office_id = node.id and d.channel = %(channel)s
                    and (d.state in ('pending', 'retry') or (d.state = 'unsure' and not d.is_resend))
                    and (d.not_before is null or d.not_before <= %(now)s)
                  order by d.not_before nulls first, d.id limit 4 * %(batch)s) one
               where top.id = %(root)s
            ), mine as (
              select d.id from turn join contacts_digest d on d.id = turn.id
               where (d.state in ('pending', 'retry') or (d.state = 'unsure' and not d.is_resend))
                 and (d.not_before is null or d.not_before <= %(now)s)
               order by turn.place, d.id limit %(batch)s for no key update of d skip locked)
            update contacts_digest d set is_resend = d.is_resend or d.state = 'unsure', state = 'sending', reason = '',
                   attempts = attempts + 1, handed_at = null, lease_until = clock_timestamp() + %(lease)s
              from mine where d.id = mine.id
            returning d.id, d.attempts, d.is_resend
            """,
            named,
        )
        claims = [Claim(*row) for row in cursor.fetchall()]
        if not claims:
            return []
        cursor.execute(
            """
            update contacts_outboundmessage set state = 'sending', reason = ''
             where digest_id = any(%s) and state in ('pending', 'retry', 'unsure') returning id
            """,
            [[claim.id for claim in claims]],
        )
        messages = [row[0] for row in cursor.fetchall()]
    tally.claimed += len(messages)
    tally.cancelled += _drop_stale(messages, timezone.localdate(now))
    letters = channel.load(messages)
    for claim in claims:
        claim.letter = letters.get(claim.id)
    _drop_empty([claim.id for claim in claims if not claim.letter])
    return claims


def _drop_stale(messages: list[UUID], today: date) -> int:
    """Cancel what is not due any more; hand back what somebody else should get, and what has to wait for a workday.
    Returns the rows cancelled."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            with stale as materialized (select * from portal.stale_reminders(%s, %s)
            ), waits as (  -- the calendar was changed after the mail was put together; a second sending was held before
              update contacts_outboundmessage m set state = 'pending', digest_id = null, liaison_id = null,
                     recipient_id = null
                from stale, contacts_digest d where m.id = stale.message_id and stale.why = 'holiday'
                 and m.state = 'sending' and d.id = m.digest_id and not d.is_resend)
            update contacts_outboundmessage m set state = 'cancelled', reason = stale.why
              from stale where m.id = stale.message_id and m.state = 'sending' and stale.why <> 'holiday'
               and m.id = any(%s)  -- few of many rows, which the planner cannot know of a function
            """,
            [messages, today, messages],
        )
        cancelled = cursor.rowcount
        cursor.execute(
            """
            update contacts_outboundmessage m set state = 'pending', digest_id = null, liaison_id = null,
                   recipient_id = null
              from portal.reminder_recipients(%s) r, contacts_digest d
             where m.id = r.message_id and m.id = any(%s) and m.state = 'sending' and d.id = m.digest_id
               and (d.liaison_id is distinct from r.liaison_id or d.user_id is distinct from r.user_id)
            """,
            [messages, messages],
        )
    return cancelled


def _drop_empty(digests: list[UUID]) -> None:
    """A mail without a line is not sent; its day stays open for what may still come."""
    if digests:
        with database.cursor() as cursor:
            cursor.execute(
                """
                update contacts_digest d set state = 'cancelled', reason = 'not_due', handed_at = null,
                       lease_until = null
                 where d.id = any(%s) and d.state = 'sending' and not exists (
                       select 1 from contacts_outboundmessage m where m.digest_id = d.id and m.state = 'sending')
                """,
                [digests],
            )


def _deliver(round_: Round, channel: Channel, claims: list[Claim]) -> bool:
    """Send a batch; the result of one mail and the start of the next are one transaction.

    Returns False when the server could not be reached in time: the rest of the batch waits for its next time.
    """
    before: Result | None = None
    is_open = True
    try:
        for number, claim in enumerate(claims):
            if round_.clock.is_over:
                _give_back(round_, claims[number:])
                break
            is_open = is_open and channel.open()
            messages = _mark(round_, before, claim)
            before = None
            if messages and is_open:
                before = _send(channel, claim, messages)
            elif messages:
                before = Result(claim, messages, MessageState.RETRY, MessageReason.NOT_REACHED)
        _mark(round_, before, None)
    finally:
        channel.close()
    return is_open


def _give_back(round_: Round, claims: list[Claim]) -> None:
    """What was claimed and never begun is anybody's again."""
    with access.acting_as(round_.actor), database.cursor() as cursor:
        cursor.execute(
            """
            with back as (
              update contacts_digest d
                 set state = 'retry', reason = 'interrupted', lease_until = null, not_before = null
                from unnest(%s::uuid[], %s::int[]) as mine (id, token)
               where d.id = mine.id and d.attempts = mine.token and d.state = 'sending' and d.handed_at is null
              returning d.id)
            update contacts_outboundmessage m set state = 'retry', reason = 'interrupted'
              from back where m.digest_id = back.id and m.state = 'sending'
            """,
            [[claim.id for claim in claims], [claim.attempts for claim in claims]],
        )
        round_.tally.retry += cursor.rowcount


def _send(channel: Channel, claim: Claim, messages: list[UUID]) -> Result:
    outcome = channel.send(Parcel(claim.id, claim.letter, messages, claim.is_resend))
    reason = outcome.reason
    if claim.is_resend and outcome.state == MessageState.UNSURE:
        reason = MessageReason.TWICE
    elif claim.is_resend and outcome.state == MessageState.SENT:
        reason = MessageReason.RESENT
    return Result(claim, messages, outcome.state, reason)


def _mark(round_: Round, result: Result | None, claim: Claim | None) -> list[UUID]:
    """Write down what became of one mail and begin the next, in one statement. Returns the next mail's rows to send."""
    if not (result or claim):
        return []
    done: tuple[Any, ...] = (None,) * 6
    if result:
        again = _again(result, round_.clock.now)
        done = (result.claim.id, result.claim.attempts, result.messages, result.state, result.reason, again)
    begun = (claim.id, claim.attempts) if claim else (None, None)
    changed, messages = access.call_as(
        round_.actor, "portal.hand_over(%s, %s, %s::uuid[], %s, %s, %s, %s, %s)", [*done, *begun]
    )
    if result:
        setattr(round_.tally, result.state, getattr(round_.tally, result.state) + changed)
    return messages or []


def _again(result: Result, now: datetime) -> datetime | None:
    if result.state == MessageState.RETRY:
        return now + timedelta(minutes=min(2**result.claim.attempts, LONGEST_PAUSE_MINUTES))
    return now + RESEND_AFTER if result.state == MessageState.UNSURE else None
