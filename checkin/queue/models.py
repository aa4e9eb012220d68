"""The permanent address of a street, and photographs of signed forms."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.fields import DataKeyField
from portal.history import track_rows
from portal.models import Organization

WORD = r"[a-z0-9]{3,20}"


class ReportInLinkQuerySet(models.QuerySet["ReportInLink"]):
    def visible_to(self, actor: access.Actor, right: str = "run_checkin") -> "ReportInLinkQuerySet":
        """Addresses of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


@track_rows()
class ReportInLink(models.Model):
    """An address for reporting in without a poster: short enough to be said on the phone, and it never changes, so it
    stands in an official account's menu. Whoever opens it chooses the community. Nothing on it is secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    word = models.CharField(
        _("last word of the address"), max_length=20, unique=True,
        validators=[RegexValidator(rf"^{WORD}\Z", _("Use 3 to 20 small letters and digits."))],
        help_text=_("Small letters and digits that are easily said, for example the street's name in pinyin."),
    )  # fmt: skip
    contact_phone = models.CharField(_("office phone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ReportInLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("address for report-ins")
        verbose_name_plural = _("addresses for report-ins")
        default_permissions = ()
        ordering = ["word"]
        constraints = [models.CheckConstraint(condition=models.Q(word__regex=rf"^{WORD}$"), name="link_word_form")]

    def __str__(self) -> str:
        return self.word


class SignedForm(models.Model):
    """A photograph of the form that somebody signed. Sealed, small, drawn anew from its pixels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report_in = models.ForeignKey(
        "checkin.ReportIn", models.CASCADE, related_name="signed_forms", verbose_name=_("report-in")
    )
    data_key = DataKeyField()
    content = models.BinaryField(editable=False)  # a JPEG under the row's own key: checkin/queue/photos.py
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("signed form")
        verbose_name_plural = _("signed forms")
        default_permissions = ()
        ordering = ["added_at"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.added_at):%Y-%m-%d %H:%M}"
