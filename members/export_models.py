"""An export that waits for a second person, and its file: written by database functions alone (sql/exports.sql)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.enums import ExportState, RevealReason
from portal.fields import DataKeyField
from portal.models import Organization


class LedgerExport(models.Model):
    """What somebody wants to take out, and what a second person said to it. Holds counts and codes, no values.

    `organizations` manage the files that are in it; `fields` are keys of ledger fields. A row past `expires_at` counts
    as expired, whether or not its state says so already.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    organizations = ArrayField(models.UUIDField())
    count = models.PositiveIntegerField(_("number"))
    unmasked = models.BooleanField(_("with full numbers"), default=False)
    kind = models.CharField(_("file format"), max_length=4)
    layout = models.CharField(_("layout"), max_length=200, blank=True)
    fields = ArrayField(models.CharField(max_length=40))
    reason = models.CharField(_("reason"), max_length=10, choices=RevealReason, blank=True)
    text = models.CharField(_("reason in words"), max_length=100, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    state = models.CharField(_("state"), max_length=10, choices=ExportState, default=ExportState.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("export of a ledger")
        verbose_name_plural = _("exports of ledgers")
        default_permissions = ()
        ordering = ["-asked_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="ledger_export_state_known"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="ledger_export_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-asked_at"], name="ledger_export_recent")]


class ExportFile(models.Model):
    """The sealed file of an export until it is fetched, and whose files are in it. The app role reads none of it."""

    export = models.OneToOneField(LedgerExport, models.CASCADE, primary_key=True, related_name="+")
    data_key = DataKeyField()
    members = ArrayField(models.UUIDField())
    content_sealed = models.BinaryField()

    class Meta:
        default_permissions = ()
