"""The table in which many contacts are logged at once (批量登记联系)."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from contacts.bulk import Entry, duties_to_log, log_many
from contacts.forms import BulkContactForm, PasteForm
from contacts.logbook.pasting import MOST_LINES, Pasted, read_file, read_sheet
from contacts.models import ContactObligation, Liaison, LiaisonAssignment
from contacts.querysets import acts_as_liaison, assigned_to
from contacts.services import access_liaison
from members.ledger.messages import refusal_text
from members.ledger.workbook import LedgerRefused
from members.models import Member
from portal import access
from portal.pagination import CappedPaginator
from portal.roles import Right

ON_A_PAGE = 50


@dataclass
class Line:
    """One row of the table: a duty, whether it is ticked, and what is typed about it."""

    duty: ContactObligation
    is_ticked: bool
    form: BulkContactForm
    hint: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def log_table(request: HttpRequest) -> HttpResponse:
    """Tick many people, change the exceptions, save once. `liaison` in the address: those of one liaison, logged on
    this liaison's behalf; `q`: a name; `all`: everybody on the page is ticked."""
    actor = access.actor()
    _must_log(actor)
    liaison = access_liaison(actor, request.GET["liaison"]) if request.GET.get("liaison") else None
    duties, name = _duties(actor, liaison), request.GET.get("q", "").strip()
    found = duties.filter(member__in=Member.objects.named_like(name)) if name else duties
    page = CappedPaginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        wanted = _ticked(request, actor, liaison)
        lines = [_line(duty, request.POST, is_ticked=True) for duty in wanted]
        if lines and all(line.form.is_valid() for line in lines):
            return _saved(request, actor, lines, liaison)
        told = gettext("Please check the marked rows.") if lines else gettext("Please tick at least one person.")
        messages.error(request, gettext("Nothing is saved yet. %(why)s") % {"why": told})
        chosen = {line.duty.pk: line for line in lines}
        lines = [chosen.pop(duty.pk) if duty.pk in chosen else _line(duty, None, is_ticked=False) for duty in page]
        lines = [*chosen.values(), *lines]
    else:
        lines = [_line(duty, None, is_ticked="all" in request.GET) for duty in page]
    return TemplateResponse(request, "contacts/log_table.html", _context(request, actor, lines, page, liaison))


@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """A sheet of visits fills the table in. Nothing is stored before the table is saved; a line that may mean several
    people shows them all, without a tick."""
    actor = access.actor()
    _must_log(actor)
    form = PasteForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            pasted = read_file(file.read(), by=actor) if file else read_sheet(form.cleaned_data["sheet"], by=actor)
        except LedgerRefused as refusal:
            form.add_error("file" if file else "sheet", _refusal(refusal.code))
        else:
            lines, unplaced = _pasted_lines(pasted)
            shown = _context(request, actor, lines, None, None) | {"unplaced": unplaced, "is_pasted": True}
            return TemplateResponse(request, "contacts/log_table.html", shown)
    context = admin.site.each_context(request) | {
        "title": gettext("Paste a sheet of visits"), "form": form, "opts": ContactObligation._meta,
        "app_label": "contacts",
    }  # fmt: skip
    return TemplateResponse(request, "contacts/paste.html", context)


def _refusal(code: str) -> str:
    if code == "too_many_rows":
        return gettext("At most %(count)d rows at a time.") % {"count": MOST_LINES}
    return gettext("No row names anybody.") if code == "empty" else refusal_text(code)


def _pasted_lines(pasted: list[Pasted]) -> tuple[list[Line], list[tuple[Pasted, str]]]:
    """Rows of the table, and lines that have none with the reason."""
    lines: dict[Any, Line] = {}
    unplaced = []
    for one in pasted:
        free = [duty for duty in one.found if duty.pk not in lines]
        if not free:
            twice = gettext("stands twice: paste this row again after saving")
            unplaced.append((one, twice if one.found else gettext("nobody among your people")))
        for duty in free:
            form = BulkContactForm(prefix=str(duty.pk), person=duty.member.name, initial=one.details)
            several = gettext("several people of this name: please tick the right one")
            doubt = several if len(one.found) > 1 else gettext("the number is another one: please check, then tick")
            lines[duty.pk] = Line(duty, one.is_clear, form, "" if one.is_clear else doubt)
    return list(lines.values()), unplaced


def _must_log(actor: access.Actor) -> None:
    if not (access.granted_nodes(Right.LOG_CONTACTS) or (acts_as_liaison(actor) and assigned_to(actor).exists())):
        raise PermissionDenied


def _duties(actor: access.Actor, liaison: Liaison | None) -> Any:
    rows = duties_to_log(actor).with_state(timezone.localdate())
    if liaison is None:
        return rows
    held = LiaisonAssignment.objects.open().filter(liaison=liaison, is_primary=True)
    return rows.filter(member__in=held.values("member_id"), organization=F("member__organization"))


def _ticked(request: HttpRequest, actor: access.Actor, liaison: Liaison | None) -> list[ContactObligation]:
    """The ticked duties, in the order of the table. Raises Http404 when one of them is not there to log for."""
    try:
        wanted = {uuid.UUID(pk) for pk in request.POST.getlist("row")}
    except ValueError:
        raise Http404 from None
    if len(wanted) > MOST_LINES:
        raise Http404
    found = list(_duties(actor, liaison).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise Http404
    return found


def _line(duty: ContactObligation, data: Any, *, is_ticked: bool) -> Line:
    return Line(duty, is_ticked, BulkContactForm(data, prefix=str(duty.pk), person=duty.member.name))


def _saved(request: HttpRequest, actor: access.Actor, lines: list[Line], liaison: Liaison | None) -> HttpResponse:
    on_behalf: dict[str, Any] = {} if liaison is None or liaison.user_id == actor.user_id else {"liaison": liaison}
    entries: list[Entry] = [(line.duty, {**line.form.cleaned_data, **on_behalf}) for line in lines]  # type: ignore[typeddict-item]
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    try:
        count = log_many(entries, by=actor, key=key)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(request.get_full_path())
    told = ngettext("%(count)d contact is logged.", "%(count)d contacts are logged.", count)
    messages.success(request, told % {"count": count})
    kept = {name: request.GET[name] for name in ("liaison", "q") if request.GET.get(name)}
    return redirect(f"{reverse('contacts:log_table')}?{urlencode(kept)}" if kept else reverse("contacts:log_table"))


def _context(
    request: HttpRequest, actor: access.Actor, lines: list[Line], page: Any, liaison: Liaison | None
) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in ("liaison", "q") if request.GET.get(name)}
    options = ContactObligation._meta
    return admin.site.each_context(request) | {
        "title": gettext("Log many contacts"),
        "lines": lines,
        "page": page,
        "liaison": liaison,
        "liaisons": _liaisons(actor),
        "query": urlencode(kept),
        "key": uuid.uuid4(),
        "opts": options,
        "app_label": options.app_label,
    }


def _liaisons(actor: access.Actor) -> list[Liaison]:
    rows = Liaison.objects.active().looking_after().visible_to(actor, Right.LOG_CONTACTS)
    return list(rows.select_related("organization").order_by("organization__code", "name", "id"))
