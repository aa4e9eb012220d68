"""Staff pages about report-ins beside the queue: the counter, the paper form, photographs of signed forms."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checkin.conversion import home_shown
from checkin.enums import BY_STAFF
from checkin.models import ReportIn, SignedForm
from checkin.queue import counter, paper, photos
from checkin.queue.forms import CounterForm, offices_in_reach
from checkin.submissions import find_homes
from members.revealing import TooMany
from portal import access
from portal.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Write down somebody who came in person."""
    access.require(Right.RUN_CHECKIN)
    actor, homes = access.actor(), []
    if request.method != "POST":
        form = CounterForm(initial={"client_key": uuid.uuid4()})
    elif request.POST.get("step") == "find":
        form = CounterForm(initial=request.POST.dict())
        homes = find_homes(request.POST.get("home", ""))
    else:
        form = CounterForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            row = counter.take_in(
                organization=given["organization"], client_key=given["client_key"], given=given, by=actor,
                filled_on=given["filled_on"],
            )  # fmt: skip
            messages.success(request, _("Written down. Please print the form and let the person sign it."))
            return redirect("admin:checkin_reportin_change", row.pk)
    searched = request.POST.get("step") == "find"
    return _page(request, "checkin/take_in.html", title=_("Registration at the counter"), form=form, homes=homes,
                 searched=searched)  # fmt: skip


@require_safe
def blank_form(request: HttpRequest) -> HttpResponse:
    """The form to be filled in by hand, with the name of the clerk's office where there is only one."""
    access.require(Right.RUN_CHECKIN)
    offices = list(offices_in_reach()[:2])
    office = offices[0].formal_name if len(offices) == 1 else ""
    return _pdf(paper.PaperForm(office=office, demo=settings.DEMO))


@require_POST
def printed_form(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The form with what is entered, full numbers included, for the signature."""
    row = _row(pk)
    refused = _counted(request, lambda: counter.form_printed(report_in=row, by=access.actor()))
    if refused is not None:
        return refused
    branch = " ".join(filter(None, (row.branch_contact, row.branch_phone)))
    proxy = " ".join(filter(None, (row.proxy_name, row.proxy_relation, row.proxy_phone)))
    occupation = "" if row.occupation == "否" else row.occupation
    return _pdf(
        paper.PaperForm(
            office=row.organization.formal_name, receipt=row.receipt, name=row.name, mobile=row.mobile,
            home=home_shown(row), branch=branch, since=row.since, occupation=occupation, id_tail=row.id_tail,
            proxy=proxy, on=row.submitted_on if row.way in BY_STAFF else None, demo=settings.DEMO,
        )
    )  # fmt: skip


@require_POST
def add_photo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep a photograph of the signed form."""
    row, file = _row(pk), request.FILES.get("photo")
    if file is None or (file.size or 0) > photos.MOST_BYTES:
        messages.error(request, _("Please choose a picture of at most 8 MB."))
        return redirect("admin:checkin_reportin_change", row.pk)
    try:
        counter.add_photo(report_in=row, content=file.read(), by=access.actor())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The photograph is kept."))
    return redirect("admin:checkin_reportin_change", row.pk)


@require_POST
def show_photo(request: HttpRequest, pk: uuid.UUID, photo: uuid.UUID) -> HttpResponse:
    """A photograph; recorded, like a full number."""
    row = _row(pk)
    form = SignedForm.objects.select_related("report_in__organization").filter(report_in=row, pk=photo).first()
    if form is None:
        raise Http404
    answer: list[bytes] = []
    refused = _counted(request, lambda: answer.append(counter.open_photo(signed_form=form, by=access.actor())))
    return refused or _file(answer[0], "image/jpeg", f"{row.receipt}.jpg")


def _row(pk: uuid.UUID) -> ReportIn:
    """The report-in, if it is in the current actor's queues. Raises Http404 alike for absent and out of scope."""
    row = ReportIn.objects.visible_to(access.actor()).select_related("organization").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _counted(request: HttpRequest, act: Callable[[], object]) -> HttpResponse | None:
    try:
        act()
    except TooMany:
        return HttpResponse(_("You have opened many full numbers in this hour"), status=429)
    return None


def _pdf(form: paper.PaperForm) -> HttpResponse:
    return _file(paper.form_pdf(form), "application/pdf", "form.pdf")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"opts": ReportIn._meta}
    return TemplateResponse(request, template, shared | context)
