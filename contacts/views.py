"""The page on which a contact is logged: who, how to call, what was said before, one form."""

import uuid
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.arranging import decisions_about, may_decide
from contacts.enums import VISITING, DecisionKind, Side, Standing
from contacts.forms import ContactForm
from contacts.models import ContactLog, ContactObligation, LiaisonAssignment, ThoughtNote
from contacts.needs.forms import NeedPart, need_part, save_boxes
from contacts.querysets import acts_as_liaison, assigned_to
from contacts.services import log_once, may_log
from contacts.two_sides import is_own_side, other_side_contacts
from contacts.work_links import number_to_call
from members import revealing
from members.models import Member, Movement
from portal import access, crypto
from portal.roles import Right

LATEST = 5
SHOWN_SECONDS = 600  # long enough for a call; then the number is hidden again


def access_own_member(actor: access.Actor, pk: uuid.UUID) -> Member:
    """The member, if the actor sees it by a right on a node or as its liaison. Raises Http404 otherwise."""
    placed = Member.objects.visible_to(actor).filter(pk=pk).values("pk")
    own: Any = assigned_to(actor) if acts_as_liaison(actor) else Member.objects.none().values("pk")
    try:
        linked = Member.objects.filter(pk__in=own, same_as__isnull=False).values("same_as")
        reach = Member.objects.filter(Q(pk__in=placed) | Q(pk__in=own) | Q(pk__in=linked), same_as=None)
        return reach.select_related("organization").get(pk=pk)
    except Member.DoesNotExist:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Log one contact with a member, then go back to where one came from (`next`)."""
    actor = access.actor()
    member = access_own_member(actor, pk)
    if not may_log(member, actor):
        raise PermissionDenied
    if request.method == "POST" and "call" in request.POST:
        return _with_number(request, member, actor)
    form = ContactForm(request.POST or None, member=member, actor=actor)
    part = need_part(request.POST or None, member, actor)
    if request.method == "POST" and form.is_valid() & part.is_valid():
        try:
            details = form.details() | {"key": own_key(form, actor, member.pk)}
            saved = log_once(member=member, by=actor, then=partial(save_boxes, typed=(form, part), by=actor), **details)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _told(member, saved))
            return redirect(back(request))
    return TemplateResponse(request, "contacts/log.html", _page(request, member, (form, part), actor))


def _with_number(request: HttpRequest, member: Member, actor: access.Actor) -> HttpResponse:
    """The page again, with the number that the liaison calls: once, as a full number shown elsewhere."""
    mobile, why_not = number_to_call(member, actor)
    empty = ContactForm(member=member, actor=actor), need_part(None, member, actor)
    shown = _page(request, member, empty, actor)
    response = TemplateResponse(request, "contacts/log.html", shown | {"mobile": mobile, "why_not": why_not})
    response["Refresh"] = f"{SHOWN_SECONDS}; url={request.get_full_path()}"
    return response


def own_key(form: ContactForm, actor: access.Actor, subject: uuid.UUID) -> uuid.UUID:
    """The record's id: of this form, this person and this member, so that nobody can aim at another row's."""
    named = "\0".join([str(actor), str(subject), str(form.cleaned_data["key"] or uuid.uuid4())])
    return uuid.UUID(bytes=crypto.digest("contact form", named)[:16])


def _told(member: Member, saved: ContactLog) -> str:
    duty = ContactObligation.objects.open().filter(member=member, side=saved.side).first()
    if duty is None:
        return _("The contact with %(name)s is logged.") % {"name": member.name}
    return _("The contact with %(name)s is logged. Next due: %(day)s.") % {
        "name": member.name,
        "day": duty.due_on.isoformat(),
    }


def back(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:contacts_contactobligation_changelist")


def _page(
    request: HttpRequest, member: Member, typed: tuple[ContactForm, NeedPart], actor: access.Actor
) -> dict[str, Any]:
    options = ContactObligation._meta
    return admin.site.each_context(request) | {
        "title": _("Log contact"),
        "subtitle": member.name,
        "member": member,
        "form": typed[0],
        "need_part": typed[1],
        "back": back(request),
        "may_log": True,
        "calls": bool(member.mobile_digest) and revealing.is_caller(member, actor),
        "opts": options,
        "app_label": options.app_label,
        **about(member, actor),
    }


def about(member: Member, actor: access.Actor) -> dict[str, Any]:
    """Liaison, duties of each side and the latest contacts: for this page and the member's card."""
    files = [member, *member.linked_files]  # with those of its own side that were linked to it
    latest = ContactLog.objects.visible_to(actor).current().filter(member__in=files)
    latest = latest.select_related("liaison", "recorded_by")[:LATEST]
    thoughts = ThoughtNote.objects.visible_to(actor).filter(member__in=files).select_related("contact__liaison")
    thoughts = thoughts.order_by("-contact__contacted_on", "-contact__recorded_at")[:LATEST]
    for row in (*latest, *thoughts):
        row.member = next(file for file in files if file.pk == row.member_id)  # holds the key that opens the note
    open_ones = ContactObligation.objects.current().filter(member=member).with_state(timezone.localdate())
    duties = list(open_ones.select_related("organization").order_by("side"))
    places = _places_outside(member)
    for duty in duties:
        duty.is_ours = is_own_side(actor, member, duty.organization)  # of the other side: no due date
        duty.place = places.get(duty.side, "") if duty.is_ours else ""
    looking_after = LiaisonAssignment.objects.open().filter(member=member).exclude(liaison__kind__in=VISITING)
    assigned = list(looking_after.select_related("liaison").order_by("started_on", "id"))
    of_side = LiaisonAssignment.objects.open().filter(member__in=files[1:], is_primary=True).select_related("liaison")
    return {
        "latest": list(latest),
        "thoughts": list(thoughts),
        "others": other_side_contacts([member.pk]).get(member.pk, [])[:LATEST],
        "duties": duties,
        "decisions": decisions_about(member, actor),
        "may_arrange": any(_may_arrange(duty) for duty in duties),
        "may_write": access.may(Right.LOG_CONTACTS, member.organization),
        "assignment": next((row for row in assigned if row.is_primary), None),
        "deputies": [row.liaison.name for row in assigned if not row.is_primary],
        "side_assignments": list(of_side.select_related("liaison__organization")) if files[1:] else [],
        # the managing side's liaison is not the other side's business
        "shows_liaison": is_own_side(actor, member, member.organization),
    }


def _may_arrange(duty: ContactObligation) -> bool:
    is_fixed = duty.standing == Standing.OUTSIDE or duty.side == Side.MEMBER
    return not is_fixed and may_decide(DecisionKind.PAUSE, duty.organization)


def _places_outside(member: Member) -> dict[str, str]:
    """What is written about the sides that are no organization on the portal, by side."""
    rows: Any = Movement.objects.filter(member=member, ended_on="").values("home_text", "host_text")
    return {
        side: row[f"{side}_text"] for row in rows for side in (Side.HOME.value, Side.HOST.value) if row[f"{side}_text"]
    }
