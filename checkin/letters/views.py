"""Pages for printing: letters, all points of an office at once, and the street's drawing. For logged-in staff."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from checkin.letters import services
from checkin.letters.forms import ONE_PDF, DrawingForm, PrintForm, streets_in_charge, too_many
from checkin.letters.models import LetterVersion, StandardDrawing
from checkin.models import CheckinPoint
from checkin.paper.as_pdf import pdf_of
from checkin.printing import Print, page_file, pages_of, zip_of
from portal import access
from portal.downloads import file_response
from portal.models import Organization
from portal.roles import Right

# Points in one file: what a worker draws in about ten seconds. `manage.py make_posters` knows no limit.
MOST = {"pdf": 300, "svg": 300, "png": 30}


@require_safe
def letter(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """The letter of one point as a file, in the version in force or in the one that `version` names."""
    points = CheckinPoint.objects.visible_to(access.actor(), Right.VIEW_MEMBERS)
    found = points.select_related("organization").prefetch_related("codes").filter(pk=pk)
    pages = pages_of(found, Print.LETTER, _old_wording(request))
    if not pages:
        raise Http404
    name = f"{pages[0][1].title} {pages[0][0].name}.{kind}"
    return file_response(name, page_file(pages[0][1], kind), is_saved="download" in request.GET)


def _old_wording(request: HttpRequest) -> Any:
    asked = request.GET.get("version")
    if asked is None:
        return None
    versions = LetterVersion.objects.visible_to(access.actor()).select_related("organization")
    try:
        return versions.get(pk=uuid.UUID(asked)).wording
    except (ValueError, LetterVersion.DoesNotExist):
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
def print_points(request: HttpRequest) -> HttpResponse:
    """Posters or letters of all points at or below an organization, as one PDF or a ZIP."""
    access.require(Right.VIEW_MEMBERS)
    form = PrintForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _all_points(**form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return _page(request, "checkin/letters/print.html", title=_("Print posters and letters"), form=form)


def _all_points(*, organization: Organization, what: str, kind: str) -> HttpResponse:
    """The file. Raises ValidationError when there is no point, or more than one answer can hold."""
    points = CheckinPoint.objects.visible_to(access.actor(), Right.VIEW_MEMBERS)
    below = points.filter(is_active=True, organization__path__descendants=organization.path)
    rows = below.order_by("organization__path", "name", "pk")[: MOST[kind] + 1]
    pages = pages_of(rows.select_related("organization").prefetch_related("codes"), what)
    if len(pages) > MOST[kind]:
        raise ValidationError(too_many(MOST[kind]))
    if not pages:
        raise ValidationError(_("There is no check-in point in use here."))
    name = f"{organization} {Print(what).label}"
    if kind == ONE_PDF:
        return file_response(f"{name}.pdf", pdf_of([page for _point, page in pages]))
    return file_response(f"{name} {kind.upper()}.zip", zip_of(pages, kind))


@require_http_methods(["GET", "HEAD", "POST"])
def drawing(request: HttpRequest) -> HttpResponse:
    """Upload the street's drawing, or take it away."""
    access.require(Right.RUN_CHECKIN)
    form = DrawingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _carried_out(form, is_removal="remove" in request.POST))
            return redirect("checkin:drawing")
        except ValidationError as refusal:
            form.add_error("file", refusal)
    streets = list(streets_in_charge())
    kept = StandardDrawing.objects.filter(organization__in=streets).select_related("organization")
    return _page(
        request, "checkin/letters/drawing.html", title=_("Standard drawing"), form=form,
        has_street=bool(streets), drawings=kept.order_by("organization__path").defer("png"),
    )  # fmt: skip


def _carried_out(form: DrawingForm, *, is_removal: bool) -> str:
    street, file = form.cleaned_data["organization"], form.cleaned_data["file"]
    if is_removal:
        services.remove_drawing(street=street, by=access.actor())
        return _("Posters and letters are printed without a drawing.")
    if not file:
        raise ValidationError(_("Please choose a picture."))
    services.store_drawing(street=street, content=file.read(), by=access.actor())
    return _("The drawing is kept. It stands on new posters and letters, and at the head of the pages.")


@require_safe
def drawing_png(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One street's drawing; 404 alike for absent and out of reach."""
    row = StandardDrawing.objects.visible_to(access.actor(), Right.RUN_CHECKIN).filter(pk=pk).first()
    if row is None:
        raise Http404
    return file_response("drawing.png", bytes(row.png), is_saved=False)


@require_safe
def head_drawing(request: HttpRequest) -> HttpResponse:
    """What stands at the head of the actor's pages: the drawing of the own street, or the portal's own sign.

    A picture of its own, kept by the browser for ten minutes, so that no page waits for it.
    """
    row = services.drawing_at_head()
    if row is None:
        response: HttpResponse = redirect(static("portal/icon.svg"))
    else:
        response = HttpResponse(bytes(row.png), content_type="image/png")
    response["Cache-Control"] = "private, max-age=600"
    return response


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context)
