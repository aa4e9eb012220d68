"""Versions of the letter to members who come, and the drawing that a street puts on what it prints."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkin.letters.wording import Wording
from portal import access
from portal.models import Organization
from portal.roles import Right


class StationeryQuerySet(models.QuerySet[Any]):
    """Rows of offices that hold for what lies below them."""

    def visible_to(self, actor: access.Actor, right: str = Right.VIEW_MEMBERS) -> Any:
        """Rows of the organizations on which the actor holds the right, subtrees included. What offices above wrote
        reaches a point's papers through `Stationery`, and stands on no list."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


class LetterVersion(models.Model):
    """One wording of 《致流入党员的一封信》. Never changed: an edit is the next version, so that every print-out, which
    names its version, can be read again word by word. The latest of the nearest organization is in force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    number = models.PositiveSmallIntegerField(_("version"), editable=False)
    title = models.CharField(_("title of the letter"), max_length=40)
    body = models.TextField(_("text of the letter"), max_length=1500)
    written_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("written by"),
    )  # fmt: skip

    objects = StationeryQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to members who come")
        verbose_name_plural = _("letters to members who come")
        default_permissions = ()
        ordering = ["organization__code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="letter_version_once"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="letter_says_something"),
        ]

    def __str__(self) -> str:
        return str(_("%(organization)s, version %(number)d")) % {
            "organization": self.organization, "number": self.number,
        }  # fmt: skip

    @property
    def wording(self) -> Wording:
        """The version as it is printed; what stands at the foot is Chinese, as the letter."""
        day = timezone.localdate(self.written_at)
        edition = f"{self.organization}第{self.number}版（{day.year}年{day.month}月{day.day}日）"
        return Wording(self.title, self.body, edition)


class StandardDrawing(models.Model):
    """The drawing that a street uploaded for its posters, letters and the head of its pages. None is shipped."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.OneToOneField(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    png = models.BinaryField(editable=False)
    small = models.BinaryField(editable=False, default=b"")  # for phone pages; empty where it would be too heavy
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    stored_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("uploaded by"),
    )  # fmt: skip

    objects = StationeryQuerySet.as_manager()

    class Meta:
        verbose_name = _("standard drawing")
        verbose_name_plural = _("standard drawings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(width__gt=0) & Q(height__gt=0), name="drawing_has_a_size"),
        ]

    def __str__(self) -> str:
        return str(self.organization)
