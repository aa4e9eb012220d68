from django.db import models
from django.utils.translation import gettext_lazy as _


class Assurance(models.TextChoices):
    SCREEN = "screen", _("screen code")  # somebody who stood before the screen
    POSTER = "poster", _("poster or typed code")  # proves nothing alone


class Way(models.TextChoices):
    SCAN = "scan", _("scanned")
    STAFF = "staff", _("signed in by staff")
    PAPER = "paper", _("from a list")
