"""Two files of one person within one office's reach: values are chosen field by field, one file is kept.

The other is folded into it (`Member.same_as`), not emptied and not deleted: its contacts, attendance and history are
read behind the kept file from then on, as with files that two sides linked. Sealed texts stay under their own key.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members import services
from members.enums import PhoneUse
from members.file_fields import FIELDS, FileField, Store
from members.masks import mask_of
from members.models import Member, Movement, Phone
from portal import access
from portal.asking import ask_database
from portal.models import AuditEntry
from portal.roles import Right

KEPT, OTHER = "kept", "other"


@dataclass(frozen=True)
class Difference:
    """A field in which two files differ: masked texts as a page may show them, "" for an empty one."""

    key: str
    label: str
    kept: str
    other: str
    chosen: str


def differences(kept: Member, other: Member) -> list[Difference]:
    """The fields of the file itself that differ; an empty one gives way, else the kept file's value is proposed."""
    found = []
    for field in FIELDS:
        if field.of_movement:
            continue
        mine, theirs = _text(kept, field), _text(other, field)
        if mine != theirs:
            texts = (_shown(kept, field, mine), _shown(other, field, theirs))
            found.append(Difference(field.key, capfirst(str(field.label)), *texts, KEPT if mine else OTHER))
    return found


def have_two_numbers(kept: Member, other: Member) -> bool:
    """Whether two files have different ID numbers: two people, unless somebody knows that one number is wrong."""
    return None not in (kept.id_number_digest, other.id_number_digest) and kept.id_number != other.id_number


def merge_members(
    *, kept: Member, other: Member, choices: dict[str, str], by: access.Actor, is_sure: bool = False
) -> Member:
    """Fold `other` into `kept`. `choices`: field → KEPT or OTHER; fields that are not named keep the kept file's value,
    or take the other's where that one is empty. `is_sure`: that they are one person although their ID numbers differ.

    Open episodes of a direction that the kept file has none of are taken over; numbers that differ are noted as further
    phones. Raises PermissionDenied without the right on both, MemberRefused where the two cannot be one.
    """
    access.must_act(by)
    for member in (kept, other):
        access.require(Right.CHANGE_MEMBERS, member.organization)
    if have_two_numbers(kept, other) and not is_sure:
        raise services.MemberRefused(
            _("The ID numbers differ. Please tick that you have checked this, or do not merge.")
        )
    with transaction.atomic():
        found = differences(kept, other)
        taken = {one.key: getattr(other, one.key) for one in found if choices.get(one.key, one.chosen) == OTHER}
        numbers = {number for number in (kept.mobile, other.mobile) if number}
        _fold(kept, other)
        services.change_member(member=kept, values=taken, by=by)
        _take_movements(kept, other, by)
        _take_phones(kept, other, numbers)
        for member in (kept, other):
            AuditEntry.objects.create(
                actor=str(by), action="merge_files", organization=member.organization, object_type="member",
                object_id=member.pk, detail={"kept": str(kept.pk), "folded": str(other.pk), "fields": sorted(taken)},
            )  # fmt: skip
    return kept


def _fold(kept: Member, other: Member) -> None:
    answer = ask_database("fold_file", kept.pk, other.pk)
    if answer == "linked_already":
        raise services.MemberRefused(_("One of the two files was linked with another one already."))
    if answer:
        raise services.MemberRefused(_("A transfer of the other file waits for an answer. Please withdraw it first."))
    other.same_as = kept


def _take_movements(kept: Member, other: Member, by: access.Actor) -> None:
    known = {movement.direction for movement in kept.movements.filter(ended_on="")}
    for movement in Movement.objects.filter(member=other, ended_on="").exclude(direction__in=known):
        movement.member = other  # its key opens the sealed texts
        values = {name: getattr(movement, name) for name in services.MOVEMENT_FIELDS}
        services.start_movement(member=kept, values=values, by=by)


def _take_phones(kept: Member, other: Member, numbers: set[str]) -> None:
    """Every number of either file that is not the one in use stays known."""
    today = timezone.localdate().isoformat()
    known = {bytes(digest or b"") for digest in kept.phones.values_list("number_digest", flat=True)}
    wanted = [(number, str(PhoneUse.OWN), "", today) for number in numbers]
    for phone in Phone.objects.filter(member=other):
        phone.member = other
        wanted.append((phone.number, phone.use, phone.from_on, phone.until_on))
    for number, use, from_on, until_on in wanted:
        if number != kept.mobile and Phone.number.digest(number) not in known:
            known.add(Phone.number.digest(number))
            row = Phone(member=kept, use=use, from_on=from_on, until_on=until_on)
            row.number = number
            row.save(force_insert=True)


def _text(member: Member, field: FileField) -> str:
    value = getattr(member, field.key)
    return "" if value is None else str(value)


def _shown(member: Member, field: FileField, text: str) -> str:
    if field.is_masked:
        return mask_of(field)(text)
    if field.store == Store.COLUMN and text and member._meta.get_field(field.key).choices:  # type: ignore[union-attr]
        return str(getattr(member, f"get_{field.key}_display")())
    return text
