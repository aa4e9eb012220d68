"""Parcels (寄送): study material that an office sends to members by post, one row for each parcel."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member
from portal import access
from portal.fields import Sealed
from portal.models import Organization


class ParcelState(models.TextChoices):
    SENT = "sent", _("on the way")
    RECEIVED = "received", _("parcel received")
    RETURNED = "returned", _("came back: check the address")
    CHECKED = "checked", _("came back, address checked")


class ParcelQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "ParcelQuerySet":
        """Parcels of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


class Parcel(models.Model):
    """One parcel to one member. `address` is what stood in the file on the day, so that a parcel that came back tells
    which address was wrong. One that is not closed follows the file to the organization that manages it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.UUIDField(default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="parcels", verbose_name=_("floating member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    content = models.CharField(_("what is sent"), max_length=60)
    address = Sealed("address")
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ParcelState, default=ParcelState.SENT)
    sent_on = models.DateField(_("sent on"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    closed_on = models.DateField(_("closed on"), null=True)
    # nobody of the office where the member said so
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    sealed_by = "member"
    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        default_permissions = ()
        ordering = ["sent_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent", closed_on=None) | ~models.Q(state="sent") & ~models.Q(closed_on=None),
                name="parcel_closed_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "sent_on"], name="parcel_board")]

    def __str__(self) -> str:
        return f"{self.sent_on} {self.content}"
