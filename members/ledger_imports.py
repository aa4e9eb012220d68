"""Uploaded ledgers: the import with its rows, what was uploaded, and what offices answered about theirs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.enums import AnswerKind, Direction, ImportState
from portal.fields import DataKeyField, Sealed
from portal.models import Organization


class LedgerImport(models.Model):
    """One uploaded ledger and its outcome.

    The rows of a preview wait sealed, and beside them what was uploaded (LedgerSource), for one day. `requested_by` is
    who asked for the work that a worker does just now, and in whose scope it is done.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    file_name = models.CharField(_("file"), max_length=200)
    file_digest = models.BinaryField(editable=False, null=True)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.PREVIEWED)
    counts = models.JSONField(_("counts"), default=dict)
    columns = models.JSONField(default=list)  # members.layout_columns: the list exports in the same layout
    report = Sealed("ledger_report")  # JSON of the import report, unmasked: sealed, masked again when shown
    choices = Sealed("ledger_choices")  # JSON: the importer's answers to the questions of this file
    refusal = models.CharField(max_length=20, blank=True, default="")  # why a worker could not go on: a code
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )  # fmt: skip
    requested_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("imported by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    applied_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("ledger import")
        verbose_name_plural = _("ledger imports")
        default_permissions = ()
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organization", "-created_at"], name="ledger_import_recent")]

    def __str__(self) -> str:
        return self.file_name


class LedgerSource(models.Model):
    """What was uploaded or pasted, sealed for one day: an answer in the preview reads it anew. `kind`: file, pasted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.OneToOneField(LedgerImport, models.CASCADE, related_name="source")
    kind = models.CharField(max_length=8)
    content_sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="ledger_source_created")]


class LedgerAnswer(models.Model):
    """What an office answered about its ledgers, taken for granted at the next import.

    `sheet`: digest of the titles of the sheet that was asked about ("" for names); `subject`: the folded title or
    name; `value`: a field key, a direction, yes or no, or the code of an organization.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    kind = models.CharField(_("kind"), max_length=14, choices=AnswerKind)
    sheet = models.CharField(max_length=32, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    value = models.CharField(max_length=60, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("answered by")
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered at"), auto_now=True)

    class Meta:
        verbose_name = _("answer about ledgers")
        verbose_name_plural = _("answers about ledgers")
        default_permissions = ()
        ordering = ["kind", "subject", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "sheet", "subject"], name="ledger_answer_once"),
            models.CheckConstraint(condition=models.Q(kind__in=AnswerKind.values), name="ledger_answer_kind_known"),
        ]


class ImportedRow(models.Model):
    """Which row of which ledger named a member: with the history's source, where a value of the file came from.

    Written by portal.note_imported_rows alone (members/sql/undo.sql), which asks about the import and the members.
    """

    pk = models.CompositePrimaryKey("member_id", "batch_id", "sheet", "row")
    batch = models.ForeignKey(LedgerImport, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    member = models.ForeignKey(
        "members.Member", models.CASCADE, related_name="imported_rows", db_index=False, db_constraint=False
    )
    sheet = models.CharField(max_length=100)
    row = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
