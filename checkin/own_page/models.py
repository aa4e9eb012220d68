"""What members send in from their own pages, until the office has looked at it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from checkin.own_page.enums import RequestKind, RequestState
from members.models import Member
from portal import access
from portal.fields import Sealed
from portal.roles import Right


class MemberRequestQuerySet(models.QuerySet["MemberRequest"]):
    def visible_to(self, actor: access.Actor, right: str = Right.CHANGE_MEMBERS) -> "MemberRequestQuerySet":
        """Of members whose files the actor keeps."""
        access.must_act(actor)
        return self.filter(member__organization__in=access.organization_ids(right))

    def waiting(self) -> "MemberRequestQuerySet":
        return self.filter(state=RequestState.WAITING)


class MemberRequest(models.Model):
    """A proposal of a member about the own file, a journey home, or a message. The office decides what becomes of it.

    Written by one database function (checkin/sql/own_page.sql); the words of a message are those of the contact record
    that has the same key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="requests", db_index=False, verbose_name=_("floating member")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=RequestKind)
    text = Sealed("own_request")
    from_on = models.DateField(_("from"), null=True)
    until_on = models.DateField(_("until"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=RequestState, default=RequestState.WAITING)
    made_at = models.DateTimeField(_("sent in at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip

    sealed_by = "member"
    objects = MemberRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent in by a member")
        verbose_name_plural = _("sent in by members")
        default_permissions = ()
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=RequestKind.values), name="member_request_kind"),
            models.CheckConstraint(condition=models.Q(state__in=RequestState.values), name="member_request_state"),
            models.CheckConstraint(
                condition=~models.Q(kind=RequestKind.JOURNEY)
                | models.Q(from_on__isnull=False, until_on__gte=models.F("from_on")),
                name="member_request_journey_dated",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[RequestKind.MOBILE, RequestKind.ADDRESS])
                | models.Q(text_digest__isnull=False),
                name="member_request_says_what",
            ),
        ]
        indexes = [models.Index(fields=["member", "state", "-made_at"], name="member_request_queue")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
