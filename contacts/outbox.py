"""One round of reminders: plan, group, claim, send, mark. Safe to run any number of times, at once, and to kill.

Planning and grouping are set-based database functions (contacts/sql/reminders.sql). Each step is a short transaction
of its own; the mail server is talked to outside of any. A mail is marked as handed over before the server gets it, so a
crash leaves at most one mail per worker unsure; that one is sent again once, marked, with the same Message-ID.
"""

import logging
import smtplib
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.core import mail
from django.db import connection as database
from django.utils import timezone

from contacts import mails
from contacts.enums import MessageReason, MessageState
from contacts.quiet import is_quiet
from contacts.refreshing import refresh_waiting
from portal import access
from portal.roles import Purpose

logger = logging.getLogger(__name__)

BATCH = 50  # mails claimed at once: their text is at most that old when it is sent
LEASE = timedelta(minutes=10)  # by the database's clock
LONGEST_ROUND = timedelta(minutes=4)  # and one slow mail: within the lease, and within the worker's limit for a task
RESEND_AFTER = timedelta(minutes=10)
LONGEST_PAUSE_MINUTES = 240


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

    @property
    def is_over(self) -> bool:
        """Whether no further mail may begin: the round took long enough, or the quiet hours have come."""
        passed = timedelta(seconds=monotonic() - self.started)
        return passed > LONGEST_ROUND or is_quiet(self.now + passed)


@dataclass
class Claim:
    """One mail that this round may send: `attempts` is the token that shows whether it still may."""

    id: UUID
    attempts: int
    is_resend: bool
    liaison_id: UUID | None
    user_id: UUID | None


@dataclass
class Result:
    """What became of one mail; `messages` are the outbox rows whose lines were in it."""

    claim: Claim
    messages: list[UUID]
    state: MessageState
    reason: str = ""


def send_reminders(*, now: datetime | None = None) -> dict[str, int]:
    """Do one round over all roots of the tree, as of `now` (aware; None: the database's clock, which all workers
    share). In quiet hours it plans and sends nothing.

    Returns the counts of outbox rows: planned, claimed, sent, retry, unsure, failed, cancelled. Rows without a
    recipient count as failed once; they wait, and go out when somebody is named.
    """
    tally = Tally()
    clock = Clock(now or _database_now())
    for root in access.roots():
        _run(access.system_actor(Purpose.REMINDERS, root), root.pk, clock, tally)
    return asdict(tally)


def _database_now() -> datetime:
    with database.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]


def _run(actor: access.Actor, root: UUID, clock: Clock, tally: Tally) -> None:
    now = clock.now
    today = timezone.localdate(now)
    if not refresh_waiting(actor, root, clock.started + LONGEST_ROUND.total_seconds() / 2):
        return  # the dates of some duties are still those of an earlier interval: the next round goes on
    with access.acting_as(actor):
        tally.planned += _call("select portal.plan_reminders(%s, %s)", [root, today])
    if is_quiet(now):
        return
    with access.acting_as(actor):
        tally.unsure += _reap(root, now)
        tally.failed += _call("select portal.group_reminders(%s, %s)", [root, today])
    while not clock.is_over:
        with access.acting_as(actor):
            claims, letters = _claim(root, now, tally)
        if not claims or not _deliver(actor, [claim for claim in claims if claim.id in letters], letters, clock, tally):
            return


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


