"""Pages of one transfer: choose where to, propose, take over, send back, withdraw, end a side, move inside a street."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from members import transfers
from members.admin.transfer_labels import handed, person_label
from members.enums import Direction, TransferKind
from members.models import Member, Movement, Transfer, access_member
from members.services import MemberRefused
from members.transfer_forms import KEEPERS, EndForm, MoveForm, OutsideForm, ProposeForm, ReasonForm
from portal import access
from portal.models import Organization
from portal.roles import Right

MOST_FOUND = 50


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    options = Transfer._meta
    frame = admin.site.each_context(request) | {"title": title, "opts": options, "app_label": options.app_label}
    return TemplateResponse(request, f"admin/members/transfer/{template}.html", frame | context)


def _managed(pk: uuid.UUID) -> Member:
    """A visible member whose file the actor may hand on; 404 out of sight, 403 for the other side's file."""
    member = access_member(access.actor(), pk)
    access.require(Right.CHANGE_MEMBERS, member.organization)
    return member


def _list_address(tab: str) -> str:
    return f"{reverse('admin:members_transfer_changelist')}?tab={tab}"


def _run(request: HttpRequest, form: forms.Form, write: Callable[[], Any]) -> Any:
    """The written row where the form was sent and holds; a refusal becomes an error of the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return write()
    except MemberRefused as refusal:
        form.add_error(None, str(refusal))
        return None


def overview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What can be done with one member: the ways to hand on, open offers, sides to end."""
    member = _managed(pk)
    away = list(member.movements.filter(ended_on="").select_related("home_organization", "host_organization"))
    for movement in away:
        movement.member = member
    open_sides = {movement.direction for movement in away if transfers.other_side(movement) is None}
    ways = [kind for kind, direction in transfers.DIRECTION_OF.items() if direction in open_sides]
    offers = Transfer.objects.visible_to(access.actor()).filter(member=member, state="proposed")
    return _page(
        request, "overview", _("Transfer %(name)s") % {"name": member.name}, member=member,
        ways=[(kind.value, _way(kind)) for kind in [*ways, TransferKind.MANAGE]],
        offers=offers.select_related("to_organization"),
        sides=[(movement, transfers.other_side(movement)) for movement in away if transfers.other_side(movement)],
        may_move=_may_move(member),
    )  # fmt: skip


def move_tool(member: Member) -> tuple[str, str] | None:
    """On the card: move inside the street."""
    if not access.may(Right.CHANGE_MEMBERS, member.organization) or not _may_move(member):
        return None
    return _("Move to another community"), reverse("admin:members_transfer_move", args=[member.pk])


def transfer_tool(member: Member) -> tuple[str, str] | None:
    """On the card: hand a side or the file to others; or end the own side of a file that others keep."""
    if access.may(Right.CHANGE_MEMBERS, member.organization):
        return _("Transfer"), reverse("admin:members_transfer_of", args=[member.pk])
    away = member.movements.filter(ended_on="").select_related("home_organization", "host_organization")
    for movement in away if access.may(Right.CHANGE_MEMBERS) else []:
        movement.member = member
        other = transfers.other_side(movement)
        if other and access.may(Right.CHANGE_MEMBERS, other):
            return _("End our side"), reverse("admin:members_transfer_end", args=[movement.pk])
    return None


def _way(kind: str) -> str:
    return {
        TransferKind.HOST: _("Ask the organization where the member lives now to take the host side"),
        TransferKind.HOME: _("Ask the organization of the membership to take the home side"),
        TransferKind.MANAGE: _("Hand the whole file over to another organization"),
    }[TransferKind(kind)]


def _may_move(member: Member) -> bool:
    return bool(MoveForm(leave_out=member.organization).fields["organization"].queryset.exists())  # type: ignore[attr-defined]


def _kind(text: str) -> TransferKind:
    try:
        return TransferKind(text)
    except ValueError:
        raise Http404 from None


