"""The tree of organizations, the people who log in, and what they are granted."""

import uuid

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from portal.fields import LtreeField
from portal.history import track_rows
from portal.quick_rows import QuickRows
from portal.roles import OrganizationKind as OrganizationKind
from portal.roles import Purpose, Right, Role, permission_codename


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in. Holds no private phone: this table is read before an actor exists.

    `is_superuser` (from PermissionsMixin) grants nothing; what a user may do follows from grants alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(_("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("name"), max_length=50, blank=True)
    email = models.EmailField(_("work e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("staff account")
        verbose_name_plural = _("staff accounts")

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """The admin asks this; whoever holds a grant works in it (see portal.site)."""
        return self.is_active

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def below(self, organization: "Organization") -> "OrganizationQuerySet":
        """The node itself and everything below it."""
        return self.filter(path__descendants=organization.path)

    def above(self, organization: "Organization") -> "OrganizationQuerySet":
        """The node itself and its ancestors, the root first."""
        return self.filter(path__ancestors=organization.path).order_by("path")


@track_rows(exclude=["path"])
class Organization(QuickRows):
    """A node of the tree: division or branch. The name is never a key; `path` is written by triggers only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("code"), max_length=40, unique=True, validators=[RegexValidator(r"^[0-9A-Za-z-]{2,40}$")])
    name = models.CharField(_("name"), max_length=100)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    party_name = models.CharField(_("name of the party organization"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=OrganizationKind)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("superior")
    )
    path = LtreeField(editable=False, default="", blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    # set by portal.merge_organizations alone: old history still names this row
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("merged into")
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["code"]
        default_permissions = ()
        permissions = [(permission_codename(role), role.label) for role in Role]
        constraints = [
            models.UniqueConstraint(fields=["path"], name="organization_path_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganizationKind.values), name="organization_kind_known"
            ),
        ]
        indexes = [GistIndex(fields=["path"], name="organization_path_gist")]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def formal_name(self) -> str:
        """The name for cards and letters: the party organization's where there is one."""
        return self.party_name or self.name


@track_rows()
class OrganizationGrant(UserObjectPermissionBase):
    """One role of one user on one node, inherited by everything below. Written by portal.grants only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_object = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("staff account"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted at"), auto_now_add=True)
    until = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        default_permissions = ()
        indexes = [models.Index(fields=["user"], name="grant_user")]


class RoleRight(models.Model):
    """One right of one role: loaded from portal.roles at every migrate, read by the resolver."""

    role = models.CharField(max_length=30, choices=Role)
    right = models.CharField(max_length=30, choices=Right)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "right"], name="role_right_unique")]


class RoleKind(models.Model):
    """A role may stand on nodes of this kind: loaded from portal.roles at every migrate, read by portal.grant_role.

    `needs_two`: it takes a second person; `most_days`: it must end, at most so many days ahead.
    """

    role = models.CharField(max_length=30, choices=Role)
    kind = models.CharField(max_length=12, choices=OrganizationKind)
    needs_two = models.BooleanField()
    most_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "kind"], name="role_kind_unique")]


class RoleBase(models.Model):
    """A role holds only beside one of its bases, on the node or above: loaded from portal.roles at every migrate."""

    role = models.CharField(max_length=30, choices=Role)
    base = models.CharField(max_length=30, choices=Role)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "base"], name="role_base_unique")]


class PurposeRight(models.Model):
    """One right of one system purpose: loaded from portal.roles at every migrate, read by the resolver."""

    purpose = models.CharField(max_length=30, choices=Purpose)
    right = models.CharField(max_length=30, choices=Right)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["purpose", "right"], name="purpose_right_unique")]


class RequestState(models.TextChoices):
    WAITING = "waiting", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("not approved")
    EXPIRED = "expired", _("expired")


class GrantRequest(models.Model):
    """A role that one administrator asks for and a second one gives. Written by database functions only.

    A row that waits past `expires_at` counts as expired, whether or not its state says so already.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("staff account")
    )
    role = models.CharField(_("role"), max_length=30, choices=Role)
    until = models.DateField(_("until"), null=True)
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("grant request")
        verbose_name_plural = _("grant requests")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organization"],
                condition=models.Q(state="waiting"),
                name="grant_request_one_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="grant_request_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="grant_request_place")]


class LinkSubject(models.TextChoices):
    """For whom a work link is made; the app that knows the rows answers what the link reaches."""

    LIAISON = "liaison", _("liaison")
    MEMBER = "member", _("member")


class LinkEnd(models.TextChoices):
    REVOKED = "revoked", _("taken back")
    REPLACED = "replaced", _("replaced by a new one")
    WRONG_PIN = "wrong_pin", _("closed after five wrong PINs")
    LEFT = "left", _("the person does not do this any more")
    STOPPED = "stopped", _("stopped on the phone by the person")


class WorkLink(models.Model):
    """A personal address for somebody without a login, bound to one device. Used through portal.links only.

    Holds keyed digests: neither the link nor its PIN nor the device can be read out of this row. Beside `closed_*`,
    nothing is written but by database functions (portal/sql/links.sql).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("organization"))
    subject_kind = models.CharField(max_length=10, choices=LinkSubject)
    subject_id = models.UUIDField()
    token_digest = models.BinaryField(unique=True, editable=False)
    pin_digest = models.BinaryField(editable=False)
    device_digest = models.BinaryField(null=True, editable=False)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=10, choices=LinkEnd, blank=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("work link")
        verbose_name_plural = _("work links")
        default_permissions = ()
        constraints = [
            # with the organization: a row of another one must not be in the way
            models.UniqueConstraint(
                fields=["organization", "subject_kind", "subject_id"],
                condition=models.Q(closed_at=None),
                name="work_link_one_open",
            )
        ]


class AuditEntry(models.Model):
    """What was done with personal data: append-only for the app role. Holds counts and ids, never values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.CharField(_("actor"), max_length=120)
    action = models.CharField(_("action"), max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name=_("organization"))
    object_type = models.CharField(_("object"), max_length=40, blank=True)
    object_id = models.UUIDField(null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        default_permissions = ()
        indexes = [models.Index(fields=["organization", "-at"], name="audit_organization_at")]
