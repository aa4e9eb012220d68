"""Phones that were confirmed as a member's own."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Member
from portal import access
from portal.models import Organization


class MemberDeviceQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "run_checkin") -> "MemberDeviceQuerySet":
        """Phones of members whose files the actor's organizations manage."""
        access.must_act(actor)
        return self.filter(member__organization__in=access.organization_ids(right))

    def revoke(self) -> int:
        """Take those that are still in use out of use; returns how many."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class MemberDevice(models.Model):
    """One person on one phone. Made and used by database functions only (checkin/sql/devices.sql)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_digest = models.BinaryField(editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="devices", verbose_name=_("floating member"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    created_at = models.DateTimeField(_("confirmed at"), auto_now_add=True)
    last_used_on = models.DateField(_("last used on"), default=timezone.localdate)
    revoked_at = models.DateTimeField(_("taken out of use at"), null=True, blank=True)

    objects = MemberDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("member's phone")
        verbose_name_plural = _("members' phones")
        default_permissions = ()
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["device_digest", "member"], condition=models.Q(revoked_at=None), name="device_member_once"
            )
        ]
        indexes = [models.Index(fields=["organization"], name="device_organization")]
