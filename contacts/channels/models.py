"""Where an organization reaches people other than by their own address: the robots of its work groups."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.enums import AccountKind, MessageReason, MessageState
from contacts.querysets import OfOrganizationQuerySet
from portal import outgoing
from portal.fields import DataKeyField, Sealed
from portal.history import track_rows
from portal.models import Organization


# the history says that the address changed, and never which one it was
@track_rows(exclude=["data_key", "webhook_sealed", "tested_at", "tested_by", "test_state", "test_reason"])
class ChannelAccount(models.Model):
    """The robot of an organization's work group. Its address is a password: sealed, and never shown again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind, default=AccountKind.ROBOT)
    name = models.CharField(_("name of the work group"), max_length=40)
    webhook = Sealed("webhook")
    is_active = models.BooleanField(_("switched on"), default=False)
    tested_at = models.DateTimeField(_("last tested"), null=True, editable=False)
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )
    test_state = models.CharField(max_length=10, choices=MessageState, blank=True, editable=False)
    test_reason = models.CharField(max_length=20, choices=MessageReason, blank=True, editable=False)

    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("work group robot")
        verbose_name_plural = _("work group robots")
        default_permissions = ()
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"], condition=models.Q(is_active=True), name="account_one_active",
                violation_error_message=_("This organization has a robot that is switched on. Please switch that off."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=False) | models.Q(webhook_sealed__isnull=False),
                name="account_active_has_webhook",
                violation_error_message=_("Please enter the address before you switch it on."),
            ),
            models.CheckConstraint(condition=models.Q(kind__in=AccountKind.values), name="account_kind_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


def validate_webhook(address: str) -> None:
    """Raise ValidationError for an address that may not be asked, without repeating it."""
    try:
        outgoing.check_address(address)
    except outgoing.NotAllowed:
        raise ValidationError(
            _("This is not the address of a robot that may be used here. It begins with one of: %(hosts)s"),
            params={"hosts": "、".join(f"https://{host}/" for host in outgoing.allowed_hosts())},
        ) from None
