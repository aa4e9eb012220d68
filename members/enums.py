from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    MALE = "male", _("male")
    FEMALE = "female", _("female")


class MemberType(models.TextChoices):
    FULL = "full", _("full member")
    PROBATIONARY = "probationary", _("probationary member")


class MemberState(models.TextChoices):
    PENDING = "pending", _("to report in")
    FLOATING = "floating", _("floating")
    RETURNED = "returned", _("returned")
    LEFT = "left", _("left")
    TRANSFERRED = "transferred", _("membership transferred")
    DECEASED = "deceased", _("deceased")
    ARCHIVED = "archived", _("archived")


class Direction(models.TextChoices):
    OUTFLOW = "outflow", _("outgoing")
    INFLOW = "inflow", _("incoming")

    @property
    def opposite(self) -> "Direction":
        return Direction.INFLOW if self == Direction.OUTFLOW else Direction.OUTFLOW


class PhoneUse(models.TextChoices):
    """Whose number it is."""

    OWN = "own", _("own number")
    FAMILY = "family", _("of the family")
    WORK = "work", _("at work")
    OTHER = "other", _("other")


class ImportState(models.TextChoices):
    READING = "reading", _("being checked")
    APPLYING = "applying", _("being saved")
    PREVIEWED = "previewed", _("to confirm")
    APPLIED = "applied", _("imported")
    REFUSED = "refused", _("refused")
    DISCARDED = "discarded", _("discarded")
    UNDONE = "undone", _("undone")


class AnswerKind(models.TextChoices):
    """What an office is asked once about a sheet with the same titles, or about a name."""

    COLUMN = "column", _("meaning of a column")
    DIRECTION = "direction", _("direction of the sheet")
    HIDDEN_ROWS = "hidden_rows", _("hidden rows")
    HIDDEN_COLUMNS = "hidden_columns", _("hidden columns")
    HIDDEN_SHEET = "hidden_sheet", _("hidden sheet")
    SUMMARY = "summary", _("sheet that repeats the others")
    COMMUNITY = "community", _("name of a community")
    ORGANIZATION = "organization", _("name of an organization")


class RevealReason(models.TextChoices):
    """Why a full number leaves the file."""

    CHECK = "check", _("to verify information")
    CONTACT = "contact", _("to contact the members")
    SUPERIOR = "superior", _("report to the superior office")
    OTHER = "other", _("another reason")


class RowOutcome(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    ASK = "ask", _("to decide")
    ERROR = "error", _("with errors")
    SKIPPED = "skipped", _("skipped")


class SameState(models.TextChoices):
    """Where a case of two files of possibly one person stands."""

    OPEN = "open", _("to decide")
    ASKED = "asked", _("both sides are asked")
    REFUSED = "refused", _("one side said no")
    LINKED = "linked", _("linked as one file")
    DISMISSED = "dismissed", _("not the same person")
    OUTDATED = "outdated", _("the numbers differ now")


class SameReason(models.TextChoices):
    """Why two files with one ID number are not linked. Chosen, never typed: a case holds nothing personal."""

    WRONG_NUMBER = "wrong_number", _("the ID number was typed wrongly in one of the files")
    OTHER_PERSON = "other_person", _("checked: they are two different people")
    NOT_OURS = "not_ours", _("we do not look after this person")
    OLD_FILE = "old_file", _("the file is out of date and will be closed")


class TransferKind(models.TextChoices):
    """What another organization is asked to take: one side of a movement, or the whole file."""

    HOST = "host", _("takes the host side")
    HOME = "home", _("takes the home side")
    MANAGE = "manage", _("takes over the whole file")


class TransferState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("sent back")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")


class ExportState(models.TextChoices):
    """Where an export stands that takes two persons."""

    WAITING = "waiting", _("waiting for a second person")
    APPROVED = "approved", _("approved, to be fetched")
    REFUSED = "refused", _("not approved")
    FETCHED = "fetched", _("fetched")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
