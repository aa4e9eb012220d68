"""Check-in at an activity: the desk, what phones sent to it, and who is taken to have come."""

import datetime as dt
import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from checkin.arrivals.enums import Assurance, Way
from members.masks import mask_mobile
from members.models import Member
from portal import access
from portal.fields import DataKeyField, Sealed
from portal.models import Organization

TYPED_DIGITS = 8


def random_desk_id() -> uuid.UUID:
    """128 random bits: uuid4 fixes six of them."""
    return uuid.UUID(bytes=secrets.token_bytes(16))


def random_typed_code() -> str:
    """Eight digits, for whoever cannot scan."""
    return f"{secrets.randbelow(10**TYPED_DIGITS):0{TYPED_DIGITS}d}"


class _Scoped(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor, right: str = "run_checkin") -> Any:
        """Rows of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


class Desk(models.Model):
    """The check-in of one activity, open between two moments. Its id is what codes are signed for."""

    id = models.UUIDField(primary_key=True, default=random_desk_id, editable=False)
    activity = models.OneToOneField(Activity, models.CASCADE, related_name="desk", verbose_name=_("activity"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    has_check_out = models.BooleanField(_("with check-out"), default=False)
    # Which poster and typed code are in force: printed ones carry the number that they were made with. 0: none.
    poster_number = models.PositiveIntegerField(default=0)
    typed_code = models.CharField(max_length=TYPED_DIGITS, default=random_typed_code, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )

    objects = _Scoped.as_manager()

    class Meta:
        verbose_name = _("check-in desk")
        verbose_name_plural = _("check-in desks")
        default_permissions = ()
        ordering = ["-opens_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(closes_at__gt=models.F("opens_at")), name="desk_closes_later")
        ]
        indexes = [models.Index(fields=["organization", "-opens_at"], name="desk_recent")]

    def __str__(self) -> str:
        return str(self.activity)

    def state_at(self, moment: dt.datetime) -> str:
        """early, open, over (its time has passed) or closed; as portal.desk_state says it."""
        if self.closed_at or self.activity.is_cancelled:
            return "closed"
        if moment < self.opens_at:
            return "early"
        return "open" if moment < self.closes_at else "over"


class Scan(models.Model):
    """What one phone sent, once for each form. Written by one database function and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    desk = models.ForeignKey(Desk, models.CASCADE, related_name="scans", db_index=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    client_key = models.UUIDField(editable=False)
    name = Sealed("name")
    mobile = Sealed("mobile")
    device_digest = models.BinaryField(null=True, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")  # whom a known phone stands for
    assurance = models.CharField(max_length=8, choices=Assurance)
    is_leaving = models.BooleanField(default=False)
    scanned_at = models.DateTimeField(default=timezone.now)

    objects = _Scoped.as_manager()

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        default_permissions = ()
        ordering = ["scanned_at", "id"]
        constraints = [
            # A form that is sent again is a no-op; one that was corrected and sent again is a second row.
            models.UniqueConstraint(
                fields=["desk", "client_key", "is_leaving", "mobile_digest", "name_digest", "member"],
                nulls_distinct=False, name="scan_once",
            )
        ]  # fmt: skip

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.mobile)


class ArrivalQuerySet(_Scoped):
    def standing(self) -> "ArrivalQuerySet":
        """Those that were not undone."""
        return self.filter(undone_at=None)


class Arrival(models.Model):
    """One line of the steward's list: somebody who came, or says so. Confirmed, it stands in the attendance list."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(Desk, models.CASCADE, related_name="arrivals", db_index=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    scan = models.OneToOneField(Scan, models.CASCADE, null=True, related_name="arrival")
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+", verbose_name=_("floating member"))
    way = models.CharField(_("how"), max_length=8, choices=Way, default=Way.SCAN)
    is_sure = models.BooleanField(default=False)  # name and number, or a confirmed phone, name this one member
    is_late_entry = models.BooleanField(_("entered later"), default=False)
    arrived_at = models.DateTimeField(_("came at"), default=timezone.now)
    left_at = models.DateTimeField(_("left at"), null=True)
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1, null=True)
    confirmed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        default_permissions = ()
        ordering = ["arrived_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "member"], condition=models.Q(undone_at=None, confirmed_at__isnull=False),
                name="arrival_once",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | ~models.Q(member=None), name="arrival_confirmed_of_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at=None) | ~models.Q(reason=""), name="arrival_undone_for_a_reason"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["desk", "arrived_at"], name="arrival_of_desk")]
