"""Who looks after whom, when each member was last reached, what is due, and what was sent about it."""

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.enums import (
    BY_HAND,
    ContactDirection,
    DecisionKind,
    DecisionReason,
    LiaisonKind,
    Method,
    ObligationState,
    Outcome,
    Side,
    Source,
    Standing,
)
from contacts.querysets import (
    ContactLogQuerySet,
    ContactObligationQuerySet,
    DutyDecisionQuerySet,
    LiaisonAssignmentQuerySet,
    LiaisonQuerySet,
)
from members.models import Member
from portal.fields import DataKeyField, Sealed
from portal.history import track_rows
from portal.models import Organization

LATE_AFTER_DAYS = 1


@track_rows()
class Liaison(models.Model):
    """A person who looks after members, with or without a login."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    name = models.CharField(_("name"), max_length=50)
    kind = models.CharField(_("kind of liaison"), max_length=10, choices=LiaisonKind, default=LiaisonKind.COMMITTEE)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("staff account")
    )
    email = models.EmailField(_("work e-mail"), blank=True)
    mobile = Sealed("mobile")
    # of the office: the only number that members see; the own mobile number above is for the office alone
    office_phone = models.CharField(_("office phone"), max_length=20, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("active"), default=True)

    objects = LiaisonQuerySet.as_manager()

    class Meta:
        verbose_name = _("liaison")
        verbose_name_plural = _("liaisons")
        default_permissions = ()
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["organization", "name"], name="liaison_organization")]

    def __str__(self) -> str:
        return self.name


@track_rows()
class LiaisonAssignment(models.Model):
    """Who looks after whom, since when. One open primary per member, by constraint."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="assignments", verbose_name=_("floating member"))
    liaison = models.ForeignKey(Liaison, models.PROTECT, related_name="assignments", verbose_name=_("liaison"))
    is_primary = models.BooleanField(_("primary"), default=True)
    started_on = models.DateField(_("started on"), default=timezone.localdate)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = LiaisonAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("liaison assignment")
        verbose_name_plural = _("liaison assignments")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(is_primary=True, ended_on=None),
                name="assignment_one_open_primary",
            ),
            models.UniqueConstraint(
                fields=["member", "liaison"], condition=models.Q(ended_on=None), name="assignment_open_once"
            ),
        ]
        indexes = [models.Index(fields=["liaison", "ended_on"], name="assignment_liaison")]