def choose(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Where to: by steps down the tree, or by name or code. Names of offices are public."""
    member, wanted = _managed(pk), _kind(kind)
    term, above = request.GET.get("q", "").strip(), _node(request.GET.get("under", ""))
    if "\0" in term:
        raise Http404
    nodes = Organization.objects.filter(is_active=True)
    if term:
        named = Q(name__icontains=term) | Q(short_name__icontains=term) | Q(party_name__icontains=term)
        found = nodes.filter(named | Q(code__startswith=term), kind__in=KEEPERS)
    else:
        found = nodes.filter(parent=above)
    shown = list(found.select_related("parent__parent").order_by("code")[: MOST_FOUND + 1])
    return _page(
        request, "choose", _("Where to?"), member=member, kind=wanted, way=_way(wanted), term=term, above=above,
        line=list(Organization.objects.above(above)) if above else [], more=term and len(shown) > MOST_FOUND,
        found=[(node, node.kind in KEEPERS and node != member.organization) for node in (
            shown[:MOST_FOUND] if term else _all(found))],
    )  # fmt: skip


def _all(found: QuerySet[Organization]) -> list[Organization]:
    return list(found.select_related("parent").order_by("code")[:500])


def _node(text: str) -> Organization | None:
    try:
        return Organization.objects.filter(pk=uuid.UUID(text), is_active=True).first() if text else None
    except ValueError:
        return None


def propose(request: HttpRequest, pk: uuid.UUID, kind: str, target: uuid.UUID) -> HttpResponse:
    """Name both ends, say what the other side will read, then ask."""
    member, wanted = _managed(pk), _kind(kind)
    to = Organization.objects.filter(pk=target, is_active=True, kind__in=KEEPERS).first()
    if to is None:
        raise Http404
    form = ProposeForm(request.POST or None)
    at_once = access.may(Right.CHANGE_MEMBERS, to)

    def write() -> Transfer:
        note = form.cleaned_data["note"]
        return transfers.propose_transfer(member=member, kind=wanted, to=to, by=access.actor(), note=note)

    if _run(request, form, write):
        told = _("%(name)s: done, now with %(to)s.") if at_once else _("%(name)s is proposed to %(to)s.")
        messages.success(request, told % {"name": member.name, "to": to})
        return redirect("admin:members_member_card", member.pk) if at_once else redirect(_list_address("sent"))
    ends = {"name": member.name, "from": member.organization, "to": to}
    lines = [f"{_way(wanted)}。", _("%(name)s: from %(from)s to %(to)s.") % ends]
    if not at_once:
        lines.append(
            _("Until %(to)s accepts, it reads only: name, gender, birth year, the last digits of the mobile number, "
              "the organization that proposes, and your note. It may send the offer back.") % ends
        )  # fmt: skip
    if wanted == TransferKind.MANAGE:
        lines.append(_after_hand_over() % ends)
    back = reverse("admin:members_transfer_choose", args=[member.pk, wanted])
    return _page(request, "form", _("Propose a transfer"), form=form, lines=lines, button=_("Propose"), back=back)


def _after_hand_over() -> str:
    return _(
        "Then %(to)s keeps the file; %(from)s does not see it any more, unless it stays the other side. The liaison of "
        "%(from)s is released; contact records stay with who made them."
    )


def outside(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """The other end is not on the portal: noted at once."""
    member, wanted = _managed(pk), _kind(kind)
    form = OutsideForm(request.POST or None, kind=wanted)

    def write() -> Transfer:
        given = dict(form.cleaned_data)
        ending = (given["state"], given["ended_on"].isoformat()) if wanted == TransferKind.MANAGE else None
        return transfers.transfer_outside(
            member=member, kind=wanted, to=given["to"], by=access.actor(), note=given["note"], ending=ending
        )

    if _run(request, form, write):
        messages.success(request, _("%(name)s: the transfer is noted.") % {"name": member.name})
        return redirect("admin:members_member_card", member.pk)
    lines = [_("%(name)s: from %(from)s to an organization outside the portal.") % {
        "name": member.name, "from": member.organization}]  # fmt: skip
    if wanted == TransferKind.MANAGE:
        lines.append(_("The open movement ends and nobody here has to contact the member any more."))
    back = reverse("admin:members_transfer_choose", args=[member.pk, wanted])
    return _page(request, "form", _("Outside the portal"), form=form, lines=lines, button=_("Save"), back=back)


def _decidable(pk: uuid.UUID, end: str) -> Transfer:
    """The transfer, if the actor works on that end of it; 403 for the other end, 404 out of sight."""
    row = transfers.access_transfer(access.actor(), pk)
    organization = getattr(row, end)
    if organization is None or not access.may(Right.CHANGE_MEMBERS, organization):
        raise PermissionDenied
    return row


def accept(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row, form = _decidable(pk, "to_organization"), forms.Form(request.POST or None)
    if row.state != "proposed":
        return _over(request)
    done = _run(request, _sent(form, request), lambda: transfers.accept_transfer(transfer=row, by=access.actor()))
    if done:
        messages.success(request, _("Taken over from %(from)s.") % {"from": row.from_organization})
        return redirect("admin:members_member_card", row.member_id)
    lines = [*_facts(row), _what_follows(row)]
    return _page(request, "form", _("Take over"), form=form, lines=lines, button=_("Take over"),
                 back=_list_address("waiting"))  # fmt: skip


def _sent(form: forms.Form, request: HttpRequest) -> forms.Form:
    form.is_bound = request.method == "POST"  # a page without fields is sent all the same
    return form


def _over(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("This has been decided or withdrawn meanwhile."))
    return redirect(_list_address("done"))


def _facts(row: Transfer) -> list[str]:
    ends = {"from": row.from_organization, "to": row.target, "kind": row.get_kind_display()}
    note = handed(row).get("note", "")
    return [
        person_label(row),
        _("From %(from)s to %(to)s: %(to)s %(kind)s.") % ends,
        *([_("Note: %(note)s") % {"note": note}] if note else []),
    ]


def _what_follows(row: Transfer) -> str:
    ends = {"from": row.from_organization, "to": row.target}
    if row.kind == TransferKind.MANAGE:
        return _after_hand_over() % ends
    return _(
        "Both organizations then see the one file, which %(from)s keeps. Each makes its own contacts; of the other's "
        "it learns only that contact was made, and when."
    ) % ends  # fmt: skip


def send_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row, form = _decidable(pk, "to_organization"), ReasonForm(request.POST or None)
    if row.state != "proposed":
        return _over(request)

    def write() -> Transfer:
        return transfers.return_transfer(transfer=row, reason=form.cleaned_data["reason"], by=access.actor())

    if _run(request, form, write):
        messages.success(request, _("Sent back to %(from)s.") % {"from": row.from_organization})
        return redirect(_list_address("waiting"))
    lines = [*_facts(row), _("What was handed over is wiped here.")]
    return _page(request, "form", _("Send back"), form=form, lines=lines, button=_("Send back"),
                 back=_list_address("waiting"))  # fmt: skip


def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row, form = _decidable(pk, "from_organization"), forms.Form(request.POST or None)
    if row.state != "proposed":
        return _over(request)
    if _run(request, _sent(form, request), lambda: transfers.withdraw_transfer(transfer=row, by=access.actor())):
        messages.success(request, _("Withdrawn; %(to)s does not see it any more.") % {"to": row.target})
        return redirect(_list_address("sent"))
    return _page(request, "form", _("Withdraw"), form=form, lines=_facts(row), button=_("Withdraw"),
                 back=_list_address("sent"))  # fmt: skip


def end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Either side ends the sharing of a file. 404 out of sight, 403 for somebody who works on neither side."""
    movements = Movement.objects.select_related("member__organization", "home_organization", "host_organization")
    movement = movements.filter(pk=pk).first()
    if movement is None:
        raise Http404
    member = access_member(access.actor(), movement.member_id)
    other = transfers.other_side(movement)
    if not any(access.may(Right.CHANGE_MEMBERS, node) for node in (member.organization, other) if node):
        raise PermissionDenied
    if other is None:
        return _over(request)
    form = EndForm(request.POST or None)
    if _run(request, form, lambda: transfers.end_side(movement=movement, by=access.actor(), **form.cleaned_data)):
        ends = {"name": member.name, "to": other}
        messages.success(request, _("%(to)s no longer shares the file of %(name)s.") % ends)
        if access.may(Right.VIEW_MEMBERS, member.organization):
            return redirect("admin:members_member_card", member.pk)
        return redirect(_list_address("done"))
    side = _("host side") if movement.direction == Direction.OUTFLOW else _("home side")
    lines = [
        _("%(name)s: the file is kept by %(from)s; %(to)s has the %(side)s.") % {
            "name": member.name, "from": member.organization, "to": other, "side": side},
        _("%(to)s then does not see the file any more. Its name stays in the movement as text.") % {"to": other},
    ]  # fmt: skip
    back = reverse("admin:members_member_card", args=[member.pk])
    return _page(request, "form", _("End the sharing"), form=form, lines=lines, button=_("End the sharing"), back=back)


def move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Inside one street: choose the community, done."""
    member = _managed(pk)
    form = MoveForm(request.POST or None, leave_out=member.organization)

    def write() -> bool:
        transfers.move_members(members=[member], organization=form.cleaned_data["organization"], by=access.actor())
        return True

    former = member.organization
    if _run(request, form, write):
        ends = {"name": member.name, "from": former, "to": form.cleaned_data["organization"]}
        messages.success(request, _("%(name)s went from %(from)s to %(to)s.") % ends)
        return redirect("admin:members_member_card", member.pk)
    lines = [
        _("%(name)s is with %(from)s now. Choose the community that keeps the file from today.") % {
            "name": member.name, "from": former},
        _("A liaison of %(from)s is released; the new community names one.") % {"from": former},
    ]  # fmt: skip
    back = reverse("admin:members_member_card", args=[member.pk])
    return _page(
        request, "form", _("Move to another community"), form=form, lines=lines, button=_("Move there"), back=back
    )
