"""Small wishes of members (微心愿): posted by the office, taken over by one person or unit, and fulfilled."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.querysets import OfOrganizationQuerySet
from members.models import Member
from portal.fields import Sealed
from portal.models import Organization


class WishState(models.TextChoices):
    OPEN = "open", _("to be taken over")
    CLAIMED = "claimed", _("claimed by somebody")
    FULFILLED = "fulfilled", _("fulfilled")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Wish(models.Model):
    """One wish. `claimant` is the person or unit who took it over: one at a time, the database keeps a second one away
    (contacts/sql/wishes.sql). An open one follows the file to the organization that manages it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="wishes", verbose_name=_("floating member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    text = Sealed("need_text")
    state = models.CharField(_("state"), max_length=10, choices=WishState, default=WishState.OPEN)
    posted_on = models.DateField(_("posted on"), default=timezone.localdate)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    claimant = models.CharField(_("taken over by"), max_length=60, blank=True)
    claimed_on = models.DateField(_("taken over on"), null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_on = models.DateField(_("closed on"), null=True)

    sealed_by = "member"
    objects = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("small wish")
        verbose_name_plural = _("small wishes")
        default_permissions = ()
        ordering = ["posted_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", claimant="", claimed_on=None, closed_on=None)
                | models.Q(state="claimed", claimed_on__isnull=False, closed_on=None) & ~models.Q(claimant="")
                | models.Q(state="fulfilled", claimed_on__isnull=False, closed_on__isnull=False)
                & ~models.Q(claimant="")
                | models.Q(state="withdrawn", closed_on__isnull=False),
                name="wish_state_has_its_days",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "posted_on"], name="wish_board")]

    def __str__(self) -> str:
        return f"{self.posted_on} {self.get_state_display()}"
