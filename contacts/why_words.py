"""The verdicts on a reminder in the words of an office."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.enums import MessageReason, MessageState
from contacts.models import OutboundMessage
from contacts.quiet import QUIET_FROM_HOUR, QUIET_UNTIL_HOUR

# What the judge says of a step for which nothing was planned (portal.step_verdict).
UNPLANNED: dict[str, str | Promise] = {
    "due": gettext_lazy("Due: the next round, within minutes, plans it."),
    "missed": gettext_lazy("Was due on that day by what was known, but no round had planned it."),
    "exempt": gettext_lazy("It was decided that no contact is needed."),
    "outside": gettext_lazy("This side is not on the portal: nobody there can be reminded."),
    "unknown": gettext_lazy("No contact was known on that day, and no reminder had been planned by then."),
    "ended": gettext_lazy("Nobody has to contact this person any more since %(ended)s."),
    "off": gettext_lazy("This reminder is switched off in the contact interval."),
    "before_go_live": gettext_lazy("Nothing is sent before the office starts with it on %(go_live)s."),
    "not_due": gettext_lazy("Not due before %(day)s."),
    "paused": gettext_lazy("Contact is paused; nothing is sent meanwhile."),
    "later_step": gettext_lazy("A later reminder takes its place."),
    "holiday": gettext_lazy(
        "Put off: that day is no workday. It goes out on the next one, %(workday)s, in the morning."
    ),
}
# Of a row that was planned and cancelled.
CANCELLED: dict[str, str | Promise] = {
    MessageReason.CONTACTED: gettext_lazy("Planned on %(planned)s, not sent: contact was made meanwhile."),
    MessageReason.RESCHEDULED: gettext_lazy("Planned on %(planned)s, not sent: the due date changed."),
    MessageReason.ENDED: gettext_lazy("Planned on %(planned)s, not sent: contact is no longer needed."),
    MessageReason.PAUSED: gettext_lazy("Planned on %(planned)s, not sent: contact is paused."),
    MessageReason.LATER_STEP: gettext_lazy("Planned on %(planned)s, not sent: a later reminder took its place."),
    MessageReason.GIVEN_UP: gettext_lazy("Planned on %(planned)s, not sent: somebody decided so."),
    MessageReason.NOT_DUE: gettext_lazy("Planned on %(planned)s, not sent: it was not due any more."),
}
PLANNED: dict[str, str | Promise] = {
    MessageState.SENDING: gettext_lazy("Planned on %(planned)s, is being sent right now."),
    MessageState.SENT: gettext_lazy("Sent on %(sent)s to %(who)s."),
    MessageState.RETRY: gettext_lazy("Not sent yet: %(reason)s. It is tried again; refused %(refusals)s times so far."),
    MessageState.UNSURE: gettext_lazy("May have arrived: %(reason)s. It is sent once more, marked as a repetition."),
    MessageState.FAILED: gettext_lazy("Not delivered: %(reason)s. Choose “Send again” in the list of reminders."),
}


def sentence(
    code: str, row: OutboundMessage | None, *, is_quiet: bool = False, workday: dt.date | None = None, **dates: Any
) -> str:
    """One verdict as a sentence: of a planned row its state, else the judge's code with `day`, `go_live`, `ended`.
    `workday`: the next one, where the day in question is none."""
    dates["workday"] = workday
    if row is None:
        return str(UNPLANNED[code]) % {name: _day(day) for name, day in dates.items()}
    facts = {
        "planned": _day(timezone.localdate(row.planned_at)),
        "sent": _moment(row.sent_at),
        "who": str(row.liaison or row.recipient or _("nobody known")),
        "reason": row.get_reason_display() or _("no reason known"),
        "refusals": row.refusals,
        "workday": _day(workday),
    }
    return str(_pattern(code, row.reason, is_quiet=is_quiet, rests=workday is not None)) % facts


def _pattern(state: str, reason: str, *, is_quiet: bool, rests: bool) -> str | Promise:
    if state == MessageState.CANCELLED:
        return CANCELLED.get(reason, CANCELLED[MessageReason.NOT_DUE])
    if state == MessageState.SENT and reason == MessageReason.RESENT:
        return _("Sent again on %(sent)s to %(who)s after an interruption; it may have arrived twice.")
    if state == MessageState.SENT and reason == MessageReason.PORTAL_ONLY:
        return _("In the portal since %(sent)s, for %(who)s; no e-mail address is known.")
    if state == MessageState.UNSURE and reason == MessageReason.TWICE:
        return _("May have arrived: %(reason)s. Choose “Send again” in the list of reminders if it did not.")
    if state != MessageState.PENDING:
        return PLANNED[state]
    if reason == MessageReason.NO_RECIPIENT:
        return _("Planned on %(planned)s, waits: nobody who is responsible has an e-mail address or an account.")
    if rests:
        return _("Planned on %(planned)s, put off: today is no workday. It goes out on the next one, %(workday)s.")
    if is_quiet:
        told = _("Planned on %(planned)s, waits for the morning: nothing is sent from {start}:00 to {end}:00.")
        return told.replace("{start}", str(QUIET_FROM_HOUR)).replace("{end}", str(QUIET_UNTIL_HOUR))
    return _("Planned on %(planned)s; goes out with the next mail to whoever is responsible, one a day at most.")


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else "—"


def _moment(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else "—"
