from django.db import models
from django.utils.translation import gettext_lazy as _


class NeedCategory(models.TextChoices):
    WORK = "work", _("finding work")
    HEALTH = "health", _("medical care")
    HOUSING = "housing", _("housing")
    SCHOOL = "school", _("schooling of children")
    LAW = "law", _("legal help")
    INSURANCE = "insurance", _("social insurance")
    PAPERS = "papers", _("papers and transfers")
    HARDSHIP = "hardship", _("hardship in daily life")
    OTHER = "other", _("something else")


class NeedState(models.TextChoices):
    OPEN = "open", _("not begun")
    DOING = "doing", _("being handled")
    ANSWERED = "answered", _("answered, to be confirmed")
    CONFIRMED = "confirmed", _("confirmed by the member")


UNANSWERED = (NeedState.OPEN.value, NeedState.DOING.value)
"""States in which the office still has to do something; a due date counts in these alone."""


class NeedOutcome(models.TextChoices):
    MET = "met", _("solved")
    PARTLY = "partly", _("solved in part")
    HANDED_ON = "handed_on", _("handed on to another office")
    NOT_POSSIBLE = "not_possible", _("cannot be solved for now")
    DROPPED = "dropped", _("not needed any more")


class NeedStep(models.TextChoices):
    """What happened to a need; the lines of its history."""

    RAISED = "raised", _("raised")
    TAKEN = "taken", _("taken in hand")
    NOTED = "noted", _("noted")
    ANSWERED = "answered", _("answered")
    CONFIRMED = "confirmed", _("confirmed by the member")
    REOPENED = "reopened", _("opened again")
