"""One file per person, the episodes of being away, and who can see whom."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.enums import (
    Direction,
    Gender,
    MemberState,
    MemberType,
    PhoneUse,
)
from members.file_fields import DETAIL_KEYS, PART_LABELS, Part
from members.masks import mask_id_number, mask_mobile, tail_of
from members.names import label_person, search_keys, search_terms
from portal import access
from portal.fields import DataKeyField, PartialDateField, Sealed, SealedDocument
from portal.history import track_rows
from portal.models import Organization
from portal.quick_rows import QuickRows

NAMED_LIKE_MOST = 1000
_DETAILS = frozenset(DETAIL_KEYS)


def ids_named_like(text: str) -> list[uuid.UUID]:
    """Ids of members in the current actor's reach whose name, pinyin or initials fit, by pinyin (one query)."""
    grams, letters = search_terms(text)
    if not grams and not letters:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select portal.member_name_candidates(%s, %s, %s)", [grams, letters, NAMED_LIKE_MOST])
        return [row[0] for row in cursor.fetchall()]


def count_placed(node: uuid.UUID, most: int) -> int:
    """Members placed below a node, counted up to `most`; 0 without the right to see them there (one query)."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.count_placed(%s, %s)", [node, most])
        return int(cursor.fetchone()[0])


def file_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a Member for fields of the file (see `Member.fill`): a name with its search keys, what the details
    hold in one dictionary."""
    found: dict[str, Any] = {}
    details = {}
    for field, value in values.items():
        if field == "name":
            name = (value or "").strip()
            found |= {"name": name, **search_keys(name)}
        elif field in _DETAILS:
            details[field] = (value or "").strip()
        else:
            found[field] = value
    return found | {"details": details} if details else found


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "MemberQuerySet":
        """Members placed below a node on which the actor holds the right."""
        access.must_act(actor)
        return self.filter(
            models.Exists(
                Placement.objects.filter(member=models.OuterRef("pk"), organization__in=access.granted_nodes(right))
            )
        )

    def managed_by(self, actor: access.Actor, right: str = "change_members") -> "MemberQuerySet":
        """Members whose managing organization is in reach of the actor's right. A file that was linked to another one
        is not changed by anybody, so it is not among them."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right), same_as=None)

    def named_like(self, text: str) -> "MemberQuerySet":
        """Search by name (one or two characters fast), pinyin or initials, simplified or traditional.

        At most NAMED_LIKE_MOST rows, the first by pinyin. The ids come from members/sql/search.sql, which stays inside
        the current actor's placements; whatever else limits this queryset still does.
        """
        return self.filter(pk__in=ids_named_like(text))

    def with_number(self, text: str) -> "MemberQuerySet":
        """Members whose mobile or ID number is exactly this one, by digest; further and former phones too."""
        number = "".join(text.split()).upper()
        digest = Member.mobile.digest(number)
        # an id list and not `or exists`: each half keeps its index behind the policies
        others = list(Phone.objects.filter(number_digest=digest).values_list("member_id", flat=True)[:NAMED_LIKE_MOST])
        return self.filter(
            models.Q(mobile_digest=digest)
            | models.Q(id_number_digest=Member.id_number.digest(number))
            | models.Q(pk__in=others)
        )


@track_rows(exclude=["name_pinyin", "name_initials", "name_grams", "updated_at", "created_at"], indexes=[])
class Member(QuickRows):
    """A floating member: one person, one file, managed by one organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = DataKeyField()
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="members", db_index=False,
        verbose_name=_("managing organization"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=50)
    name_pinyin = models.CharField(max_length=120, editable=False, default="")
    name_initials = models.CharField(max_length=40, editable=False, default="")
    name_grams = ArrayField(models.CharField(max_length=2), editable=False, default=list)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    ethnicity = models.CharField(_("ethnic group"), max_length=20, blank=True)
    birth_date = PartialDateField(_("birth date"))
    id_number = Sealed("id_number", normalise=lambda text: text.strip().upper())
    id_number_is_checked = models.BooleanField(_("ID number checked"), default=True)
    mobile = Sealed("mobile")
    member_type = models.CharField(_("member type"), max_length=12, choices=MemberType, blank=True)
    join_date = PartialDateField(_("date of joining"))
    full_member_date = PartialDateField(_("date of full membership"))
    education = models.CharField(_("education"), max_length=20, blank=True)
    certificate_number = models.CharField(_("certificate of floating members"), max_length=60, blank=True, default="")
    occupation = models.CharField(_("occupation"), max_length=60, blank=True)
    new_employment = models.CharField(_("new employment group"), max_length=20, blank=True, default="")
    former_occupation = models.CharField(_("former occupation"), max_length=60, blank=True, default="")
    employer = Sealed("employer")
    current_address = Sealed("address")
    remark = Sealed("remark")
    details = SealedDocument("details", DETAIL_KEYS)  # everything else of members/file_fields.py
    ledger_extra = Sealed("ledger_extra")
    state = models.CharField(_("state"), max_length=12, choices=MemberState, default=MemberState.FLOATING)
    last_contact_on = models.DateField(_("last contact by the ledger"), null=True, blank=True)
    is_synthetic = models.BooleanField(_("invented"), default=False, editable=False)
    # the one file that is kept of this person; written by database functions only (members/sql/same_people.sql)
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="folded_files",
        verbose_name=_("linked with the file of the same person"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("floating member")
        verbose_name_plural = _("floating members")
        default_permissions = ()
        ordering = ["name_pinyin", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id_number_digest"],
                condition=models.Q(same_as__isnull=True),
                name="member_id_number_unique",
            ),
            models.CheckConstraint(condition=models.Q(state__in=MemberState.values), name="member_state_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="member_name_given"),
        ]
        indexes = [
            models.Index(fields=["id_number_digest"], name="member_id_number"),
            models.Index(fields=["mobile_digest"], name="member_mobile"),
            models.Index(fields=["organization", "name_pinyin", "id"], name="member_organization_name"),
            GinIndex(fields=["name_grams"], name="member_name_grams"),
            models.Index(fields=["name_initials"], name="member_name_initials"),
            models.Index(fields=["same_as"], condition=models.Q(same_as__isnull=False), name="member_same_as"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells people of one name apart, as every list shows it: birth year, tail of the mobile, community."""
        return tuple(filter(None, (self.birth_date[:4], tail_of(self.mobile), str(self.organization))))

    @property
    def label(self) -> str:
        """姓名（birth year · 尾号 · community）: how a person is named wherever one is chosen."""
        return label_person(self.name, *self.marks)

    def clean(self) -> None:
        if self.join_date and self.birth_date and self.join_date < self.birth_date[: len(self.join_date)]:
            raise ValidationError({"join_date": _("The date of joining is before the birth date.")})

    def set_name(self, name: str) -> None:
        """Store the name as given, with its search keys."""
        self.name = name
        for key, value in search_keys(name).items():
            setattr(self, key, value)

    def fill(self, values: dict[str, Any]) -> None:
        """Set fields of the file (members.file_fields and the model's own) by name, sealed ones from plain text.

        The one place where values enter a file, from a screen and from a ledger; `details` are sealed once for all.
        """
        for name, value in file_values(values).items():
            setattr(self, name, self.details | value if name == "details" else value)

    @cached_property
    def linked_files(self) -> list["Member"]:
        """Files that were folded into this one and are of the reader's own side, with their organizations."""
        return list(self.folded_files.select_related("organization"))

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.mobile)


def access_member(actor: access.Actor, pk: Any, right: str = "view_members") -> Member:
    """The member, if the actor holds the right on it. Raises Http404 alike for absent and out of scope."""
    try:
        return Member.objects.visible_to(actor, right).select_related("organization").get(pk=pk)
    except (Member.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


@track_rows(indexes=["member"])
class Movement(QuickRows):
    """One episode of being away: direction, home, host, start, end. Either side may be outside the portal (text)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="movements", verbose_name=_("floating member"))
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    home_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("home organization"),
    )  # fmt: skip
    home_text = models.CharField(_("home organization (outside)"), max_length=100, blank=True)
    host_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("host organization"),
    )  # fmt: skip
    host_text = models.CharField(_("host organization (outside)"), max_length=100, blank=True)
    counterpart_contact = Sealed("counterpart_contact")
    counterpart_phone = Sealed("mobile")
    destination = Sealed("address")
    destination_kind = models.CharField(_("kind of destination"), max_length=20, blank=True, default="")
    scope = models.CharField(_("range of the movement"), max_length=20, blank=True, default="")
    started_on = PartialDateField(_("started on"))
    joined_host_on = PartialDateField(_("joined the host branch on"))
    expected_end_on = PartialDateField(_("expected end"))
    ended_on = PartialDateField(_("ended on"))
    reason = models.CharField(_("reason for moving"), max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    sealed_by = "member"

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        default_permissions = ()
        ordering = ["-started_on", "-created_at"]
        # members/sql/episodes.sql adds movement_one_open (an exclusion constraint) and what episodes may not contradict
        constraints = [
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="movement_direction_known"),
        ]
        indexes = [  # for merged and moved organizations; most movements have one side on the portal
            models.Index(
                fields=[f"{side}_organization"],
                condition=models.Q((f"{side}_organization__isnull", False)),
                name=f"movement_{side}",
            )
            for side in ("home", "host")
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.started_on}"

    def direction_label(self, is_managing: bool) -> str:
        """The direction in words as one side sees it: outgoing for the home is incoming for the host."""
        return str(Direction(self.direction if is_managing else Direction(self.direction).opposite).label)


@track_rows()
class Phone(models.Model):
    """A further number of a member, or a former one. The own number in use is `Member.mobile`, and stands nowhere else.

    Not unique: couples share one. A number that is no longer used keeps its row with `until_on`: an old ledger is
    still recognized by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="phones", verbose_name=_("floating member"))
    number = Sealed("mobile")
    use = models.CharField(_("whose number"), max_length=6, choices=PhoneUse, default=PhoneUse.OWN)
    from_on = PartialDateField(_("in use since"))
    until_on = PartialDateField(_("in use until"))
    created_at = models.DateTimeField(auto_now_add=True)

    sealed_by = "member"

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        default_permissions = ()
        ordering = ["until_on", "-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(use__in=PhoneUse.values), name="phone_use_known"),
            models.CheckConstraint(condition=models.Q(number_digest__isnull=False), name="phone_number_given"),
        ]
        indexes = [models.Index(fields=["number_digest"], name="member_phone_number")]

    def __str__(self) -> str:
        return str(self.get_use_display())


@track_rows()
class Verification(models.Model):
    """今日核实: when somebody last found one section of a file to be right, and who. One row for a file and section."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="verifications", verbose_name=_("floating member"))
    part = models.CharField(_("section"), max_length=10, choices=[(part.value, PART_LABELS[part]) for part in Part])
    verified_on = models.DateField(_("verified on"))
    verified_by = models.CharField(max_length=60)  # the actor

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "part"], name="verification_once"),
            models.CheckConstraint(
                condition=models.Q(part__in=[part.value for part in Part]), name="verification_part_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.verified_on}"


class StaleFile(models.Model):
    """久未核实: nobody changed or verified this file for longer than the policy says. Marked at night by
    portal.mark_stale_files alone (members/sql/verifying.sql); a verification takes the mark away at once."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="stale")
    touched_on = models.DateField(_("last changed or verified on"))

    class Meta:
        default_permissions = ()


class Placement(models.Model):
    """Which node can see which member, ancestors included. Written by triggers only; lists start here."""

    # No constraints: rows come from the two tables in the functions that write them, and go with the member; a node
    # with members below it cannot be deleted. Checking 40,000 rows twice was a fifth of an import of 10,000.
    pk = models.CompositePrimaryKey("member_id", "organization_id")
    organization = models.ForeignKey(
        Organization, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    member = models.ForeignKey(
        Member, models.DO_NOTHING, related_name="placements", db_index=False, db_constraint=False
    )  # fmt: skip
    name_pinyin = models.CharField(max_length=120, default="")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["organization", "name_pinyin", "member"], name="placement_list")]


# Registered with the others; they name the models above by text.
from members.export_models import ExportFile, LedgerExport  # noqa: E402
from members.ledger_imports import ImportedRow, LedgerAnswer, LedgerImport, LedgerSource  # noqa: E402
from members.two_sides import SamePersonCase, Transfer  # noqa: E402

__all__ = [
    "ExportFile", "ImportedRow", "LedgerAnswer", "LedgerExport", "LedgerImport", "LedgerSource", "Member",
    "MemberQuerySet", "Movement", "NAMED_LIKE_MOST", "Phone", "Placement", "SamePersonCase", "StaleFile", "Transfer",
    "Verification", "access_member", "ids_named_like",
]  # fmt: skip
