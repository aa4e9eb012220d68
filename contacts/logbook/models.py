"""Notes on somebody's thoughts (思想动态): apart from the contact's other texts, for fewer readers."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactLog
from contacts.querysets import ThoughtNoteQuerySet
from members.models import Member
from portal.fields import Sealed
from portal.models import Organization


class ThoughtNote(models.Model):
    """What was said about thoughts in one contact. Read by whoever wrote it, the member's liaison, and the right
    view_thoughts (contacts/sql/thoughts.sql). Never changed, never exported, no history beside it,
    and forgotten after the days of the office's rules (portal.forget_thoughts)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField(ContactLog, models.CASCADE, related_name="thought", verbose_name=_("contact record"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("floating member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    note = Sealed("thought_note")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("recorded by"),
    )  # fmt: skip

    sealed_by = "member"
    objects = ThoughtNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on thoughts")
        verbose_name_plural = _("notes on thoughts")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