@track_rows()
class ContactPolicy(models.Model):
    """How often an organization contacts its members; inherited down the tree until a node has its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="contact_policy", verbose_name=_("organization")
    )
    target_days = models.PositiveSmallIntegerField(_("target (days)"), default=90)
    limit_days = models.PositiveSmallIntegerField(_("limit (days)"), default=120)
    go_live_on = models.DateField(_("in use since"), default=timezone.localdate)
    # What is left empty is inherited, and ends at the defaults of portal.contact_policy (contacts/sql/policy.sql).
    capacity = models.PositiveSmallIntegerField(_("members per liaison"), null=True, blank=True)
    before_days = models.PositiveSmallIntegerField(_("remind ahead (days)"), null=True, blank=True)
    secretary_days = models.PositiveSmallIntegerField(_("tell the secretary after (days)"), null=True, blank=True)
    community_days = models.PositiveSmallIntegerField(_("tell the community after (days)"), null=True, blank=True)
    street_days = models.PositiveSmallIntegerField(_("tell the street after (days)"), null=True, blank=True)
    ladder_attempts = models.PositiveSmallIntegerField(_("attempts in vain"), null=True, blank=True)
    ladder_methods = models.PositiveSmallIntegerField(_("by how many ways"), null=True, blank=True)
    ladder_days = models.PositiveSmallIntegerField(_("over how many days"), null=True, blank=True)
    ladder_street_days = models.PositiveSmallIntegerField(
        _("to the street after so many days without contact"), null=True, blank=True
    )
    ladder_review_days = models.PositiveSmallIntegerField(
        _("check after so many days without contact"), null=True, blank=True
    )
    counts_attendance = models.BooleanField(_("attendance counts as a contact"), null=True, blank=True)
    counts_visits = models.BooleanField(_("a visit of care counts as a contact"), null=True, blank=True)
    counts_needs = models.BooleanField(_("a need that was met counts as a contact"), null=True, blank=True)
    counts_report_ins = models.BooleanField(_("a confirmed report-in counts as a contact"), null=True, blank=True)
    counts_parcels = models.BooleanField(_("a parcel that arrived counts as a contact"), null=True, blank=True)
    # nobody keeps notes on somebody's thoughts for ever (contacts/sql/thoughts.sql)
    thought_days = models.PositiveSmallIntegerField(
        _("notes on thoughts are forgotten after (days)"), null=True, blank=True, validators=[MinValueValidator(30)]
    )
    verify_days = models.PositiveSmallIntegerField(
        _("files are to be checked again after (days)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # intervals of single kinds of movement, beside the one for all kinds above
    other_target = models.PositiveSmallIntegerField(_("another province: target (days)"), null=True, blank=True)
    other_limit = models.PositiveSmallIntegerField(_("another province: limit (days)"), null=True, blank=True)
    study_target = models.PositiveSmallIntegerField(_("studying abroad: target (days)"), null=True, blank=True)
    study_limit = models.PositiveSmallIntegerField(_("studying abroad: limit (days)"), null=True, blank=True)
    first_target = models.PositiveSmallIntegerField(_("first three months: target (days)"), null=True, blank=True)
    first_limit = models.PositiveSmallIntegerField(_("first three months: limit (days)"), null=True, blank=True)
    incoming_target = models.PositiveSmallIntegerField(_("incoming afterwards: target (days)"), null=True, blank=True)
    incoming_limit = models.PositiveSmallIntegerField(_("incoming afterwards: limit (days)"), null=True, blank=True)
    member_target = models.PositiveSmallIntegerField(_("own report: target (days)"), null=True, blank=True)
    member_limit = models.PositiveSmallIntegerField(_("own report: limit (days)"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact interval")
        verbose_name_plural = _("contact intervals")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target_days__gte=1, limit_days__gte=models.F("target_days")),
                name="policy_limit_after_target",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.target_days}/{self.limit_days}"


class DutyRefresh(models.Model):
    """Duties below an organization whose interval changed, too many to be brought into line in one request: `after` is
    the last member who is. Worked off by the rounds of reminders, before they plan."""

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="+")
    after = models.UUIDField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()


class ContactObligation(models.Model):
    """One side's duty towards one member, with its dates; the member's own side has the managing organization.

    Every floating member has one for each side of the open movement. A side outside the portal stands here too, without
    dates, and so does one that needs no contact. No reminder while paused_until has not passed.

    Written by database functions only (contacts/sql), out of the members, movements and organizations that it names: no
    constraint checks each row again, which would be a tenth of an import.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="obligations", db_index=False, db_constraint=False,
        verbose_name=_("floating member"),
    )  # fmt: skip
    side = models.CharField(_("side"), max_length=6, choices=Side)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        verbose_name=_("organization"),
    )  # fmt: skip
    standing = models.CharField(max_length=7, choices=Standing, db_default=Standing.ACTIVE.value, editable=False)
    target_days = models.PositiveSmallIntegerField(_("target (days)"))
    limit_days = models.PositiveSmallIntegerField(_("limit (days)"))
    last_success_on = models.DateField(_("last contact"), null=True)
    due_on = models.DateField(_("next due"), null=True)
    limit_on = models.DateField(_("limit"), null=True)
    paused_until = models.DateField(_("paused until"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)

    objects = ContactObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact obligation")
        verbose_name_plural = _("contact obligations")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["member", "side"], name="obligation_one_per_side")]
        indexes = [
            models.Index(fields=["organization", "due_on"], condition=models.Q(ended_on=None), name="obligation_due")
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.due_on}"

    @property
    def state_label(self) -> str:
        """The lamp in words; only on rows of with_state()."""
        return str(ObligationState(self.state).label)  # type: ignore[attr-defined]


