"""What the office does with what members send in: look, take over, or not. Each is decided once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.own_page.enums import RequestKind, RequestState
from checkin.own_page.models import MemberRequest
from contacts.models import ContactLog
from members.masks import mask_mobile
from members.models import Member
from members.revealing import TooMany
from members.services import MemberRefused, change_member
from portal import access, limits
from portal.history import from_source
from portal.models import AuditEntry
from portal.roles import Right

FIELDS = {RequestKind.MOBILE: "mobile", RequestKind.ADDRESS: "current_address"}
"""What of the file a request of this kind changes once it is taken over."""


def requests_of(actor: access.Actor, *, waiting: bool) -> models.QuerySet[MemberRequest]:
    """What came in at the actor's offices: to look at (the oldest first), or dealt with (the latest first)."""
    rows = MemberRequest.objects.visible_to(actor).select_related("member__organization")
    if waiting:
        return rows.waiting().order_by("made_at", "id")
    return rows.exclude(state=RequestState.WAITING).order_by("-decided_at", "id")


def access_request(actor: access.Actor, pk: Any) -> MemberRequest:
    """One of them. Raises Http404 for absent ones and everybody else's alike."""
    try:
        return MemberRequest.objects.visible_to(actor).select_related("member__organization").get(pk=pk)
    except (MemberRequest.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def words_of(request: MemberRequest) -> str:
    """What the member wrote; of a number only the mask."""
    if request.kind == RequestKind.MESSAGE:
        log = ContactLog.objects.filter(pk=request.pk, member=request.member_id).first()
        if log is None:
            return ""
        log.member = request.member  # its key opens the note
        return log.note
    return mask_mobile(request.text) if request.kind == RequestKind.MOBILE else request.text


def show_number(*, request: MemberRequest, by: access.Actor) -> str:
    """The new number in full, to be called before it is taken over; recorded, and counted with all full numbers.

    Raises PermissionDenied without the right, TooMany beyond the hour's number.
    """
    access.must_act(by)
    access.require(Right.REVEAL_IDENTITY, request.member.organization)
    if not limits.may_reveal_more(str(by)):
        raise TooMany
    AuditEntry.objects.create(
        actor=str(by), action="reveal", organization=request.member.organization, object_type="members.member",
        object_id=request.member_id, detail={"field": "mobile", "reason": "check"},
    )  # fmt: skip
    return request.text


@transaction.atomic
def take_over(*, request: MemberRequest, by: access.Actor) -> None:
    """Accept: the file is changed where the request changes it. Raises ValidationError when it was decided already."""
    _decide(request, RequestState.DONE, by)
    field = FIELDS.get(RequestKind(request.kind))
    if field:
        member = Member.objects.select_related("organization").get(pk=request.member_id)
        try:
            with from_source("own_page", request.pk):
                change_member(member=member, values={field: request.text}, by=by)
        except MemberRefused as refusal:
            raise ValidationError(str(refusal)) from None
    AuditEntry.objects.create(
        actor=str(by), action="own_request_done", organization=request.member.organization, object_type="member",
        object_id=request.member_id, detail={},
    )  # fmt: skip


@transaction.atomic
def decline(*, request: MemberRequest, by: access.Actor) -> None:
    """Do not take it over. Raises ValidationError when it was decided already."""
    _decide(request, RequestState.DECLINED, by)
    AuditEntry.objects.create(
        actor=str(by), action="own_request_declined", organization=request.member.organization, object_type="member",
        object_id=request.member_id, detail={},
    )  # fmt: skip


def _decide(request: MemberRequest, state: str, by: access.Actor) -> None:
    access.must_act(by)
    access.require(Right.CHANGE_MEMBERS, request.member.organization)
    decided = MemberRequest.objects.filter(pk=request.pk, state=RequestState.WAITING).update(
        state=state, decided_at=timezone.now(), decided_by=by.user_id
    )
    if not decided:
        raise ValidationError(_("This has been dealt with already."))
