"""What became of the advice to transfer the membership."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member, Movement
from portal.models import Organization


class AdviceState(models.TextChoices):
    REMINDED = "reminded", _("told about it")
    NOT_YET = "not_yet", _("not possible yet")
    MOVED = "moved", _("membership transferred")


class TransferAdvice(models.Model):
    """One entry about one movement; the latest counts. Never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("floating member"))
    movement = models.ForeignKey(Movement, models.CASCADE, related_name="+", verbose_name=_("movement"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    state = models.CharField(_("state"), max_length=10, choices=AdviceState)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("advice to transfer the membership")
        verbose_name_plural = _("advice to transfer the membership")
        default_permissions = ()
        ordering = ["-noted_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="not_yet") | ~models.Q(reason=""), name="advice_not_yet_has_a_reason"
            ),
            models.CheckConstraint(condition=models.Q(state__in=AdviceState.values), name="advice_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.noted_at:%Y-%m-%d}"
