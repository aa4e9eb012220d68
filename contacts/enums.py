from django.db import models
from django.utils.translation import gettext_lazy as _


class LiaisonKind(models.TextChoices):
    COMMITTEE = "committee", _("committee member")
    BACKBONE = "backbone", _("backbone member")
    GRID = "grid", _("grid worker")
    BUILDING = "building", _("building head")


VISITING = (LiaisonKind.GRID.value, LiaisonKind.BUILDING.value)
"""Kinds of visiting workers: they log visits and read nothing (contacts/sql/visits.sql)."""


class Side(models.TextChoices):
    HOME = "home", _("home side")
    HOST = "host", _("host side")
    MEMBER = "member", _("member's side")


class ContactDirection(models.TextChoices):
    TO_MEMBER = "to_member", _("organization to member")
    FROM_MEMBER = "from_member", _("member to organization")


class Method(models.TextChoices):
    PHONE = "phone", _("phone call")
    WECHAT = "wechat", _("WeChat")
    VISIT = "visit", _("visit")
    MEETING = "meeting", _("met in person")
    OTHER = "other", _("other way")


class Outcome(models.TextChoices):
    REACHED = "reached", _("reached")
    NO_ANSWER = "no_answer", _("no answer")
    DEAD_NUMBER = "dead_number", _("number dead")
    REFUSED = "refused", _("refused to talk")
    THROUGH_OTHERS = "through_others", _("through others")


class Source(models.TextChoices):
    LOGGED = "logged", _("logged by hand")
    ON_BEHALF = "on_behalf", _("logged for the liaison")
    LEDGER = "ledger", _("from the ledger")
    REPORT_IN = "report_in", _("from a report-in")
    ATTENDANCE = "attendance", _("from attendance")
    VISIT = "visit", _("from a visit of care")
    NEED = "need", _("from a need that was met")
    PARCEL = "parcel", _("from a parcel that arrived")
    EXCHANGE = "exchange", _("exchange with the other party organization")


BY_HAND = (Source.LOGGED.value, Source.ON_BEHALF.value)
"""Sources of what a person wrote down: these can be corrected; the others are withdrawn by what they came from."""


class ObligationState(models.TextChoices):
    """What a lamp shows; computed from dates, see ContactObligationQuerySet.with_state."""

    NORMAL = "normal", _("on time")
    DUE = "due", _("due soon")
    OVERDUE = "overdue", _("overdue")
    PAUSED = "paused", _("paused")
    EXEMPT = "exempt", _("no contact needed")
    OUTSIDE = "outside", _("outside the portal")


class Standing(models.TextChoices):
    """Whether a duty has dates at all: not where no contact is needed, and not of a side outside the portal."""

    ACTIVE = "active", _("in force")
    EXEMPT = "exempt", _("no contact needed")
    OUTSIDE = "outside", _("outside the portal")


class DecisionKind(models.TextChoices):
    """What an organization may decide about its own side of one member."""

    PAUSE = "pause", _("pause until a day")
    EXEMPT = "exempt", _("no contact needed")
    INTERVAL = "interval", _("an interval of its own")


class DecisionReason(models.TextChoices):
    ILL = "ill", _("ill or in hospital")
    FAMILY = "family", _("busy with the family")
    AWAY = "away", _("at sea, in the field or otherwise out of reach")
    NEAR = "near", _("is in touch with us all the time")
    CARE = "care", _("needs closer care")
    WISH = "wish", _("own wish")
    OTHER = "other", _("another reason")


class Step(models.TextChoices):
    """When somebody is reminded: whoever calls, and after the limit those above, one after the other."""

    BEFORE = "before", _("soon due")
    TARGET = "target", _("due")
    LIMIT = "limit", _("overdue")
    SECRETARY = "secretary", _("told the secretary")
    COMMUNITY = "community", _("told the community")
    STREET = "street", _("told the street")
    FOLLOW = "follow", _("to look at again")
    DATE = "date", _("date reminder")  # of no duty: contacts/dates
    REPORT_INS = "report_ins", _("report-ins that wait")  # of an office: contacts/sql/office_lines.sql
    TOLD = "told", _("news of another organization")
    FESTIVAL = "festival", _("a festival comes")


OFFICE_STEPS = (Step.REPORT_INS.value, Step.TOLD.value, Step.FESTIVAL.value)
DUTY_STEPS = tuple(step for step in Step.values if step not in (Step.DATE, Step.FOLLOW, *OFFICE_STEPS))
ESCALATIONS = (Step.SECRETARY.value, Step.COMMUNITY.value, Step.STREET.value)


class MessageState(models.TextChoices):
    PENDING = "pending", _("to send")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    RETRY = "retry", _("to send again")
    UNSURE = "unsure", _("unsure whether it arrived")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class MessageReason(models.TextChoices):
    """Why a reminder was not sent, or not sent in the ordinary way."""

    CONTACTED = "contacted", _("has been contacted since")
    RESCHEDULED = "rescheduled", _("the due date changed")
    ENDED = "ended", _("contact is no longer needed")
    SUPERSEDED = "superseded", _("goes out with a later mail")
    NO_RECIPIENT = "no_recipient", _("nobody who is responsible has an e-mail address or an account")
    REFUSED = "refused", _("the other server refused it")
    NOT_REACHED = "not_reached", _("the other server could not be reached")
    NOT_ALLOWED = "not_allowed", _("the robot's address may not be used here")
    NOT_DUE = "not_due", _("is not due any more")
    INTERRUPTED = "interrupted", _("interrupted while it was sent")
    RESENT = "resent", _("sent again after an interruption")
    TWICE = "twice", _("interrupted twice: nobody knows whether it arrived")
    TOO_OFTEN = "too_often", _("the other server refused it again and again")
    LATER_STEP = "later_step", _("a later reminder took its place")
    PAUSED = "paused", _("contact is paused")
    GIVEN_UP = "given_up", _("somebody decided not to send it")
    PORTAL_ONLY = "portal_only", _("in the portal only: no e-mail address is known")


class ChannelName(models.TextChoices):
    """The ways to reach people (contacts/channels)."""

    MAIL = "mail", _("e-mail")
    INBOX = "inbox", _("in the portal")
    ROBOT = "robot", _("work group")


class AccountKind(models.TextChoices):
    ROBOT = "robot", _("robot of a work group")
