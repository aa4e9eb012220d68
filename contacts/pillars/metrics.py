"""What a pillar can be made of. Each metric is a share: of the people or cases of an office in a period, how many."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Metric(models.TextChoices):
    """Counted by portal.pillar_counts (contacts/sql/pillars.sql)."""

    HOME_CONTACTED = "home_contacted", _("home organization reached the member")
    HOST_CONTACTED = "host_contacted", _("host organization reached the member")
    MEMBER_CONTACTED = "member_contacted", _("member contacted the organization")
    ON_TIME = "on_time", _("contact in time")
    WITH_LIAISON = "with_liaison", _("has a liaison of the own")
    STUDIED = "studied", _("took part in study")
    NEEDS_ANSWERED = "needs_answered", _("needs answered")
    VISITED = "visited", _("visited")
    WISHES_FULFILLED = "wishes_fulfilled", _("small wishes fulfilled")
    TOOK_PART = "took_part", _("took part in activities")
    SERVED = "served", _("took part in volunteer service")


EXPLAINED = {
    Metric.HOME_CONTACTED: _("Of the contact tasks of the home side: the member was reached in this period."),
    Metric.HOST_CONTACTED: _("Of the contact tasks of the host side: the member was reached in this period."),
    Metric.MEMBER_CONTACTED: _("Of the people to be looked after: made contact of their own in this period."),
    Metric.ON_TIME: _("Of the tasks with a contact in this period: never later than the limit."),
    Metric.WITH_LIAISON: _("Of the people to be looked after: somebody is named to call them."),
    Metric.STUDIED: _("Of the people to be looked after: came to a lesson, training, lecture, film or discussion."),
    Metric.NEEDS_ANSWERED: _("Of the needs raised in this period: answered by today."),
    Metric.VISITED: _("Of the people to be looked after: visited in this period, at a festival or otherwise."),
    Metric.WISHES_FULFILLED: _("Of the small wishes posted in this period, not withdrawn: fulfilled by today."),
    Metric.TOOK_PART: _("Of the people to be looked after: came to an activity of whatever kind."),
    Metric.SERVED: _("Of the people to be looked after: came to volunteer service."),
}

SHIPPED: tuple[tuple[Promise, tuple[tuple[Metric, Promise, int], ...]], ...] = (
    (_("Three contacts"), (
        (Metric.HOME_CONTACTED, _("home organization contacts those who left"), 1),
        (Metric.HOST_CONTACTED, _("host organization contacts those who came"), 1),
        # a line without a target: whoever calls of their own accord is counted and nobody is pressed to
        (Metric.MEMBER_CONTACTED, _("members contact both places"), 0),
    )),
    (_("Three kinds of help"), (
        (Metric.STUDIED, _("help to study"), 1),
        (Metric.NEEDS_ANSWERED, _("help in difficulties"), 1),
        (Metric.VISITED, _("help by visits"), 1),
    )),
    (_("Three encouragements"), (
        (Metric.TOOK_PART, _("to take part in the branch's life"), 1),
        (Metric.SERVED, _("to serve the people"), 1),
        (Metric.WITH_LIAISON, _("to be found by the organization"), 1),
    )),
)  # fmt: skip
"""三联三帮三促 (product row 17): pillar, and its metrics with their names and weights. A weight of 0 is shown only."""
