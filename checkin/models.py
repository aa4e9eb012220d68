"""Points with printed codes, and what people submit by scanning them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from checkin.enums import PointKind, Proof, ReportInState
from members.models import Member
from portal.fields import DataKeyField, Sealed
from portal.models import Organization


class CheckinPoint(models.Model):
    """A place where floating members report in. Everything on it is printed on a poster, so nothing is secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind of point"), max_length=16, choices=PointKind, default=PointKind.COMMUNITY)
    address = models.CharField(_("address"), max_length=120)
    hours = models.CharField(_("opening hours"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=30, blank=True)
    contact_phone = models.CharField(_("office phone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("check-in point")
        verbose_name_plural = _("check-in points")
        default_permissions = ()
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["organization", "name"], name="point_organization")]

    def __str__(self) -> str:
        return self.name


class CheckinCode(models.Model):
    """One printed code of a point: static, signed, revocable. Old print-outs stay known after a renewal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    point = models.ForeignKey(CheckinPoint, models.CASCADE, related_name="codes", verbose_name=_("check-in point"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("check-in code")
        verbose_name_plural = _("check-in codes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["point"], condition=models.Q(revoked_at=None), name="code_one_in_force")
        ]


class ReportIn(models.Model):
    """A member's submission, before a clerk confirms it. Written from the public page by one database function."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    point = models.ForeignKey(
        CheckinPoint, models.PROTECT, null=True, related_name="report_ins", verbose_name=_("check-in point")
    )
    client_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # a re-sent form is a no-op
    name = Sealed("name")
    mobile = Sealed("mobile")
    receipt = models.CharField(_("receipt number"), max_length=16)
    state = models.CharField(_("state"), max_length=10, choices=ReportInState, default=ReportInState.WAITING)
    proof = models.CharField(_("verified by"), max_length=16, choices=Proof, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="report_ins", verbose_name=_("floating member")
    )
    submitted_at = models.DateTimeField(_("submitted at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("report-in")
        verbose_name_plural = _("report-ins")
        default_permissions = ()
        ordering = ["-submitted_at"]
        indexes = [
            models.Index(fields=["organization", "state", "-submitted_at"], name="report_in_queue"),
            models.Index(fields=["mobile_digest"], name="report_in_mobile"),
        ]
