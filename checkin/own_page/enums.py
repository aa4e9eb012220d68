from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """What a member sends in from the own page. A need stands among the needs (contacts.needs)."""

    MOBILE = "mobile", _("new phone number")
    ADDRESS = "address", _("new place of living")
    JOURNEY = "journey", _("journey home")
    MESSAGE = "message", _("message")
    REMIND = "remind", _("wants to be reminded on the own page")
    SILENCE = "silence", _("wants no reminders")

    @classmethod
    def decided_at_once(cls) -> tuple[str, ...]:
        """What holds as the member said it: nobody at the office decides about it."""
        return cls.REMIND.value, cls.SILENCE.value


class RequestState(models.TextChoices):
    WAITING = "waiting", _("to look at")
    DONE = "done", _("taken over")
    DECLINED = "declined", _("not taken over")
