"""What the views of administration share: who may open them, and the frame of their pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from portal import access
from portal.roles import Right

PER_PAGE = 50


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """These pages exist for nobody but those who may give access somewhere. GET and POST."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if access.current() is None or not access.may(Right.GRANT_ACCESS):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def page(request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
    """One of the templates in portal/administration/, in the frame of the staff pages."""
    return TemplateResponse(
        request, f"portal/administration/{template}.html", admin.site.each_context(request) | {"title": title} | context
    )


def confirm(request: HttpRequest, title: Any, **context: Any) -> HttpResponse:
    """The page before something is done: `lines` of what will happen, `button`, the way `back`, maybe a `refusal`."""
    return page(request, "confirm", title, **context)


def one_page(request: HttpRequest, rows: Any) -> Page:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
