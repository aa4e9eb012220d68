from django.db import models
from django.utils.translation import gettext_lazy as _


class PointKind(models.TextChoices):
    SERVICE_CENTRE = "service_centre", _("service centre")
    COMMUNITY = "community", _("community office")
    STATION = "station", _("service station")
    ENTERPRISE = "enterprise", _("enterprise")
    MARKET = "market", _("market")


class ReportInState(models.TextChoices):
    WAITING = "waiting", _("to verify")
    REFERRED = "referred", _("referred here")  # waits as well, at the organization that it was referred to
    CONFIRMED = "confirmed", _("confirmed")
    JOINED = "joined", _("taken into a branch")
    RETURNED = "returned", _("sent back")
    DUPLICATE = "duplicate", _("duplicate")
    MISTAKEN = "mistaken", _("scanned by mistake")


OPEN_STATES = (ReportInState.WAITING, ReportInState.REFERRED)


class ReportInWay(models.TextChoices):
    """Who filled the form in, and where."""

    SELF = "self", _("by oneself")
    PROXY = "proxy", _("by somebody else")
    WINDOW = "window", _("at the counter")
    PAPER = "paper", _("entered later from paper")


BY_STAFF = (ReportInWay.WINDOW, ReportInWay.PAPER)


class Proof(models.TextChoices):
    NATIONAL_SYSTEM = "national_system", _("looked up in the national system")
    HOME_BRANCH = "home_branch", _("called the home branch")
    CERTIFICATE = "certificate", _("saw the activity certificate")
    LETTER = "letter", _("letter of introduction or certificate")
