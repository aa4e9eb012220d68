"""Points with printed codes, and what people submit by scanning them."""

import datetime as dt
import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkin.enums import OPEN_STATES, PointKind, Proof, ReportInState, ReportInWay
from members.masks import mask_mobile
from members.models import Member
from portal import access
from portal.fields import DataKeyField, Sealed, SealedDocument
from portal.history import track_rows
from portal.models import Organization

# What a form may say beside name and mobile number; all in one sealed column. `home` is what was typed or chosen,
# `home_code` the code of the organization chosen from the tree.
DETAILS = (
    "home", "home_code", "since", "occupation", "id_tail", "branch_contact", "branch_phone",
    "proxy_name", "proxy_relation", "proxy_phone",
)  # fmt: skip

LATE_AFTER = dt.timedelta(days=1)


def random_code_id() -> uuid.UUID:
    """128 random bits: uuid4 fixes six of them."""
    return uuid.UUID(bytes=secrets.token_bytes(16))


class CheckinPointQuerySet(models.QuerySet["CheckinPoint"]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "CheckinPointQuerySet":
        """Points of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))

    def with_counts(self) -> "CheckinPointQuerySet":
        """Adds `submitted` and `waiting`: report-ins of the point, and those of them that nobody decided."""
        of_point = ReportIn.objects.filter(point=models.OuterRef("pk")).order_by().values("point")
        counted = of_point.annotate(n=models.Count("pk")).values("n")
        return self.annotate(
            submitted=Coalesce(models.Subquery(counted), 0),
            waiting=Coalesce(models.Subquery(counted.filter(state__in=OPEN_STATES)), 0),
        )


@track_rows()
class CheckinPoint(models.Model):
    """A place where floating members report in. Everything on it is printed on a poster, so nothing is secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    name = models.CharField(_("name of the point"), max_length=60)
    kind = models.CharField(_("kind of point"), max_length=16, choices=PointKind, default=PointKind.COMMUNITY)
    address = models.CharField(_("address"), max_length=120)
    hours = models.CharField(_("opening hours"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=30, blank=True)
    contact_phone = models.CharField(_("office phone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CheckinPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in point")
        verbose_name_plural = _("check-in points")
        default_permissions = ()
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="point_name_given"),
            models.CheckConstraint(condition=models.Q(kind__in=PointKind.values), name="point_kind_known"),
        ]
        indexes = [models.Index(fields=["organization", "name"], name="point_organization")]

    def __str__(self) -> str:
        return self.name

    @property
    def code_in_force(self) -> "CheckinCode | None":
        """The code that new posters carry; none after a revocation."""
        return next((code for code in self.codes.all() if code.revoked_at is None), None)


@track_rows()
class CheckinCode(models.Model):
    """One printed code of a point: static, signed, revocable. Old print-outs stay known after a renewal."""

    id = models.UUIDField(primary_key=True, default=random_code_id, editable=False)
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


class ReportInQuerySet(models.QuerySet["ReportIn"]):
    def visible_to(self, actor: access.Actor, right: str = "run_checkin") -> "ReportInQuerySet":
        """Report-ins in the queues of the organizations on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))

    def waiting(self) -> "ReportInQuerySet":
        """Those that nobody decided yet."""
        return self.filter(state__in=OPEN_STATES)

    def late(self) -> "ReportInQuerySet":
        """Those that nobody decided for more than a day."""
        return self.waiting().filter(submitted_at__lt=timezone.now() - LATE_AFTER)


@track_rows(exclude=["status_digest"])
class ReportIn(models.Model):
    """A member's submission, before a clerk confirms it. Written from the public page by one database function."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    point = models.ForeignKey(
        CheckinPoint, models.PROTECT, null=True, related_name="report_ins", verbose_name=_("check-in point")
    )
    client_key = models.UUIDField(default=uuid.uuid4, editable=False)
    name = Sealed("name")
    mobile = Sealed("mobile")
    details = SealedDocument("report_in", DETAILS)
    way = models.CharField(_("filled in"), max_length=6, choices=ReportInWay, default=ReportInWay.SELF)
    receipt = models.CharField(_("receipt number"), max_length=16)
    consent_version = models.CharField(_("notice agreed to"), max_length=16, default="", editable=False)
    has_sensitive_consent = models.BooleanField(_("agreed to sensitive data as well"), default=False)
    # keyed digest of receipt number and tail of the mobile number: how the public page finds the state
    status_digest = models.BinaryField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=ReportInState, default=ReportInState.WAITING)
    referred_from = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("referred from")
    )
    proof = models.CharField(_("verified by"), max_length=16, choices=Proof, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="report_ins", verbose_name=_("floating member")
    )
    submitted_at = models.DateTimeField(_("submitted at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = ReportInQuerySet.as_manager()

    class Meta:
        verbose_name = _("report-in")
        verbose_name_plural = _("report-ins")
        default_permissions = ()
        ordering = ["-submitted_at"]
        constraints = [
            # A form that is sent again is a no-op; a form that was corrected and sent again is a second row.
            models.UniqueConstraint(
                fields=["client_key", "name_digest", "mobile_digest", "details_digest"],
                nulls_distinct=False,
                name="report_in_once",
            ),  # fmt: skip
            models.CheckConstraint(condition=models.Q(way__in=ReportInWay.values), name="report_in_way_known"),
            models.CheckConstraint(condition=models.Q(state__in=ReportInState.values), name="report_in_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["confirmed", "joined"]) | (~models.Q(proof="") & ~models.Q(member=None)),
                name="report_in_confirmed_with_proof",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-submitted_at"], name="report_in_queue"),
            models.Index(fields=["mobile_digest"], name="report_in_mobile"),
            models.Index(fields=["status_digest"], name="report_in_status"),
        ]

    def __str__(self) -> str:
        return self.receipt

    @property
    def is_open(self) -> bool:
        """Waits for a decision."""
        return self.state in OPEN_STATES

    @property
    def is_late(self) -> bool:
        """Waits for more than a day."""
        return self.is_open and self.submitted_at < timezone.now() - LATE_AFTER

    @property
    def submitted_on(self) -> dt.date:
        """The day in China."""
        return timezone.localdate(self.submitted_at)

    @property
    def is_forgotten(self) -> bool:
        """What was typed is gone (portal.forget_report_ins)."""
        return self.name_sealed is None

    @property
    def is_forgotten_soon(self) -> bool:
        """Closed without a file: what was typed goes after thirty days."""
        return self.state in (ReportInState.MISTAKEN, ReportInState.DUPLICATE) and not self.is_forgotten

    @property
    def is_by_proxy(self) -> bool:
        """Somebody else filled it in: the person is called first."""
        return self.way == ReportInWay.PROXY

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.mobile)


from checkin.arrivals.models import Arrival, Desk, Scan  # noqa: E402  these build on the models above
from checkin.device_models import MemberDevice  # noqa: E402
from checkin.letters.models import LetterVersion, StandardDrawing  # noqa: E402
from checkin.own_page.models import MemberRequest  # noqa: E402
from checkin.queue.models import ReportInLink, SignedForm  # noqa: E402

__all__ = [
    "Arrival", "CheckinCode", "CheckinPoint", "CheckinPointQuerySet", "Desk", "LetterVersion", "MemberDevice",
    "MemberRequest", "ReportIn", "ReportInLink", "ReportInQuerySet", "Scan", "SignedForm", "StandardDrawing",
    "random_code_id",
]  # fmt: skip
