"""What writes a member's file: each function checks the right of the acting person first.

All refuse with `MemberRefused`, whose text may be shown. `by` must be the actor of the transaction (access.current()).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.enums import MemberState, PhoneUse
from members.episodes import certainly_overlap
from members.file_fields import MEMBER_KEYS, MOVEMENT_KEYS
from members.models import Member, Movement, Phone
from members.validators import check_details, clean_field
from portal import access
from portal.models import AuditEntry, Organization
from portal.roles import Right

MEMBER_FIELDS = MEMBER_KEYS | {"id_number_is_checked", "ledger_extra", "state", "is_synthetic"}
MOVEMENT_FIELDS = (MOVEMENT_KEYS - {"home", "host"}) | {
    f"{side}_{kind}" for side in ("home", "host") for kind in ("organization", "text")
}
PHONE_FIELDS = frozenset(["number", "use", "from_on", "until_on"])
# States in which nobody is away any more: the open movement has to end.
ENDED_STATES = frozenset([MemberState.RETURNED, MemberState.LEFT, MemberState.TRANSFERRED, MemberState.DECEASED])


class MemberRefused(Exception):
    """The write was refused; the text is a plain sentence without personal data from outside the actor's reach.

    `file` is the member whose file is in the way, where the actor sees one.
    """

    file: Member | None = None


def create_member(
    *, organization: Organization, values: dict[str, Any], by: access.Actor, movement: dict[str, Any] | None = None
) -> Member:
    """Make the file of one person, managed by `organization`, with the episode of being away where given.

    `values`: MEMBER_FIELDS, plain text for sealed ones, `name` needed; `movement`: MOVEMENT_FIELDS, `direction` needed.
    Raises PermissionDenied without the right on the organization, MemberRefused where the file exists in the actor's
    reach or the values do not hold.
    """
    _check(by, organization)
    _refuse_unknown(values, MEMBER_FIELDS)
    member = Member(organization=organization)
    with _one_neutral_refusal():
        _fill_member(member, values)
        _refuse_duplicate(member)
        member.save(force_insert=True)
        if movement is not None:
            _write_movement(Movement(member=member), movement)
    return member


def change_member(*, member: Member, values: dict[str, Any], by: access.Actor) -> Member:
    """Set the given fields (MEMBER_FIELDS); fields that are not named stay. Raises as create_member."""
    _check(by, member.organization)
    _refuse_unknown(values, MEMBER_FIELDS)
    with _one_neutral_refusal():
        former, former_mobile = member.id_number_digest, member.mobile
        _fill_member(member, values)
        if member.id_number_digest != former:
            _refuse_duplicate(member)
        member.save(force_update=True)
        if former_mobile and member.mobile != former_mobile:
            _keep_former_mobile(member, former_mobile)
    return member


def move_member(*, member: Member, organization: Organization, by: access.Actor) -> Member:
    """Give the file to another organization in the actor's reach. Raises as create_member, for both ends."""
    _check(by, member.organization)
    _check(by, organization)
    with _one_neutral_refusal():
        member.organization = organization
        member.save(force_update=True, update_fields=["organization", "updated_at"])
    return member


def start_movement(*, member: Member, values: dict[str, Any], by: access.Actor) -> Movement:
    """Open an episode of being away (MOVEMENT_FIELDS). One open episode a direction. Raises as create_member."""
    _check(by, member.organization)
    open_now = member.movements.filter(direction=values.get("direction", ""), ended_on="")
    if not values.get("ended_on") and open_now.exists():
        raise MemberRefused(_("A movement in this direction is open already. Please end it first."))
    with _one_neutral_refusal():
        return _write_movement(Movement(member=member), values)


def change_movement(*, movement: Movement, values: dict[str, Any], by: access.Actor) -> Movement:
    """Set the given fields of an episode (MOVEMENT_FIELDS). Raises as create_member."""
    _check(by, movement.member.organization)
    with _one_neutral_refusal():
        return _write_movement(movement, values)


def end_movement(*, movement: Movement, ended_on: str, by: access.Actor) -> Movement:
    """Close an episode; `ended_on` is a partial date and not before the start. Raises as create_member."""
    if not ended_on:
        raise MemberRefused(_("Please enter when the movement ended."))
    return change_movement(movement=movement, values={"ended_on": ended_on}, by=by)


def set_state(*, member: Member, state: str, by: access.Actor, ended_on: str = "") -> Member:
    """Set the state; one in which the person is no longer away ends the open movements on `ended_on`.

    Raises as create_member, and MemberRefused where a movement is open and no date is given.
    """
    _check(by, member.organization)
    with _one_neutral_refusal():
        if state in ENDED_STATES:
            for movement in member.movements.filter(ended_on="").select_related("member__organization"):
                end_movement(movement=movement, ended_on=ended_on, by=by)
        return change_member(member=member, values={"state": state}, by=by)


def add_phone(*, member: Member, values: dict[str, Any], by: access.Actor) -> Phone:
    """Note a further number (PHONE_FIELDS, `number` needed). Raises as create_member."""
    return change_phone(phone=Phone(member=member), values=values, by=by)


