"""Pages of a check-in point beside its form: the poster, and taking its code out of use. For logged-in staff."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from checkin import services
from checkin.models import CheckinPoint
from checkin.printing import FORMATS, Print, page_file, pages_of, public_address
from checkin.sharing import point_text
from portal import access
from portal.downloads import file_response
from portal.roles import Right


def _point(pk: uuid.UUID) -> CheckinPoint:
    """The point, if the current actor may see it. Raises Http404 alike for absent and out of scope."""
    points = CheckinPoint.objects.visible_to(access.actor(), Right.VIEW_MEMBERS)
    try:
        return points.select_related("organization").prefetch_related("codes").get(pk=pk)
    except CheckinPoint.DoesNotExist:
        raise Http404 from None


@require_safe
def poster_page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Preview of the poster, with the files to print, and what may be done with the code."""
    point = _point(pk)
    code = point.code_in_force
    return _page(
        request,
        "checkin/poster_page.html",
        point,
        title=_("Poster"),
        has_poster=code is not None and point.is_active,
        address=public_address(code) if code else "",
        may_change=access.may(Right.RUN_CHECKIN, point.organization),
        kinds=list(FORMATS),
        copy_text=point_text(point),
    )


@require_safe
def poster(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """The poster as a file; 404 for a point that has no code in force."""
    point = _point(pk)
    pages = pages_of([point], Print.POSTER)
    if not pages:
        raise Http404
    name = _("Poster %(point)s") % {"point": point.name}
    content = page_file(pages[0][1], kind)
    return file_response(f"{name}.{kind}", content, is_saved="download" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
def renew_code(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, then put a new code in force."""
    point = _changeable(pk)
    if request.method == "POST":
        services.renew_code(point=point, by=access.actor())
        messages.success(request, _("The new code is in force. Please print the new poster and take the old one down."))
        return redirect("checkin:poster_page", pk=point.pk)
    return _page(request, "checkin/code_confirmation.html", point, title=_("Put a new code in force"), is_renewal=True)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_code(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, then take the code out of use."""
    point = _changeable(pk)
    code = point.code_in_force
    if code is None:
        raise Http404
    if request.method == "POST":
        services.revoke_code(code=code, by=access.actor())
        messages.success(request, _("The code is out of use."))
        return redirect("checkin:poster_page", pk=point.pk)
    return _page(request, "checkin/code_confirmation.html", point, title=_("Take the code out of use"))


def _changeable(pk: uuid.UUID) -> CheckinPoint:
    point = _point(pk)
    access.require(Right.RUN_CHECKIN, point.organization)
    return point


def _page(request: HttpRequest, template: str, point: CheckinPoint, **context: Any) -> HttpResponse:
    options = CheckinPoint._meta
    shared = admin.site.each_context(request) | {"point": point, "opts": options, "original": point}
    return TemplateResponse(request, template, shared | context)