class DutyDecision(models.Model):
    """What an organization decided about its own side of one member: a pause, no contact, an interval. It ends, and is
    never changed; a pause is over by itself after `until_on`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="decisions", db_index=False, verbose_name=_("floating member")
    )
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    side = models.CharField(_("side"), max_length=6, choices=Side)
    kind = models.CharField(_("decision"), max_length=8, choices=DecisionKind)
    reason = models.CharField(_("why"), max_length=10, choices=DecisionReason)
    note = Sealed("contact_note")
    until_on = models.DateField(_("paused until"), null=True, blank=True)
    target_days = models.PositiveSmallIntegerField(_("target (days)"), null=True, blank=True)
    limit_days = models.PositiveSmallIntegerField(_("limit (days)"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    made_at = models.DateTimeField(_("decided at"), auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("ended by"),
    )  # fmt: skip
    ended_on = models.DateField(_("ended on"), null=True)

    sealed_by = "member"
    objects = DutyDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrangement")
        verbose_name_plural = _("arrangements")
        default_permissions = ()
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "side", "kind"], condition=models.Q(ended_on=None), name="decision_one_open"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="pause") | models.Q(until_on__isnull=False),
                name="decision_pause_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="interval")
                | models.Q(target_days__gte=1, limit_days__gte=models.F("target_days")),
                name="decision_limit_after_target",
            ),
        ]
        indexes = [models.Index(fields=["member", "-made_at"], name="decision_member")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.until_on or ''}".strip()


class ContactLog(models.Model):
    """One attempt or contact, with its outcome. Only a success moves the clock. Never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="contacts", db_index=False, verbose_name=_("floating member")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("organization")
    )
    side = models.CharField(_("side"), max_length=6, choices=Side)
    liaison = models.ForeignKey(
        Liaison, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("liaison")
    )
    contacted_on = models.DateField(_("contacted on"), default=timezone.localdate)
    direction = models.CharField(
        _("direction of contact"), max_length=12, choices=ContactDirection, default=ContactDirection.TO_MEMBER
    )
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.PHONE)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.REACHED)
    through = Sealed("contact_note")  # who was asked, where the outcome is "through others"
    note = Sealed("contact_note")
    work = Sealed("contact_note")
    life = Sealed("contact_note")
    next_step = Sealed("contact_note")
    next_on = models.DateField(_("day of the next step"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.LOGGED)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    amends = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="amended_by", verbose_name=_("corrects")
    )
    source_key = models.UUIDField(null=True, editable=False)  # what a contact out of other work came from

    sealed_by = "member"
    objects = ContactLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact record")
        verbose_name_plural = _("contact records")
        default_permissions = ()
        ordering = ["-contacted_on", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "contacted_on"], condition=models.Q(source="ledger"), name="contact_ledger_once"
            ),
            models.UniqueConstraint(
                fields=["member", "source", "source_key"],
                condition=models.Q(source_key__isnull=False),
                name="contact_work_once",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-contacted_on"], name="contact_member"),
            models.Index(fields=["organization", "-contacted_on"], name="contact_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.contacted_on} {self.get_method_display()}"

    @property
    def is_late_entry(self) -> bool:
        """补录: written down by a person more than a day after the contact."""
        written_on = timezone.localdate(self.recorded_at)
        return self.source in BY_HAND and (written_on - self.contacted_on).days > LATE_AFTER_DAYS


from contacts.calendar.models import CalendarDay  # noqa: E402  these build on the models of members and portal alone
from contacts.care.models import CareVisit  # noqa: E402
from contacts.channels.models import ChannelAccount  # noqa: E402
from contacts.dates.models import DateReminder, DateRule  # noqa: E402
from contacts.groups.models import GroupMembership, WechatGroup  # noqa: E402
from contacts.logbook.models import ThoughtNote  # noqa: E402
from contacts.lost.models import LostCase, LostReport  # noqa: E402
from contacts.moving.models import TransferAdvice  # noqa: E402
from contacts.needs.models import Need, NeedAction  # noqa: E402
from contacts.outbox_models import Digest, OutboundMessage  # noqa: E402
from contacts.pillars.models import PillarMetric  # noqa: E402
from contacts.wishes.models import Wish  # noqa: E402

__all__ = [
    "CalendarDay", "CareVisit", "ChannelAccount", "ContactLog", "ContactObligation", "ContactPolicy", "DateReminder",
    "DateRule", "Digest", "GroupMembership", "Liaison", "LiaisonAssignment", "LostCase", "LostReport", "Need",
    "NeedAction", "OutboundMessage", "PillarMetric", "ThoughtNote", "TransferAdvice", "WechatGroup", "Wish",
]  # fmt: skip