def change_phone(*, phone: Phone, values: dict[str, Any], by: access.Actor) -> Phone:
    """Set the given fields; a number that is no longer used gets `until_on` and stays. Raises as create_member."""
    _check(by, phone.member.organization)
    _refuse_unknown(values, PHONE_FIELDS)
    with _one_neutral_refusal():
        for field, value in values.items():
            setattr(phone, field, clean_field("landline", value) if field == "number" else value)
        phone.clean_fields(exclude=["member"])
        if not 7 <= sum(sign.isdigit() for sign in phone.number) <= 20:
            raise MemberRefused(_("Please enter the number."))
        if phone.until_on and phone.from_on and phone.until_on < phone.from_on[: len(phone.until_on)]:
            raise MemberRefused(_("The number is out of use before it came into use."))
        phone.save()
    return phone


def end_phone(*, phone: Phone, by: access.Actor) -> Phone:
    """Note that a number is out of use from today. Raises as create_member."""
    return change_phone(phone=phone, values={"until_on": timezone.localdate().isoformat()}, by=by)


def _keep_former_mobile(member: Member, number: str) -> None:
    """The number that was replaced stays known, so that an old ledger still finds the person."""
    if not member.phones.filter(number_digest=Phone.number.digest(number)).exists():
        phone = Phone(member=member, use=PhoneUse.OWN, until_on=timezone.localdate().isoformat())
        phone.number = number
        phone.save(force_insert=True)


def find_duplicate(member: Member) -> Member | None:
    """Another file with the same ID number that the current actor can see; hidden ones do not exist for anybody."""
    if member.id_number_digest is None:
        return None
    same = Member.objects.filter(id_number_digest=member.id_number_digest).exclude(pk=member.pk)
    same = same.exclude(same_as=member.pk) if not member._state.adding else same
    found = (
        same.select_related("organization").order_by(models.F("same_as").asc(nulls_first=True), "created_at").first()
    )
    if found is None or found.same_as_id in (None, member.pk):
        return found
    return Member.objects.filter(pk=found.same_as_id).select_related("organization").first() or found


def find_namesakes(member: Member) -> list[Member]:
    """Other files in the current actor's reach that may be the same person: same name, and birth date or mobile."""
    same = models.Q(mobile_digest=member.mobile_digest) if member.mobile_digest else models.Q(pk=None)
    if member.birth_date:
        same |= models.Q(birth_date=member.birth_date)
    rows = Member.objects.named_like(member.name).filter(same, name=member.name).exclude(pk=member.pk)
    return list(rows.select_related("organization")[:5])


def note_view(*, member: Member, by: access.Actor) -> None:
    """Record that the file was opened. Raises NoActor where `by` does not act."""
    access.must_act(by)
    AuditEntry.objects.create(
        actor=str(by),
        action="view_member",
        organization=member.organization,
        object_type="member",
        object_id=member.pk,
    )


def _check(by: access.Actor, organization: Organization) -> None:
    access.must_act(by)
    access.require(Right.CHANGE_MEMBERS, organization)


def _refuse_unknown(values: dict[str, Any], known: frozenset[str]) -> None:
    unknown = set(values) - known
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")


def _fill_member(member: Member, values: dict[str, Any]) -> None:
    member.fill(values)
    check_details(values)
    member.clean_fields(exclude=["organization"])
    member.clean()


def _refuse_duplicate(member: Member) -> None:
    found = find_duplicate(member)
    if found is not None:
        refusal = MemberRefused(
            _("There is a file with this ID number already: %(name)s, %(organization)s. Please open that file instead.")
            % {"name": found.name, "organization": found.organization}
        )
        refusal.file = found
        raise refusal


def _write_movement(movement: Movement, values: dict[str, Any]) -> Movement:
    _refuse_unknown(values, MOVEMENT_FIELDS)
    for side in ("home_organization", "host_organization"):
        chosen = values.get(side)
        if chosen is not None and chosen.pk != getattr(movement, f"{side}_id") and not _in_reach(chosen):
            raise MemberRefused(_("Please enter an organization outside your own as text."))
    for field, value in values.items():
        setattr(movement, field, value)
    movement.clean_fields(exclude=["member", "home_organization", "host_organization"])
    if movement.ended_on and movement.started_on and movement.ended_on < movement.started_on[: len(movement.ended_on)]:
        raise MemberRefused(_("The end of the movement is before its start."))
    _refuse_contradiction(movement)
    movement.save()
    return movement


def _refuse_contradiction(movement: Movement) -> None:
    """The database refuses these too (members/sql/episodes.sql), but in no words."""
    for other in Movement.objects.filter(member_id=movement.member_id).exclude(pk=movement.pk):
        if other.direction == movement.direction and certainly_overlap(
            (movement.started_on, movement.ended_on), (other.started_on, other.ended_on)
        ):
            raise MemberRefused(_("In this time another movement in the same direction is entered already."))
        for side in ("home_organization_id", "host_organization_id"):
            here, there = getattr(movement, side), getattr(other, side)
            if here and there and here != there and not movement.ended_on and not other.ended_on:
                raise MemberRefused(_("A member has one home and one host organization at a time. Please compare with"
                                      " the other open movement."))  # fmt: skip


def _in_reach(organization: Organization) -> bool:
    return access.may(Right.CHANGE_MEMBERS, organization)


@contextmanager
def _one_neutral_refusal() -> Iterator[None]:
    """Constraints and policies see hidden rows: whatever the database refuses becomes one sentence, all undone."""
    try:
        with transaction.atomic():
            yield
    except ValidationError as problem:
        raise MemberRefused(" ".join(problem.messages)) from None
    except (IntegrityError, ProgrammingError):
        raise MemberRefused(
            _("This could not be saved. Please check the entries, or ask your superior office to check them.")
        ) from None
