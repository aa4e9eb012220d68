"""What members ask for, and everything that was done about it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactLog, Liaison
from contacts.needs.enums import UNANSWERED, NeedCategory, NeedOutcome, NeedState, NeedStep
from contacts.needs.querysets import NeedQuerySet
from members.models import Member
from portal.fields import Sealed
from portal.history import track_rows
from portal.models import Organization


@track_rows(indexes=())
class Need(models.Model):
    """One wish or difficulty of a member, with an owner, a due date, and an outcome once it is answered.

    Made and confirmed by database functions (contacts/sql/needs.sql), which ask who may log contacts. An open one
    follows the member to the organization that manages the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="raised_needs", verbose_name=_("floating member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    category = models.CharField(_("kind of need"), max_length=10, choices=NeedCategory)
    detail = Sealed("need_text")
    contact = models.ForeignKey(
        ContactLog, models.SET_NULL, null=True, related_name="needs", verbose_name=_("contact record")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("person in charge"),
    )  # fmt: skip
    raised_on = models.DateField(_("raised on"), default=timezone.localdate)
    due_on = models.DateField(_("answer by"))
    follow_on = models.DateField(_("look again on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=NeedState, default=NeedState.OPEN)
    outcome = models.CharField(_("outcome"), max_length=12, choices=NeedOutcome, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(_("opened again (times)"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    sealed_by = "member"
    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        default_permissions = ()
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=UNANSWERED, outcome="", answered_on=None)
                | (
                    models.Q(state__in=[NeedState.ANSWERED, NeedState.CONFIRMED], answered_on__isnull=False)
                    & ~models.Q(outcome="")
                ),
                name="need_answered_with_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(state=NeedState.CONFIRMED, confirmed_on__isnull=False)
                | (~models.Q(state=NeedState.CONFIRMED) & models.Q(confirmed_on=None)),
                name="need_confirmed_on_a_day",
            ),
            models.CheckConstraint(condition=models.Q(due_on__gte=models.F("raised_on")), name="need_due_after_raised"),
            models.CheckConstraint(condition=models.Q(category__in=NeedCategory.values), name="need_category_known"),
        ]
        indexes = [models.Index(fields=["organization", "state", "due_on"], name="need_lane")]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.raised_on}"

    @property
    def is_overdue(self) -> bool:
        return self.state in UNANSWERED and self.due_on < timezone.localdate()


class NeedAction(models.Model):
    """One thing that was done about a need. Never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(Need, models.CASCADE, related_name="actions", verbose_name=_("need"))
    step = models.CharField(_("step"), max_length=10, choices=NeedStep)
    outcome = models.CharField(_("outcome"), max_length=12, choices=NeedOutcome, blank=True)
    done_on = models.DateField(_("done on"), default=timezone.localdate)
    text = Sealed("need_text")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("recorded by"),
    )  # fmt: skip
    liaison = models.ForeignKey(
        Liaison, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("liaison")
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    sealed_by = "member"

    class Meta:
        verbose_name = _("step of a need")
        verbose_name_plural = _("steps of needs")
        default_permissions = ()
        ordering = ["recorded_at", "id"]

    def __str__(self) -> str:
        return f"{self.done_on} {self.get_step_display()}"

    @property
    def member(self) -> Member:
        """The file whose key seals the text."""
        return self.need.member
