from django.db import models
from django.utils.translation import gettext_lazy as _

REPEATED, CORRECTED = "repeated", "corrected"  # why a line does not stand, where no steward wrote it down
GUEST = "guest"  # somebody who was there and has no file here: counted, and forgotten with what was typed


class Assurance(models.TextChoices):
    SCREEN = "screen", _("screen code")  # somebody who stood before the screen
    POSTER = "poster", _("poster or typed code")  # proves nothing alone


class Way(models.TextChoices):
    SCAN = "scan", _("scanned")
    STAFF = "staff", _("signed in by staff")
    PAPER = "paper", _("from a list")
