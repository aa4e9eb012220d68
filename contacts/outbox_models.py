"""What is to be sent and what was sent: reminders, and the mails in which several go out together."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.enums import MessageReason, MessageState, Step
from contacts.models import ContactObligation, Liaison
from contacts.querysets import OutboundMessageQuerySet
from portal.models import Organization


class Digest(models.Model):
    """One mail to one recipient on one day. Its id is the mail's Message-ID, so a repeated sending can be recognized.

    Claimed by `attempts` (the token of a claim) and a lease on the database's clock; `handed_at` is written before the
    mail server gets the mail, so that after a crash only those mails are unsure that may really have gone out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")  # the root it was planned under
    office = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)  # which waits its turn
    liaison = models.ForeignKey(Liaison, models.PROTECT, null=True, related_name="digests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    for_on = models.DateField()
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.PENDING)
    reason = models.CharField(max_length=20, choices=MessageReason, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_resend = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["liaison", "for_on"], name="digest_liaison_day"),
            models.UniqueConstraint(fields=["user", "for_on"], name="digest_user_day"),
            models.CheckConstraint(
                condition=models.Q(liaison=None, user__isnull=False) | models.Q(liaison__isnull=False, user=None),
                name="digest_one_recipient",
            ),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="digest_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "office", "not_before"],
                condition=models.Q(state__in=["pending", "sending", "retry", "unsure"]),
                name="digest_open",
            )
        ]


class OutboundMessage(models.Model):
    """Outbox row: one reminder for (obligation or need, due date, step). Several go out in one digest per recipient and
    day.

    Holds ids only; the text is rendered at send time. `due_on` is the obligation's due date in every step; a need's is
    the day by which it is answered, or on which somebody looks at it again (contacts/sql/need_reminders.sql).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    obligation = models.ForeignKey(
        ContactObligation, models.CASCADE, null=True, related_name="messages", verbose_name=_("contact obligation")
    )
    need = models.ForeignKey(
        "contacts.Need", models.CASCADE, null=True, related_name="messages", db_index=False, verbose_name=_("need")
    )
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    liaison = models.ForeignKey(Liaison, models.PROTECT, null=True, related_name="messages", verbose_name=_("liaison"))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("clerk")
    )
    due_on = models.DateField(_("due on"))
    step = models.CharField(_("step"), max_length=10, choices=Step)
    state = models.CharField(_("state"), max_length=10, choices=MessageState, default=MessageState.PENDING)
    reason = models.CharField(_("why"), max_length=20, choices=MessageReason, blank=True)
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="messages", editable=False)
    planned_at = models.DateTimeField(_("planned at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    refusals = models.PositiveSmallIntegerField(_("refused so often"), db_default=0)

    objects = OutboundMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder sent")
        verbose_name_plural = _("reminders sent")
        default_permissions = ()
        ordering = ["-planned_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["obligation", "due_on", "step"], name="message_once"),
            models.UniqueConstraint(fields=["need", "due_on", "step"], name="message_need_once"),
            models.CheckConstraint(
                condition=models.Q(obligation=None, need__isnull=False) | models.Q(obligation__isnull=False, need=None),
                name="message_one_subject",
            ),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="message_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["organization"],
                condition=models.Q(digest=None, state="pending"),
                name="message_waiting",
            ),
            models.Index(fields=["organization", "-planned_at"], name="message_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.due_on}"

    @property
    def member(self) -> Any:
        """Whom the reminder is about; None out of the reader's reach."""
        subject = self.obligation or self.need
        return subject.member if subject else None
