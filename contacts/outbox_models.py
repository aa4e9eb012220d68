"""What is to be sent and what was sent: reminders, and the mails in which several go out together."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.channels.models import ChannelAccount
from contacts.enums import OFFICE_STEPS, ChannelName, MessageReason, MessageState, Step
from contacts.models import ContactObligation, Liaison
from contacts.querysets import DigestQuerySet, OutboundMessageQuerySet
from portal.models import Organization


class Digest(models.Model):
    """What one recipient is told on one day: a liaison, a member of the staff, or a work group by its robot. Its id is
    a mail's Message-ID, so a repeated sending can be recognized.

    `reader` finds it on the portal's own page, by whatever channel it went out. Claimed by `attempts` (the token of a
    claim) and a lease on the database's clock; `handed_at` is written before another server gets it, so that after a
    crash only those are unsure that may really have gone out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # the root it was planned under
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)  # which waits its turn
    liaison = models.ForeignKey(Liaison, models.PROTECT, null=True, related_name="digests", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(ChannelAccount, models.PROTECT, null=True, related_name="+", db_index=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    read_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, choices=ChannelName, db_default=ChannelName.MAIL.value)
    for_on = models.DateField()
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.PENDING)
    reason = models.CharField(max_length=20, choices=MessageReason, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_resend = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[recipient, "for_on"],
                    condition=models.Q((f"{recipient}__isnull", False)),
                    name=f"digest_{recipient}_day",
                )
                for recipient in ("liaison", "user", "account")
            ),
            models.CheckConstraint(
                condition=models.Q(liaison=None, user__isnull=False, account=None)
                | models.Q(liaison__isnull=False, user=None, account=None)
                | models.Q(liaison=None, user=None, account__isnull=False),
                name="digest_one_recipient",
            ),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="digest_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "office", "not_before"],
                condition=models.Q(state__in=["pending", "sending", "retry", "unsure"]),
                name="digest_open",
            ),
            models.Index(fields=["organization", "for_on"], name="digest_day"),
            models.Index(fields=["reader", "-for_on"], condition=models.Q(reader__isnull=False), name="digest_inbox"),
        ]


def _unchecked(to: Any, on_delete: Any, **options: Any) -> Any:
    """A foreign key that the database does not check row by row: rows come from functions alone, out of the very rows
    that they name, and the checks take longer than the rows (contacts/sql/undo.sql)."""
    return models.ForeignKey(to, on_delete, db_index=False, db_constraint=False, **options)


class OutboundMessage(models.Model):
    """Outbox row: one reminder for (obligation or need, due date, step). Several go out in one digest per recipient and
    day.

    Holds ids only; the text is rendered at send time. `due_on` is the obligation's due date in every step; a need's is
    the day by which it is answered, or on which somebody looks at it again (contacts/sql/need_reminders.sql). The text
    of a work group is a row too: of a robot (`account`) and the day, about nobody and of no step; and so is what an
    office itself is told (contacts/sql/office_lines.sql): of its organization, the step and the day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    obligation = _unchecked(
        ContactObligation, models.CASCADE, null=True, related_name="messages", verbose_name=_("contact obligation")
    )
    need = _unchecked("contacts.Need", models.CASCADE, null=True, related_name="messages", verbose_name=_("need"))
    account = _unchecked(ChannelAccount, models.PROTECT, null=True, related_name="+")
    organization = _unchecked(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    liaison = _unchecked(Liaison, models.PROTECT, null=True, related_name="messages", verbose_name=_("liaison"))
    recipient = _unchecked(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("clerk")
    )
    due_on = models.DateField(_("due on"))
    step = models.CharField(_("step"), max_length=10, choices=Step)
    state = models.CharField(_("state"), max_length=10, choices=MessageState, default=MessageState.PENDING)
    reason = models.CharField(_("why"), max_length=20, choices=MessageReason, blank=True)
    digest = _unchecked(Digest, models.SET_NULL, null=True, related_name="messages", editable=False)
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
            models.UniqueConstraint(
                fields=["need", "due_on", "step"], condition=models.Q(need__isnull=False), name="message_need_once"
            ),
            models.UniqueConstraint(
                fields=["account", "due_on"], condition=models.Q(account__isnull=False), name="message_group_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "step", "due_on"],
                condition=models.Q(obligation=None, need=None, account=None),
                name="message_office_once",
            ),
            models.CheckConstraint(
                condition=models.Q(obligation__isnull=False, need=None, account=None)
                | models.Q(obligation=None, need__isnull=False, account=None)
                | models.Q(obligation=None, need=None, account__isnull=False)
                | models.Q(obligation=None, need=None, account=None, step__in=list(OFFICE_STEPS)),
                name="message_about_one_thing",
            ),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="message_state_known"),
        ]
        # a round plans very many at once: a row that waits stands in no index that it does not need
        indexes = [
            models.Index(
                fields=["organization"],
                condition=models.Q(digest=None, state="pending"),
                name="message_waiting",
            ),
            models.Index(fields=["organization", "-planned_at"], name="message_recent"),
            models.Index(fields=["digest"], condition=models.Q(digest__isnull=False), name="message_of_digest"),
            models.Index(fields=["liaison"], condition=models.Q(liaison__isnull=False), name="message_of_liaison"),
            models.Index(
                fields=["recipient"], condition=models.Q(recipient__isnull=False), name="message_of_recipient"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display() or self.account} {self.due_on}"

    @property
    def member(self) -> Any:
        """Whom the reminder is about; None out of the reader's reach."""
        subject = self.obligation or self.need
        return subject.member if subject else None
