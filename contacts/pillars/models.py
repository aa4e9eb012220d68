"""Which metrics an office puts together under which names (三联三帮三促)."""

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.pillars.metrics import Metric
from portal.models import Organization


class PillarMetric(models.Model):
    """One metric of one pillar, as an organization has set it for itself and all below it.

    An organization sets all of its pillars or none: without any, those of the nearest one above hold, and at last the
    shipped ones (contacts/pillars/metrics.py). Names no person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", db_index=False, verbose_name=_("organization")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    pillar = models.CharField(_("pillar"), max_length=20)
    metric = models.CharField(_("what is counted"), max_length=20, choices=Metric)
    title = models.CharField(_("name in the table"), max_length=20, blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, validators=[MaxValueValidator(100)])

    class Meta:
        verbose_name = _("metric of a pillar")
        verbose_name_plural = _("metrics of pillars")
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "position"], name="pillar_position_once"),
            models.UniqueConstraint(fields=["organization", "pillar", "metric"], name="pillar_metric_once"),
            models.CheckConstraint(condition=models.Q(metric__in=Metric.values), name="pillar_metric_known"),
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="pillar_weight_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.pillar} {self.title or self.get_metric_display()}"
