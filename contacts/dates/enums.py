from django.db import models
from django.utils.translation import gettext_lazy as _


class DateKind(models.TextChoices):
    """What is reminded of, and (the last) a switch of the calendar that is inherited in the same way."""

    PROBATION = "probation", _("end of the probationary period")
    RETURN_SOON = "return", _("expected return, ahead")
    RETURN_DAY = "return_day", _("expected return, on the day")
    HALF_YEAR = "half_year", _("half a year of study abroad")
    GRADUATED = "graduated", _("two years since graduation")
    DUES = "dues", _("month until which dues are paid")
    BIRTHDAY = "birthday", _("anniversary of joining")
    OWN_REPORT = "own_report", _("yearly report of one's own")
    FESTIVAL = "festival", _("festivals")
    WORKDAYS = "workdays", _("reminders on workdays only")


class DateState(models.TextChoices):
    OPEN = "open", _("to be done")
    DONE = "done", _("done")
    DISMISSED = "dismissed", _("not needed")
