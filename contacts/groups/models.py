"""Groups of chat programs: which there are, who is in them since when. Never what is said there."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Liaison
from contacts.querysets import OfOrganizationQuerySet
from members.models import Member
from portal.history import track_rows
from portal.models import Organization


@track_rows(indexes=())
class WechatGroup(models.Model):
    """A group that an organization keeps for its members."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    name = models.CharField(_("name of the group"), max_length=50)
    owner = models.ForeignKey(
        Liaison, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner of the group")
    )
    opened_on = models.DateField(_("opened on"), default=timezone.localdate)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat group")
        verbose_name_plural = _("chat groups")
        default_permissions = ()
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_on=None) | models.Q(closed_on__gte=models.F("opened_on")),
                name="group_closed_after_opened",
            )
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """One member in one group, from a day until a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(
        WechatGroup, models.CASCADE, related_name="memberships", db_index=False, verbose_name=_("chat group")
    )
    member = models.ForeignKey(Member, models.CASCADE, related_name="groups", verbose_name=_("floating member"))
    joined_on = models.DateField(_("joined on"), default=timezone.localdate)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership in a chat group")
        verbose_name_plural = _("memberships in chat groups")
        default_permissions = ()
        ordering = ["joined_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "member"], condition=models.Q(left_on=None), name="group_membership_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("joined_on")),
                name="group_left_after_joined",
            ),
        ]
        indexes = [models.Index(fields=["group", "member"], name="group_membership")]

    def __str__(self) -> str:
        return f"{self.joined_on}"
