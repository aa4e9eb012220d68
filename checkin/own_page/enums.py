from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """What a member sends in from the own page. A need stands among the needs (contacts.needs)."""

    MOBILE = "mobile", _("new phone number")
    ADDRESS = "address", _("new place of living")
    JOURNEY = "journey", _("journey home")
    MESSAGE = "message", _("message")


class RequestState(models.TextChoices):
    WAITING = "waiting", _("to look at")
    DONE = "done", _("taken over")
    DECLINED = "declined", _("not taken over")