def _claim(root: UUID, now: datetime, tally: Tally) -> tuple[list[Claim], dict[UUID, mails.Letter]]:
    """Claim a batch of mails and read what they will say, leaving out what is not due any more."""
    named: dict[str, Any] = {"root": root, "now": now, "batch": BATCH, "lease": LEASE}
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
                  where d.organization_id = top.id and d.office_id = node.id
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
            returning d.id, d.attempts, d.is_resend, d.liaison_id, d.user_id
            """,
            named,
        )
        claims = [Claim(*row) for row in cursor.fetchall()]
        if not claims:
            return [], {}
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
    letters = mails.load(messages)
    _drop_empty([claim.id for claim in claims if claim.id not in letters])
    return claims, letters


def _drop_stale(messages: list[UUID], today: date) -> int:
    """Cancel what is not due any more; hand back what somebody else should get. Returns the rows cancelled."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            update contacts_outboundmessage m set state = 'cancelled', reason = stale.why
              from portal.stale_reminders(%s, %s) stale where m.id = stale.message_id and m.state = 'sending'
            """,
            [messages, today],
        )
        cancelled = cursor.rowcount
        cursor.execute(
            """
            update contacts_outboundmessage m set state = 'pending', digest_id = null, liaison_id = null,
                   recipient_id = null
              from portal.reminder_recipients(%s) r, contacts_digest d
             where m.id = r.message_id and m.state = 'sending' and d.id = m.digest_id
               and (d.liaison_id is distinct from r.liaison_id or d.user_id is distinct from r.user_id)
            """,
            [messages],
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


def _deliver(
    actor: access.Actor, claims: list[Claim], letters: dict[UUID, mails.Letter], clock: Clock, tally: Tally
) -> bool:
    """Send over one connection; the result of one mail and the start of the next are one transaction.

    Returns False when the mail server could not be reached in time: the rest of the batch waits for its next time.
    """
    now = clock.now
    postman = mail.get_connection()
    before: Result | None = None
    is_open = True
    try:
        for claim in claims:
            is_open = is_open and not clock.is_over and _open(postman)
            with access.acting_as(actor):
                messages = _mark(before, claim, now, tally)
            before = None
            if messages and is_open:
                before = _send(postman, claim, letters[claim.id], messages)
            elif messages:
                before = Result(claim, messages, MessageState.RETRY, MessageReason.NOT_REACHED)
        with access.acting_as(actor):
            _mark(before, None, now, tally)
    finally:
        _close(postman)
    return is_open


def _send(postman: Any, claim: Claim, letter: mails.Letter, messages: list[UUID]) -> Result:
    try:
        postman.send_messages([mails.render(letter, messages, digest=claim.id, is_resend=claim.is_resend)])
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _close(postman)  # the state of a connection after an error is anybody's guess
        state, reason = _judge(error)
        if state == MessageState.UNSURE and claim.is_resend:
            reason = MessageReason.TWICE
        return Result(claim, messages, state, reason)
    return Result(claim, messages, MessageState.SENT, MessageReason.RESENT if claim.is_resend else "")


def _judge(error: Exception) -> tuple[MessageState, MessageReason]:
    """What an error says about the mail: refused for good, refused for now, or dropped on the way (it may be there)."""
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # an address that cannot be written
        return MessageState.FAILED, MessageReason.REFUSED
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return MessageState.UNSURE, MessageReason.INTERRUPTED
    return (MessageState.FAILED if min(codes) >= 500 else MessageState.RETRY), MessageReason.REFUSED


def _open(postman: Any) -> bool:
    try:
        postman.open()
    except (OSError, smtplib.SMTPException):
        _close(postman)
        return False
    return True


def _close(postman: Any) -> None:
    try:
        postman.close()
    except (OSError, smtplib.SMTPException):
        logger.info("the mail connection was already gone")


def _mark(result: Result | None, claim: Claim | None, now: datetime, tally: Tally) -> list[UUID]:
    """Write down what became of one mail and begin the next, in one statement. Returns the next mail's rows to send."""
    done: tuple[Any, ...] = (None,) * 6
    begun: tuple[Any, ...] = (None, None)
    if result:
        done = (
            result.claim.id,
            result.claim.attempts,
            result.messages,
            result.state,
            result.reason,
            _again(result, now),
        )
    if claim:
        begun = (claim.id, claim.attempts)
    with database.cursor() as cursor:
        cursor.execute(
            """
            select case when %s then portal.finish_mail(%s, %s, %s::uuid[], %s, %s, %s) end,
                   case when %s then portal.begin_mail(%s, %s) end
            """,
            [result is not None, *done, claim is not None, *begun],
        )
        changed, messages = cursor.fetchone()
    if result:
        setattr(tally, result.state, getattr(tally, result.state) + changed)
    return messages or []


def _again(result: Result, now: datetime) -> datetime | None:
    if result.state == MessageState.RETRY:
        return now + timedelta(minutes=min(2**result.claim.attempts, LONGEST_PAUSE_MINUTES))
    return now + RESEND_AFTER if result.state == MessageState.UNSURE else None
